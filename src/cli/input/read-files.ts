import { access, readFile } from "node:fs/promises"
import { extname, relative, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { parseEnv } from "node:util"
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

/** Adds the variable that holds the URL to an error about one of its parameters. */
export function inVariable(variable: string, error: unknown): unknown {
  if (!(error instanceof PoolConfigError)) return error
  return new PoolConfigError(
    error.issues.map((issue) => ({ ...issue, name: `${issue.name} in ${variable}` })),
  )
}

async function found(io: Io): Promise<string | undefined> {
  for (const file of DEFAULT_FILES) {
    const isThere = await access(resolve(io.cwd, file)).then(
      () => true,
      () => false,
    )
    if (isThere) return file
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
    return await readFile(resolve(io.cwd, file))
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
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href)
    return module.default
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

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "error"
}

/** Adds a file's variables to the environment. As with dotenv, variables that are already set take precedence. */
export async function environmentWith(file: string | undefined, io: Io): Promise<Io["env"]> {
  if (file === undefined) return io.env
  try {
    return { ...parseEnv(await readFile(resolve(io.cwd, file), "utf8")), ...io.env }
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
