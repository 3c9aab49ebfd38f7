import { spawnSync } from "node:child_process"
import { mkdir, symlink } from "node:fs/promises"
import { join } from "node:path"
import type { Scope } from "../test/support/scope.ts"
import { fleetProject } from "./fleet-project.ts"
import { root } from "./generated-client.ts"

/** The last version in which a server without room failed its callers. */
const COMMIT = "e135859"

const projects = new WeakMap<Scope, Promise<string>>()

/** The processes of a fleet beside this package as it was, built once in a run from the history of this clone. */
export function earlierProject(scope: Scope): Promise<string> {
  const project = projects.get(scope) ?? build(scope)
  projects.set(scope, project)
  return project
}

async function build(scope: Scope): Promise<string> {
  const directory = join(scope.directory, "earlier")
  await mkdir(directory)
  const archive = run("git", ["archive", COMMIT], root)
  run("tar", ["-x"], directory, archive)
  await symlink(join(root, "node_modules"), join(directory, "node_modules"))
  run(process.execPath, ["node_modules/tsup/dist/cli-default.js", "--silent", "--no-dts"], directory)
  return fleetProject(scope, directory, "earlier-fleet")
}

function run(command: string, parameters: readonly string[], cwd: string, input?: Buffer): Buffer {
  const { status, stdout, stderr, error } = spawnSync(command, parameters, {
    cwd,
    input,
    maxBuffer: 2 ** 28,
  })
  if (status === 0) return stdout
  const reason = error?.message ?? stderr.toString().trim()
  throw new Error(
    `The faults and the pool are compared with the commit ${COMMIT}, which needs the history: run the benchmark in a full clone (git fetch --unshallow). ${command} ${parameters.join(" ")}: ${reason}`,
  )
}
