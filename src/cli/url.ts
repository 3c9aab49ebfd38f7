import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { parseEnv } from "node:util"
import { coreDatabaseUrl } from "../config/core-database-url.ts"
import { toLibpqUrl } from "../config/libpq-url.ts"
import { redactUrl } from "../config/redact-url.ts"
import { PoolConfigError } from "../error.ts"
import { EXIT, type ExitCode, type Io } from "./io.ts"

export interface UrlFlags {
  readonly envFile?: string
  readonly libpq?: boolean
  readonly showPassword?: boolean
}

/** `prisma-pool url` */
export async function url({ envFile, libpq, showPassword }: UrlFlags, io: Io): Promise<ExitCode> {
  // As with dotenv, what the environment has already counts before the file.
  const env = envFile === undefined ? io.env : { ...(await variablesOf(envFile, io)), ...io.env }
  const core = coreDatabaseUrl(env)
  const asked = libpq ? toLibpqUrl(core) : core
  io.out(`${showPassword ? asked : redactUrl(asked)}\n`)
  return EXIT.fine
}

async function variablesOf(file: string, io: Io) {
  try {
    return parseEnv(await readFile(resolve(io.cwd, file), "utf8"))
  } catch {
    throw new PoolConfigError([
      { name: "--env-file", problem: "names a file that cannot be read", remedy: "Give the path of one" },
    ])
  }
}
