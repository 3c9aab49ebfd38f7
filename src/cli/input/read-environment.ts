import { resolve } from "node:path"
import { parseEnv } from "node:util"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import { decoded } from "./parse-json.ts"

/** Adds a file's variables to the environment. As with dotenv, variables that are already set take precedence. */
export async function environmentWith(file: string | undefined, io: Io): Promise<Io["env"]> {
  if (file === undefined) return io.env
  try {
    return { ...parseEnv(decoded(await io.files.read(resolve(io.cwd, file)))), ...io.env }
  } catch {
    throw new PoolConfigError([
      {
        name: "--env-file",
        problem: "names a file that cannot be read",
        remedy: "Give the path of a readable file",
      },
    ])
  }
}

/** Adds the variable that holds the URL to an error about one of its parameters. */
export function inVariable(variable: string, error: unknown): unknown {
  if (!(error instanceof PoolConfigError)) return error
  return new PoolConfigError(
    error.issues.map((issue) => ({ ...issue, name: `${issue.name} in ${variable}` })),
  )
}
