import { type ChildProcess, spawn } from "node:child_process"
import { devNull } from "node:os"
import { fileURLToPath } from "node:url"
import { eventually } from "./helpers.ts"
import { freePort } from "./server.ts"

const API = fileURLToPath(new URL("../../examples/api/src/server.ts", import.meta.url))

/** The example API, as a process of its own. */
export interface Api {
  readonly url: string
  readonly process: ChildProcess
  /** What it has written. */
  readonly output: string
}

/** Resolves when it answers. */
export async function startApi(environment: Readonly<Record<string, string>>): Promise<Api> {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), API], {
    env: {
      ...process.env,
      DOTENV_CONFIG_PATH: devNull,
      HOST: "127.0.0.1",
      PORT: String(port),
      ...environment,
    },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (output += text))
  await eventually("the API answers", () =>
    fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => {
        if (child.exitCode !== null) throw new Error(output)
        return false
      },
    ),
  )
  return {
    url,
    process: child,
    get output() {
      return output
    },
  }
}
