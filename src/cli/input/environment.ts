import { readFile } from "node:fs/promises"
import { resolve } from "node:path"
import { parseEnv } from "node:util"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"

/** The environment, with what a file adds to it; as with dotenv, what is there already counts first. */
export async function environmentWith(file: string | undefined, io: Io): Promise<Io["env"]> {
  if (file === undefined) return io.env
  try {
    return { ...parseEnv(await readFile(resolve(io.cwd, file), "utf8")), ...io.env }
  } catch {
    throw new PoolConfigError([
      { name: "--env-file", problem: "names a file that cannot be read", remedy: "Give the path of one" },
    ])
  }
}
