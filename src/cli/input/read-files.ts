import { extname, relative, resolve } from "node:path"
import type { FleetConfig } from "../../declaration/fleet-config.ts"
import { readFleetConfig } from "../../declaration/read-fleet-config.ts"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import { parseJson } from "./parse-json.ts"

/** The default files; the first that exists is read. */
const DEFAULT_FILES = ["json", "js", "mjs", "cjs"].map((extension) => `pool.config.${extension}`)

/** Reads the named declaration, or the one in the working directory. */
export async function readDeclaration(
  named: string | undefined,
  allowJs: boolean | undefined,
  io: Io,
): Promise<FleetConfig> {
  const file = named ?? (await found(io))
  if (file === undefined) return {}
  const isData = extname(file) === ".json"
  if (!isData && isCi(io) && allowJs !== true) throw refusedProgram(file)
  if (named === undefined) io.stderr(`Using ${file}\n`)
  const value = isData
    ? parseJson(await bytesOf(file, io, "Give the path of a declaration"), file)
    : await imported(file, io)
  try {
    return readFleetConfig(value)
  } catch (error) {
    throw inFile(file, error)
  }
}

/** Every CI service sets `CI`. As in other tools, `0` and `false` count as unset. */
const isCi = ({ env: { CI = "" } }: Io): boolean => !["", "false", "0"].includes(CI)

/** In CI the author of a pull request writes the declaration, and the job may have credentials. */
const refusedProgram = (file: string) =>
  new PoolConfigError([
    {
      name: file,
      problem: "is a program, and would run with the rights of this job",
      remedy: "Write pool.config.json, or give --allow-js",
    },
  ])

/** Adds the file's name to an error about its content. */
export function inFile(file: string, error: unknown): unknown {
  if (!(error instanceof PoolConfigError)) return error
  return new PoolConfigError(error.issues.map((issue) => ({ ...issue, name: `${file}: ${issue.name}` })))
}

async function found(io: Io): Promise<string | undefined> {
  for (const file of DEFAULT_FILES) {
    if ((await io.files.kindOf(resolve(io.cwd, file))) !== "nothing") return file
  }
  return undefined
}

/** Reads a file. */
export async function bytesOf(
  file: string,
  io: Io,
  remedy = "Give the path of a file, or - for stdin",
): Promise<Uint8Array> {
  try {
    return await io.files.read(resolve(io.cwd, file))
  } catch (error) {
    throw new PoolConfigError([
      {
        name: file,
        problem: `cannot be read (${codeOf(error)})`,
        remedy,
      },
    ])
  }
}

/** A URL and the rest of its line, because the end of the URL cannot be known. */
const FROM_URL = /\b(?!file:)[a-z][\w+.-]*:\/\/.*/i

async function imported(file: string, io: Io): Promise<unknown> {
  const path = resolve(io.cwd, file)
  try {
    return await io.files.importDefault(path)
  } catch (error) {
    const { message } = error instanceof Error ? error : new Error(String(error))
    const [line = ""] = message.split("\n")
    throw new PoolConfigError([
      {
        name: relative(io.cwd, path) || file,
        problem: `cannot be loaded: ${line.replace(FROM_URL, "(a URL)")}`,
        remedy: "Export the fleet by default, as JavaScript that Node.js runs",
      },
    ])
  }
}

/** The code of the system in an error. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error"
}
