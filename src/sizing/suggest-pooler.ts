import { label } from "../error.ts"
import { ALERT_PERCENT } from "./alert-threshold.ts"
import { type FittedFleet, fitFleet } from "./fit-fleet.ts"
import { poolerRules, weightRule } from "./fleet-rules.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import type { ParsedFleetJob } from "./parse-jobs.ts"
import type { ParsedPooler } from "./parse-poolers.ts"
import { openMost, type ParsedSize } from "./parse-size.ts"
import { eachPool, poolsInProcess } from "./pooler-pools.ts"
import { budgetOf, isWithin } from "./totals.ts"

const NAME = "pgbouncer"

/** The weight of a size that has none of its own, in hundredths. */
const WEIGHT = 100 * weightRule.default

/** Consumers and jobs that the text lists. */
const SHOWN = 3

/**
 * Says with which pooler a fleet would fit, and fill no more than the alert threshold where it can; undefined if with none.
 * Everything is behind it, since nothing says what needs a session of its own; a deploy of it starts a new process before the old one stops.
 */
export function suggestPooler(fleet: ParsedFleet): string | undefined {
  const behind = withPooler(fleet)
  const solved = behind && fittedFleet(behind)
  const pooler = solved?.fleet.poolers[0]
  if (solved === undefined || pooler === undefined) return undefined
  const { sizes } = solved.sized
  const { instances, surge, maxClientConnections } = pooler
  const names = [...fleet.consumers.map(({ name }) => name), ...fleet.jobs.map(({ single }) => single.name)]
  const clients = names.slice(0, SHOWN).map((name, index) => `${label(name)} ${sizes[index] ?? 0}`)
  const more = names.length > SHOWN ? [`and ${names.length - SHOWN} more`] : []
  return `poolers.${NAME} with instances ${instances}, surge ${surge}, poolSize ${sizes[names.length] ?? 0} and maxClientConnections ${maxClientConnections ?? 0}, and behind it a poolSize of ${[...clients, ...more].join(", ")}`
}

function fittedFleet(fleet: ParsedFleet): FittedFleet | undefined {
  for (const fill of [ALERT_PERCENT, 100]) {
    const budget = budgetOf(fleet, fill)
    const fitted = fitFleet(fleet, budget)
    if (fitted !== undefined && isWithin(fitted.sized.sum, budget)) return fitted
  }
  return undefined
}

/** The fleet with everything behind a pooler; undefined where it has one, or the number of instances is not known. */
function withPooler(fleet: ParsedFleet): ParsedFleet | undefined {
  const { usable } = fleet
  const isCounted = fleet.consumers.every(({ instances }) => instances !== undefined)
  if (fleet.poolers.length > 0 || !isCounted) return undefined
  const most = openMost(usable, NAME)
  const values = { pools: 1, reservePoolSize: 0, maxDbConnections: 0, maxUserConnections: 0 }
  const pools = poolsInProcess(values)
  const pooler: ParsedPooler = {
    name: NAME,
    given: { instances: 1, surge: 1 },
    instances: 1,
    minInstances: 1,
    surge: 1,
    size: { weight: WEIGHT, min: 1, max: Math.min(usable, poolerRules.poolSize.max) },
    reservePoolSize: 0,
    mode: "transaction",
    pools,
    clientPools: eachPool(values),
    areAlike: true,
    maxClientConnections: undefined,
    orphans: undefined,
  }
  return {
    ...fleet,
    consumers: fleet.consumers.map((consumer) => client(consumer, most)),
    jobs: fleet.jobs.map(
      (job): ParsedFleetJob => ({ ...job, size: clientSize(job.size, most), pooler: NAME }),
    ),
    poolers: [pooler],
  }
}

/** A client has no budget: its pools have a size. */
function client({ shared, ...consumer }: ParsedConsumer, most: number): ParsedConsumer {
  if (shared?.pools === undefined) {
    return { ...consumer, size: clientSize(consumer.size, most), pooler: NAME }
  }
  const { steady, deploy } = shared.pools
  const size = { weight: WEIGHT, min: 1, max: most }
  return { ...consumer, steadyPools: steady, deployPools: deploy, size, pooler: NAME }
}

/** A fixed size becomes one that is not exceeded. */
const clientSize = ({ weight, min, max }: ParsedSize, most: number): ParsedSize => ({
  weight: min === max ? WEIGHT : weight,
  min: 1,
  max: Math.min(max, most),
})
