import { label } from "../error.ts"
import { MAX_COUNT } from "../validation/numbers.ts"
import type { Phases } from "./auto-budget.ts"
import { explainCapacity } from "./explain-pooler.ts"
import type { ParsedPooler } from "./parse-poolers.ts"
import {
  clientConnectionsFor,
  clientExcess,
  isLimitedBySessions,
  type PoolerTotals,
  poolerTotals,
  takenBy,
} from "./pooler-totals.ts"

/** A pooler at its size, and what it adds up to. */
export interface SizedPooler {
  readonly pooler: ParsedPooler
  readonly size: number
  readonly totals: PoolerTotals
}

/** Proposes changes to one pooler that save so many connections of the server, each of which is enough by itself. */
export function shrinkPooler({ pooler, size, totals }: SizedPooler, over: Phases): string[] {
  const { name, instances, surge } = pooler
  const before = takenBy(totals)
  const isEnough = (changed: ParsedPooler, changedSize: number): boolean => {
    const after = poolerTotals(changed, changedSize, totals.clients)
    const [taken, clients] = [takenBy(after), clientExcess(after)]
    return (
      before.steady - taken.steady >= over.steady &&
      before.deploy - taken.deploy >= over.deploy &&
      Math.max(clients.steady, clients.deploy) <= 0
    )
  }
  // If a deploy doubles the processes, it still doubles the smaller number.
  const doubles = surge === instances
  const withFewer = (fewer: number) => ({
    ...pooler,
    instances: fewer,
    minInstances: Math.min(pooler.minInstances, fewer),
    surge: doubles ? fewer : surge,
  })
  const smaller = largestBelow(1, size, (each) => isEnough(pooler, each))
  const fewer = largestBelow(1, instances, (each) => isEnough(withFewer(each), size))
  const slower = largestBelow(0, surge, (each) => isEnough({ ...pooler, surge: each }, size))
  const changes = [
    ...(smaller === undefined ? [] : [`a poolSize of ${smaller} instead of ${size}`]),
    ...(fewer === undefined
      ? []
      : [
          `${fewer} ${fewer === 1 ? "instance" : "instances"}${doubles ? ` and a surge of ${fewer}` : ""} instead of ${instances}`,
        ]),
    ...(slower === undefined ? [] : [`a surge of ${slower} instead of ${surge}`]),
  ]
  return changes.length > 0 ? [`Change ${label(name)} alone: ${changes.join(", or ")}`] : []
}

/** The largest number from `least` to below `value` that is accepted, where all smaller ones are; else undefined. */
function largestBelow(
  least: number,
  value: number,
  accepts: (number: number) => boolean,
): number | undefined {
  let [accepted, refused] = [least - 1, value]
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2)
    if (accepts(middle)) accepted = middle
    else refused = middle
  }
  return accepted < least ? undefined : accepted
}

/**
 * Lists the remedies for clients above what their pooler takes; empty if they are within.
 *
 * @param shrink proposes changes to the consumers behind it
 */
export function clientSteps(
  { pooler, totals }: SizedPooler,
  shrink: (over: Phases) => readonly string[],
): string[] {
  const over = clientExcess(totals)
  if (over.steady <= 0 && over.deploy <= 0) return []
  const { minInstances, maxClientConnections = 0 } = pooler
  const { all } = totals.clients
  const isSteady = over.steady > 0
  const used = isSteady ? all.steady : all.deploy
  const more = isSteady && all.deploy > used ? `, and ${all.deploy} during a deploy` : ""
  const needed = clientConnectionsFor(minInstances, Math.max(all.steady, all.deploy))
  const steps = [
    `${used - totals.capacity} too many${isSteady ? "" : " during a deploy"}: ${used} of ${totals.capacity}, ${explainCapacity(pooler, totals)}${more}`,
    ...(isLimitedBySessions(pooler, totals)
      ? ["set pool_mode = transaction in PgBouncer (poolMode), or give its pools more connections"]
      : needed <= MAX_COUNT
        ? [`raise its maxClientConnections from ${maxClientConnections} to ${needed}`]
        : []),
    ...shrink(over).map((step) => `${step.charAt(0).toLowerCase()}${step.slice(1)}`),
  ]
  return steps.map((step) => `Clients of ${label(pooler.name)}: ${step}`)
}
