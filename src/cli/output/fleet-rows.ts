import { budgetAt } from "../../sizing/auto-budget.ts"
import type { FleetCheck } from "../../sizing/index.ts"
import type { ParsedConsumer } from "../../sizing/parse-consumers.ts"
import type { ParsedFleet } from "../../sizing/parse-fleet.ts"

/** A row of the table, of one owner of connections. Two different numbers are the lowest and the highest possible. */
export interface Row {
  readonly name: string
  readonly instances: string
  readonly poolSize: string
  readonly steady: Ends
  readonly deploy: Ends
}

/** A number at its lowest and at its highest. */
export type Ends = readonly [lowest: number, highest: number]

/** The number of consumers in a table, the largest first; JSON has all of them. */
const SHOWN = 40

/** Fleets with all sizes. */
interface BothEnds {
  readonly lowest: ParsedFleet
  readonly highest: ParsedFleet
}

export function fleetRows(
  { lowest, highest }: BothEnds,
  checks: { readonly lowest: FleetCheck; readonly highest: FleetCheck },
): Row[] {
  const reserved = highest.reserved.map(([name, slots]) => ({
    name,
    instances: "reserved",
    poolSize: "",
    steady: [slots, slots] as const,
    deploy: [slots, slots] as const,
  }))
  const lowestSizes = new Map(lowest.consumers.map(({ name, size }) => [name, size.min]))
  const consumers = highest.consumers.map((consumer) => {
    const { name, size, shared } = consumer
    const ends = (held: (check: FleetCheck) => number | undefined): Ends => [
      held(checks.lowest) ?? 0,
      held(checks.highest) ?? 0,
    ]
    return {
      name,
      instances: instancesOf(consumer),
      poolSize:
        shared === undefined
          ? endsOf([lowestSizes.get(name) ?? 0, size.min])
          : `auto, ${budgetAt(shared, size.min)} in all`,
      steady: ends((check) => check.consumers[name]?.total),
      deploy: ends((check) => check.consumers[name]?.deploy.total),
    }
  })
  return [...reserved, ...folded(consumers), ...jobRows({ lowest, highest }, checks)]
}

export const endsOf = ([lowest, highest]: Ends): string =>
  lowest === highest ? `${highest}` : `${lowest}–${highest}`

function instancesOf({ instances, surge, poolsPerInstance }: ParsedConsumer): string {
  if (instances === undefined) return "any number"
  const count = surge > 0 ? `${instances} + ${surge}` : `${instances}`
  return poolsPerInstance > 1 ? `${count}, ${poolsPerInstance} pools each` : count
}

function folded(rows: readonly Row[]): readonly Row[] {
  if (rows.length <= SHOWN) return rows
  const largest = [...rows].sort((one, other) => other.deploy[1] - one.deploy[1])
  const rest = largest.slice(SHOWN)
  const sum = (phase: "steady" | "deploy"): Ends => [
    rest.reduce((total, row) => total + row[phase][0], 0),
    rest.reduce((total, row) => total + row[phase][1], 0),
  ]
  return [
    ...largest.slice(0, SHOWN),
    {
      name: `and ${rest.length} more`,
      instances: "",
      poolSize: "",
      steady: sum("steady"),
      deploy: sum("deploy"),
    },
  ]
}

/** Returns the jobs that are running at their peak, each with its runs. */
function jobRows(
  { lowest, highest }: BothEnds,
  checks: { readonly lowest: FleetCheck; readonly highest: FleetCheck },
): readonly Row[] {
  const { jobs } = checks.highest
  const sizesOf = (fleet: ParsedFleet) =>
    new Map(fleet.jobs.map(({ single, size }) => [single.name, size.min]))
  const [lowestSizes, sizes] = [sizesOf(lowest), sizesOf(highest)]
  const low = new Map(checks.lowest.jobs.jobs.map(({ name, connections }) => [name, connections]))
  const atPeak = jobs.jobs.map(({ name, runs, connections }) => {
    const ends: Ends = [low.get(name) ?? 0, connections]
    return {
      name,
      instances: runs === 1 ? "1 run" : `${runs} runs`,
      poolSize: endsOf([lowestSizes.get(name) ?? 0, sizes.get(name) ?? 0]),
      steady: ends,
      deploy: ends,
    }
  })
  const others = highest.jobs.length - atPeak.length
  const none: Ends = [0, 0]
  const when = jobs.at === undefined ? "never running" : `not running at ${jobs.at.replace(":00.000Z", "Z")}`
  const rest = {
    name: `${others} more ${others === 1 ? "job" : "jobs"}, ${when}`,
    instances: "",
    poolSize: "",
    steady: none,
    deploy: none,
  }
  return [...folded(atPeak), ...(others > 0 ? [rest] : [])]
}
