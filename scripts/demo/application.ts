import { spawn } from "node:child_process"
import { devNull } from "node:os"
import { fileURLToPath } from "node:url"
import type { Scope } from "../../test/support/scope.ts"

const TSX = import.meta.resolve("tsx")
const GRACE_MS = 5_000

// Prisma's P2037, which is PostgreSQL's 53300; the clients log each error once.
const REFUSAL = /^Too many database connections opened/gm

/** The environment without variables that would silently change an application's connections. */
const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PG|PRISMA_|DATABASE_URL|DOTENV_)/.test(name)),
)

/** One of the examples, in a separate process. */
export interface Application {
  readonly name: string
  /** The work that it reports as done: "500 missions". */
  readonly done: string
  /** Connections that the server refused it, as it saw them. */
  readonly refusals: number
  /** The end of its output, to show when something went wrong. */
  readonly lastOutput: string
  /** Resolves when it has ended: true if with exit code 0. */
  readonly ended: Promise<boolean>
  /** Asks it to stop, as a container platform does, and waits until it has. */
  stop(): Promise<boolean>
}

export function startApplication(
  scope: Scope,
  name: string,
  file: string,
  environment: Record<string, string>,
): Application {
  scope.signal.throwIfAborted()
  const script = fileURLToPath(new URL(`../../examples/${file}`, import.meta.url))
  const child = spawn(process.execPath, ["--import", TSX, script], {
    // The user of the demo may have an .env file.
    env: { ...INHERITED, DOTENV_CONFIG_PATH: devNull, PRISMA_APPLICATION_NAME: name, ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  }

  const ended = new Promise<boolean>((resolve) => {
    child.once("error", (error) => {
      output += error.message
      resolve(false)
    })
    child.once("close", (code) => resolve(code === 0))
  })
  async function stop() {
    const kill = setTimeout(() => child.kill("SIGKILL"), GRACE_MS)
    child.kill("SIGTERM")
    return ended.finally(() => clearTimeout(kill))
  }
  scope.atEnd(stop)

  return {
    name,
    ended,
    stop,
    get done() {
      return /^(?:imported|exported|answered) (.+)$/m.exec(output)?.[1] ?? ""
    },
    get refusals() {
      return output.match(REFUSAL)?.length ?? 0
    },
    get lastOutput() {
      return output.slice(-2_000)
    },
  }
}
