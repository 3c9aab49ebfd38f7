import type { Assumption } from "./concurrent-runs.ts"
import type { ParsedJob } from "./read-jobs.ts"
import type { Omitted } from "./read-timing.ts"

const texts: Readonly<Record<Omitted, (attempts: number, runs: () => string) => Omit<Assumption, "name">>> = {
  timeout: (attempts, runs) => ({
    assumed: `omitted: 24 h as on Scaleway${attempts > 1 ? `, times ${attempts} attempts` : ""}, so it counts ${runs()}`,
    remedy: "Set timeout, or the duration of a run",
  }),
  timezone: () => ({
    assumed: "omitted: UTC",
    remedy: "Set the time zone of the schedule",
  }),
  concurrent: (_, runs) => ({
    assumed: `no schedule: started on demand, once at a time, so it counts ${runs()}`,
    remedy: "Set concurrent to how many starts may run at once, or give its schedule",
  }),
}

/** Lists the fields that a job omits, and how many runs at once it counts because of that. */
export function assumptions(
  { path, omitted, attempts }: ParsedJob,
  maxRunsOf: () => number,
): readonly Assumption[] {
  const runs = () => {
    const most = maxRunsOf()
    return `${most} ${most === 1 ? "run" : "runs"}`
  }
  return omitted.map((field) => ({ name: `${path}.${field}`, ...texts[field](attempts, runs) }))
}
