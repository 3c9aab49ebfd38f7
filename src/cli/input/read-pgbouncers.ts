import { dirname, isAbsolute, relative, resolve } from "node:path"
import type { PoolerFiles } from "../../declaration/server-poolers.ts"
import { NO_FILES } from "../../declaration/server-poolers.ts"
import type { FindFile } from "../../deployments/pgbouncer/ini.ts"
import { PoolConfigError } from "../../error.ts"
import type { Io } from "../io.ts"
import type { FleetFlags } from "./fleet-flags.ts"
import { decoded } from "./parse-json.ts"
import { bytesOf } from "./read-files.ts"

/** The name of a pooler whose file is given without one. */
const NAME = "pgbouncer"

export type PoolerFlags = Pick<FleetFlags, "pgbouncer" | "pgbouncerVersion" | "pgbouncerInstances" | "behind">

/**
 * Reads the named `pgbouncer.ini`, with what they include.
 *
 * @throws PoolConfigError for a file that cannot be read, a name that is given twice, and flags that are about none
 */
export async function readPgBouncers(flags: PoolerFlags, io: Io): Promise<PoolerFiles> {
  const { pgbouncer = [], pgbouncerVersion, pgbouncerInstances, behind = [] } = flags
  if (pgbouncer.length === 0) {
    refuseIdleFlags(flags)
    return { ...NO_FILES, behind }
  }
  const named = pgbouncer.map(namedFile)
  refuseTwice(named.map(({ name }) => name))
  const { readPgBouncer } = await import("../../deployments/pgbouncer/read-pgbouncer.ts")
  const files = []
  for (const { name, file } of named) {
    const text = decoded(file === "-" ? await io.stdin() : await bytesOf(file, io))
    files.push(
      readPgBouncer(name, { name: file === "-" ? "stdin" : file, text }, pgbouncerVersion, findIn(io, file)),
    )
  }
  return { files, behind, ...(pgbouncerInstances === undefined ? {} : { instances: pgbouncerInstances }) }
}

/** `pgbouncer.ini`, or with a name before it `reports=reports.ini`. */
function namedFile(text: string): { readonly name: string; readonly file: string } {
  const [, name = NAME, file = text] = /^([A-Za-z0-9_-]+)=(.+)$/.exec(text) ?? []
  return { name, file }
}

/**
 * Finds a file that another one names. PgBouncer takes a relative path from its working directory. An absolute one is of the machine
 * that it runs on: the end of it is looked for beside the file, and the path itself only if the file was given by such a one.
 */
const findIn =
  ({ cwd, files }: Io, root: string): FindFile =>
  (path, from) => {
    for (const candidate of candidatesOf(path, dirname(resolve(cwd, from)), cwd, isAbsolute(root))) {
      const bytes = files.readNow(candidate)
      if (bytes === undefined) continue
      return { name: isAbsolute(root) ? candidate : relative(cwd, candidate), text: decoded(bytes) }
    }
    return undefined
  }

function candidatesOf(path: string, beside: string, cwd: string, isHere: boolean): readonly string[] {
  if (!isAbsolute(path)) return [resolve(cwd, path), resolve(beside, path)]
  const parts = path.split("/").filter((part) => part !== "")
  const ends = parts.map((_, index) => resolve(beside, ...parts.slice(index)))
  return isHere ? [...ends, path] : ends
}

function refuseIdleFlags({ pgbouncerVersion, pgbouncerInstances }: PoolerFlags): void {
  const idle = Object.entries({
    "--pgbouncer-version": pgbouncerVersion,
    "--pgbouncer-instances": pgbouncerInstances,
  }).filter(([, value]) => value !== undefined)
  if (idle.length === 0) return
  throw new PoolConfigError(
    idle.map(([name]) => ({
      name,
      problem: "is given without a file",
      remedy: "Give the file with --pgbouncer, a version also with plan --format pgbouncer, or leave it out",
    })),
  )
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new PoolConfigError([
    {
      name: "--pgbouncer",
      problem: `has two files for the pooler ${twice}`,
      remedy: "Give each a name of its own: --pgbouncer NAME=FILE",
    },
  ])
}
