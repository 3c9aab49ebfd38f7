import { resolve } from "node:path"
import { type Baseline, readBaseline } from "../../declaration/baseline.ts"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import { parseJson } from "./parse-json.ts"
import { codeOf, inFile } from "./read-files.ts"

/** The default file. */
export const BASELINE_FILE = "pool.baseline.json"

/** Reads the named baseline, or the one in the working directory; undefined if it is missing and may be. */
export async function findBaseline(
  named: string | undefined,
  io: Io,
  mayBeMissing = named === undefined,
): Promise<Baseline | undefined> {
  const file = named ?? BASELINE_FILE
  const bytes = await io.files.read(resolve(io.cwd, file)).catch((error: unknown) => {
    const code = codeOf(error)
    if (code === "ENOENT" && mayBeMissing) return undefined
    throw unreadable(file, code)
  })
  if (bytes === undefined) return undefined
  if (named === undefined) io.stderr(`Using ${file}\n`)
  const value = parseJson(bytes, file)
  try {
    return readBaseline(value)
  } catch (error) {
    throw inFile(file, error)
  }
}

const unreadable = (file: string, code: string) =>
  new PoolConfigError([
    {
      name: file,
      problem: `cannot be read (${code})`,
      remedy: "Give the path of a file that `prisma-pool baseline` wrote",
    },
  ])
