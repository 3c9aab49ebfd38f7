import { budgetAt } from "../../sizing/auto-budget.ts"
import { countPools } from "../../sizing/capped-pools.ts"
import type { FleetCheck, PoolerSum } from "../../sizing/index.ts"
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

interface Checks {
  readonly lowest: FleetCheck
  readonly highest: FleetCheck
}

/** The rows of what counts against the server: of what is behind a pooler, the pooler. */
export function fleetRows({ lowest, highest }: BothEnds, checks: Checks): Row[] {
  const reserved = highest.reserved.map(([name, slots]) => ({
    name,
    instances: "reserved",
    poolSize: "",
    steady: [slots, slots] as const,
    deploy: [slots, slots] as const,
  }))
  return [
    ...reserved,
    ...folded(consumerRows({ lowest, highest }, checks, undefined)),
    ...poolerRows({ lowest, highest }, checks),
    ...jobRows({ lowest, highest }, checks, undefined),
  ]
}

/** The rows of the clients of a pooler. */
export const clientRows = (ends: BothEnds, checks: Checks, pooler: string): Row[] => [
  ...folded(consumerRows(ends, checks, pooler)),
  ...jobRows(ends, checks, pooler),
]

function consumerRows({ lowest, highest }: BothEnds, checks: Checks, pooler: string | undefined): Row[] {
  const lowestSizes = new Map(lowest.consumers.map(({ name, size }) => [name, size.min]))
  const own = highest.consumers.filter((consumer) => consumer.pooler === pooler)
  return own.map((consumer) => {
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
}

/** The rows of what each pooler opens, and of what vanished clients leave running. */
function poolerRows({ lowest, highest }: BothEnds, checks: Checks): Row[] {
  const lowestSizes = new Map(lowest.poolers.map(({ name, size }) => [name, size.min]))
  return highest.poolers.flatMap(({ name, instances, surge, size, reservePoolSize, pools }) => {
    const ends = (held: (sum: Pick<PoolerSum, "total" | "orphans" | "deploy">) => number): Ends => [
      held(checks.lowest.poolers?.[name] ?? NO_SUM),
      held(checks.highest.poolers?.[name] ?? NO_SUM),
    ]
    const orphans = {
      steady: ends((sum) => sum.orphans),
      deploy: ends((sum) => sum.deploy.orphans),
    }
    const count = surge > 0 ? `${instances} + ${surge}` : `${instances}`
    const each = countPools(pools[0])
    const reserve = reservePoolSize > 0 ? ` + ${reservePoolSize}` : ""
    const row = {
      name: `${name}, pooler`,
      instances: each > 1 ? `${count}, ${each} pools each` : count,
      poolSize: `${endsOf([lowestSizes.get(name) ?? 0, size.min])}${reserve}`,
      steady: ends((sum) => sum.total - sum.orphans),
      deploy: ends((sum) => sum.deploy.total - sum.deploy.orphans),
    }
    const left = { name: `${name}, without a client`, instances: "", poolSize: "", ...orphans }
    return orphans.deploy[1] > 0 ? [row, left] : [row]
  })
}

const NO_SUM = { total: 0, orphans: 0, deploy: { total: 0, orphans: 0 } } as const

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
function jobRows({ lowest, highest }: BothEnds, checks: Checks, pooler: string | undefined): readonly Row[] {
  const runsIn = (check: FleetCheck) =>
    pooler === undefined ? check.jobs : (check.poolers?.[pooler]?.jobs ?? check.jobs)
  const jobs = runsIn(checks.highest)
  const sizesOf = (fleet: ParsedFleet) =>
    new Map(fleet.jobs.map(({ single, size }) => [single.name, size.min]))
  const [lowestSizes, sizes] = [sizesOf(lowest), sizesOf(highest)]
  const low = new Map(runsIn(checks.lowest).jobs.map(({ name, connections }) => [name, connections]))
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
  const others = highest.jobs.filter((job) => job.pooler === pooler).length - atPeak.length
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
