import { label } from "../error.ts"
import type { Phases } from "./auto-budget.ts"
import type { SizedFleet } from "./fit-sizes.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { poolerTotals, takenBy } from "./pooler-totals.ts"
import { type Budget, excess } from "./totals.ts"

/** Sizes that a line names, the cheapest to raise first. */
const SHOWN = 3

/** A size that could be larger. */
interface Raise {
  readonly name: string
  /** The unit that gains a connection: an instance or a run, or a pool if each of them has several. */
  readonly unit: "instance" | "run" | "pool" | "budget"
  /** "at least" if only another sum could tell. */
  readonly least: "" | "at least "
  /** The connections that one more in each of its pools adds. */
  readonly needs: Phases
}

/** Lists the free connections of a solved fleet, and how many raising each size by one would need. */
export function spareCapacity(fleet: ParsedFleet, solved: SizedFleet, budget: Budget): string[] {
  const over = excess(solved.sum, budget)
  const free = { steady: -over.steady, deploy: -over.deploy }
  const raises = [...ofConsumers(fleet, solved), ...ofJobs(fleet, solved), ...ofPoolers(fleet, solved)]
  // What runs during a deploy alone takes nothing in the steady sum.
  const isForDeploy = ({ needs }: Raise) =>
    needs.steady === 0 || (needs.steady <= free.steady && needs.deploy > free.deploy)
  const forDeploy = raises.filter(isForDeploy)
  const others = raises.filter((raise) => !isForDeploy(raise))
  return [
    ...(others.length > 0 || forDeploy.length === 0
      ? [line(`${free.steady} left over`, others, "steady")]
      : []),
    ...(forDeploy.length > 0 ? [line(`${free.deploy} left over in a deploy`, forDeploy, "deploy")] : []),
  ]
}

function ofConsumers({ consumers }: ParsedFleet, { sizes }: SizedFleet): Raise[] {
  return consumers
    .filter(({ size, pooler }, index) => pooler === undefined && (sizes[index] ?? 0) < size.max)
    .map(({ name, poolsPerInstance, steadyPools, deployPools, shared }) => ({
      name,
      unit: shared?.unit === 1 ? "budget" : poolsPerInstance === 1 ? "instance" : "pool",
      // More logins may come with a larger budget.
      least: shared === undefined ? "" : "at least ",
      needs: { steady: steadyPools, deploy: deployPools },
    }))
}

/** Returns the raises of the jobs that run at the peak: only a sweep could tell if another job would raise it. */
function ofJobs({ consumers, jobs }: ParsedFleet, { sizes, runs }: SizedFleet): Raise[] {
  const sizeOf = new Map(jobs.map(({ single }, index) => [single.name, sizes[consumers.length + index] ?? 1]))
  const maxSizeOf = new Map(jobs.map(({ single, size }) => [single.name, size.max]))
  return runs.jobs.flatMap(({ name, runs: atPeak, connections }): Raise[] => {
    const size = sizeOf.get(name) ?? 1
    if (size >= (maxSizeOf.get(name) ?? 1)) return []
    const needs = connections / size
    const unit = needs === atPeak ? "run" : "pool"
    return [{ name, unit, least: "at least ", needs: { steady: needs, deploy: needs } }]
  })
}

/** Returns the raises of the poolers' pools, where what a process opens is not at a cap already. */
function ofPoolers({ consumers, jobs, poolers }: ParsedFleet, { sizes, sum }: SizedFleet): Raise[] {
  return poolers.flatMap((pooler, index): Raise[] => {
    const size = sizes[consumers.length + jobs.length + index] ?? 0
    const now = sum.poolers[index]
    if (now === undefined || size >= pooler.size.max) return []
    const [before, after] = [now, poolerTotals(pooler, size + 1, now.clients)].map(takenBy)
    const needs = {
      steady: (after?.steady ?? 0) - (before?.steady ?? 0),
      deploy: (after?.deploy ?? 0) - (before?.deploy ?? 0),
    }
    return needs.deploy === 0 ? [] : [{ name: pooler.name, unit: "pool", least: "", needs }]
  })
}

function line(free: string, raises: readonly Raise[], phase: keyof Phases): string {
  const cheapest = [...raises].sort((one, other) => one.needs[phase] - other.needs[phase])
  const named = cheapest
    .slice(0, SHOWN)
    .map(({ name, unit, least, needs }) => `per ${label(name)} ${unit} would take ${least}${needs[phase]}`)
  const more = cheapest.length > SHOWN ? [`and ${cheapest.length - SHOWN} more`] : []
  return named.length === 0 ? free : `${free}; one more ${[...named, ...more].join(", ")}`
}
