import { execFile } from "node:child_process"
import { inject } from "vitest"
import type { Ended, Project } from "./project.ts"

/** Versions by package; of several for one package, the first that is in the range that a page asks for. */
export type Versions = readonly Readonly<Record<string, string>>[]

/** Runs a command line as a page has it, but for the versions that it installs: the same each time. */
export function runLine(
  project: Project,
  line: string,
  versions: Versions,
  more: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const { DATABASE_URL, DATABASE_URL_CORE, ...inherited } = process.env
  // Any file that exists keeps Prisma from fetching an engine, and so does no install script.
  const engine = project.path("package.json")
  const env = {
    ...inherited,
    PRISMA_SCHEMA_ENGINE_BINARY: engine,
    PRISMA_QUERY_ENGINE_LIBRARY: engine,
    PRISMA_HIDE_UPDATE_MESSAGE: "1",
    npm_config_ignore_scripts: "true",
    npm_config_prefer_offline: "true",
    npm_config_audit: "false",
    npm_config_fund: "false",
    npm_config_save_exact: "true",
    ...more,
  }
  return new Promise((resolve) => {
    execFile("sh", ["-c", pinned(line, versions)], { cwd: project.directory, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    )
  })
}

/** `npm install pg prisma@7` with these versions, and the packed package. */
function pinned(line: string, versions: Versions): string {
  const [, command, packages] = /^(npm install(?: -D)?) (.+)$/.exec(line) ?? []
  if (command === undefined || packages === undefined) return line
  const exact = packages.split(" ").map((asked) => {
    const [, name = "", range] = /^(@?[^@]+)(?:@(.+))?$/.exec(asked) ?? []
    if (name === "prisma-pool-config") return `'${inject("packed").tarball}'`
    const version = versions
      .map((each) => each[name])
      .find((each) => each !== undefined && (range === undefined || each.startsWith(`${range}.`)))
    if (version === undefined) throw new Error(`no version to install for ${asked}`)
    return `${name}@${version}`
  })
  return [command, ...exact].join(" ")
}
