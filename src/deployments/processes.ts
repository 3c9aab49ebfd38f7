import { MAX_POOL_SIZE } from "../validation/numbers.ts"
import { PROCESSES, type ResourceEnvironment } from "./environment.ts"
import type { Findings } from "./findings.ts"

/** Counts the processes of an instance, each with a pool of its own. */
export function processesOf(
  { values, hidden }: ResourceEnvironment,
  address: string,
  findings: Findings,
): number {
  const name = `${address}.${PROCESSES}`
  const count = Number(values.get(PROCESSES) || 1)
  const isCount = Number.isInteger(count) && count <= MAX_POOL_SIZE
  const reason = hidden.get(PROCESSES) ?? (isCount ? undefined : "not a number")
  if (reason !== undefined) {
    findings.unknowns.push({
      cause: "processes",
      address,
      attribute: PROCESSES,
      name,
      problem: `is ${reason}`,
      between: "one process in each instance or any number",
      remedy: "Set it as a plain number where that decides, or override poolsPerInstance",
      isUnbounded: true,
    })
    return 1
  }
  if (count < 2) return 1
  findings.assumptions.push({
    name,
    assumed: `${count}: that many processes in each instance, each with a pool`,
    remedy: "Override poolsPerInstance if only one process connects",
  })
  return count
}
