import { label } from "../error.ts"
import { MAX_BACKENDS } from "../validation/numbers.ts"
import { budgetAt, leastBudget, type Phases } from "./auto-budget.ts"
import { fitSizes, type SizedFleet, sizesOf, totalsFor } from "./fit-sizes.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { fixedSize } from "./parse-size.ts"
import { clientSteps, type SizedPooler, shrinkPooler } from "./pooler-steps.ts"
import { takenBy } from "./pooler-totals.ts"
import { suggestPooler } from "./suggest-pooler.ts"
import { type Budget, boundsOf, budgetOf, excess, type Totals } from "./totals.ts"

/** Consumers that the text lists; `sizeFleet` solves for all of them. */
const SHOWN = 3

/**
 * Lists the remedies for a fleet that fills more than `fill` per cent of the usable slots, or does not fit at all. Where
 * several tiers do not, each needs one of its own.
 */
export function nextSteps(fleet: ParsedFleet, now: SizedFleet, fill: number): string[] {
  const ofClients = poolersOf(fleet, now).flatMap((sized) =>
    clientSteps(sized, (over) =>
      largest(fleet, now, sized.pooler.name).flatMap(({ shrink }) => shrink(over)),
    ),
  )
  return [...serverSteps(fleet, now, fill), ...ofClients]
}

function serverSteps(fleet: ParsedFleet, now: SizedFleet, fill: number): string[] {
  const budget = budgetOf(fleet, fill)
  const over = excess(now.sum, budget)
  if (over.steady <= 0 && over.deploy <= 0) return []
  return [
    ...overages(fleet, now.sum, fill),
    ...shrinkSteps(fleet, now, budget, over),
    ...raiseCeiling(fleet, now.sum, fill),
    ...pooler(fleet),
  ]
}

/** Proposes smaller pools and fewer instances: all in proportion, or one consumer alone. */
function shrinkSteps(fleet: ParsedFleet, now: SizedFleet, budget: Budget, over: Phases): string[] {
  const isDirect = ({ pooler }: { readonly pooler?: string }) => pooler === undefined
  const single =
    fleet.consumers.filter(isDirect).length + fleet.poolers.length === 1 && !fleet.jobs.some(isDirect)
  return [
    ...(single ? [] : inProportion(fleet, now, budget)),
    ...largest(fleet, now, undefined).flatMap(({ shrink }) => shrink(over)),
  ]
}

/**
 * Lists the remedies for a deploy above one bound: `room` is what it leaves to consumers and jobs. It does not propose
 * to raise the bound, which may be a limit of the server.
 */
export function deploySteps(fleet: ParsedFleet, room: number): string[] {
  const now = totalsFor(
    fleet,
    sizesOf(fleet).map(({ min }) => min),
  )
  const budget = { steady: room, deploy: room, limit: Number.POSITIVE_INFINITY }
  const over = excess(now.sum, budget)
  if (over.deploy <= 0) return []
  return shrinkSteps(fleet, now, budget, over)
}

function overages(fleet: ParsedFleet, sum: Totals, fill: number): string[] {
  const threshold = Math.floor((fill * fleet.usable) / 100)
  const total = fleet.reservedOutside + sum.steady
  const steady =
    fill < 100 && total > threshold
      ? [`${total - threshold} above ${fill} % of usable: ${total} of at most ${threshold}`]
      : []
  const bounds = boundsOf(fleet, sum).flatMap(({ name, limit, total, deploy }) => {
    const used = total > limit ? total : deploy.total
    if (used <= limit) return []
    const when = total > limit ? "" : " during a deploy"
    // The bound must be raised to the total of the deploy, which is the larger one.
    const more = deploy.total > used ? `, and ${deploy.total} during a deploy` : ""
    return [
      `${used - limit} too many${when}: ${used} of ${limit} ${name === "maxConnections" ? "usable" : `in limits.${name}`}${more}`,
    ]
  })
  return [...bounds, ...steady]
}

/**
 * Proposes the largest sizes that fit and are in proportion to the current ones. Smaller pools of clients free nothing of
 * the server.
 */
function inProportion(given: ParsedFleet, now: SizedFleet, budget: Budget): string[] {
  const poolers = given.poolers.map((each) => ({ ...each, maxClientConnections: undefined }))
  const fleet = { ...given, poolers }
  const tiers = [...fleet.consumers, ...fleet.jobs].map(({ pooler }) => pooler)
  const shrinking = now.sizes.map((size, index) => {
    if (tiers[index] !== undefined) return fixedSize(size)
    const least = Math.min(size, leastSize(fleet.consumers[index]))
    return { weight: size, min: least, max: size }
  })
  const fitting = fitSizes(fleet, shrinking, budget)
  if (fitting === undefined) return []
  const changes = [...fleet.consumers, ...fleet.jobs.map(({ single }) => single), ...fleet.poolers].flatMap(
    ({ name }, index) => {
      const shared = fleet.consumers[index]?.shared
      const [size = 0, before = 0] = [fitting, now].map(({ sizes }) =>
        shared === undefined ? sizes[index] : budgetAt(shared, sizes[index] ?? 0),
      )
      return size < before ? [`${label(name)} ${size} instead of ${before}`] : []
    },
  )
  const more = changes.length - SHOWN
  const rest = more > 0 ? [`and ${more} more`] : []
  const what = fleet.consumers.some(({ shared }) => shared !== undefined) ? "poolSize and budget" : "poolSize"
  return [`Lower every ${what} in proportion: ${[...changes.slice(0, SHOWN), ...rest].join(", ")}`]
}

/** A part of a tier that could be smaller. */
interface Shrinking {
  /** Its connections during a deploy. */
  readonly held: number
  readonly shrink: (over: Phases) => string[]
}

/** Returns the largest parts of a tier: the clients of a pooler, or what is the server's. */
function largest(fleet: ParsedFleet, now: SizedFleet, pooler: string | undefined): Shrinking[] {
  const consumers = fleet.consumers.flatMap((consumer, index): Shrinking[] => {
    if (consumer.pooler !== pooler) return []
    const size = now.sizes[index] ?? 0
    return [{ held: consumer.deployPools * size, shrink: (over) => shrinkOne(consumer, size, over) }]
  })
  const poolers = poolersOf(fleet, now).map(
    (sized): Shrinking => ({
      held: takenBy(sized.totals).deploy,
      shrink: (over) => shrinkPooler(sized, over),
    }),
  )
  return [...consumers, ...(pooler === undefined ? poolers : [])]
    .sort((one, other) => other.held - one.held)
    .slice(0, SHOWN)
}

const poolersOf = ({ consumers, jobs, poolers }: ParsedFleet, { sizes, sum }: SizedFleet): SizedPooler[] =>
  poolers.flatMap((pooler, index) => {
    const totals = sum.poolers[index]
    const size = sizes[consumers.length + jobs.length + index] ?? 0
    return totals === undefined ? [] : [{ pooler, size, totals }]
  })

/** Proposes changes to one consumer, each of which is enough by itself. */
function shrinkOne(consumer: ParsedConsumer, size: number, over: Phases) {
  const { name, instances = 0, surge, poolsPerInstance, steadyPools, deployPools, shared } = consumer
  const cut = (perSteady: number, perDeploy: number) =>
    Math.max(ceilDiv(over.steady, perSteady), ceilDiv(over.deploy, perDeploy))
  if (shared !== undefined) {
    const smaller = size - cut(steadyPools, deployPools)
    if (smaller < leastSize(consumer)) return []
    return [
      `Change ${label(name)} alone: a budget of ${budgetAt(shared, smaller)} instead of ${budgetAt(shared, size)}`,
    ]
  }
  const perInstance = poolsPerInstance * size
  // If a deploy doubles the instances, it still doubles the smaller number.
  const doubles = surge === instances
  const fewer = instances - cut(perInstance, doubles ? 2 * perInstance : perInstance)
  const smaller = size - cut(steadyPools, deployPools)
  const slower = surge - cut(0, perInstance)
  const changes = [
    ...(smaller >= 1 ? [`a poolSize of ${smaller} instead of ${size}`] : []),
    ...(fewer >= 1
      ? [
          `${fewer} ${fewer === 1 ? "instance" : "instances"}${doubles ? ` and a surge of ${fewer}` : ""} instead of ${instances}`,
        ]
      : []),
    ...(slower >= 0 ? [`a surge of ${slower} instead of ${surge}`] : []),
  ]
  return changes.length > 0 ? [`Change ${label(name)} alone: ${changes.join(", or ")}`] : []
}

/** The smallest size that leaves each pool a connection. */
const leastSize = (consumer: Pick<ParsedConsumer, "shared"> | undefined): number => {
  const shared = consumer?.shared
  // One that is solved for is never smaller.
  return shared === undefined || shared.least > 1 ? 1 : leastBudget(shared.pools?.deploy ?? 1)
}

/** Rounds up how many times `each` makes up for `over`; Infinity if it never does. */
const ceilDiv = (over: number, each: number): number => (over > 0 ? Math.ceil(over / each) : 0)

function raiseCeiling(fleet: ParsedFleet, sum: Totals, fill: number): string[] {
  const { maxConnections, server, reservedOutside, limits } = fleet
  const steady = Math.ceil((100 * (reservedOutside + sum.steady)) / fill)
  const deploy = reservedOutside + sum.deploy
  const ceiling = server + Math.max(steady, deploy)
  if (ceiling > MAX_BACKENDS) return []
  const raises = [
    ceiling > maxConnections ? [`max_connections from ${maxConnections} to ${ceiling}`] : [],
    ...(["database", "role"] as const).map((name) =>
      limits[name] >= 0 && sum.deploy - sum.logins.deploy > limits[name]
        ? [`limits.${name} from ${limits[name]} to ${sum.deploy - sum.logins.deploy}`]
        : [],
    ),
  ].flat()
  const why = deploy > steady ? " for the deploy" : ""
  return [`Raise ${raises.join(", and ")}${why}, if the server has the memory`]
}

function pooler(fleet: ParsedFleet): string[] {
  const budget = budgetOf(fleet, 100)
  if (Math.min(budget.deploy, budget.limit) < 1) {
    return ["Nothing is left for the fleet: reserve less outside it, or raise the bound"]
  }
  const { sum } = totalsFor(
    fleet,
    sizesOf(fleet).map((_, index) => leastSize(fleet.consumers[index])),
  )
  const over = excess(sum, budget)
  if (over.steady <= 0 && over.deploy <= 0) return []
  const even = `Even one connection in each pool is too many, ${sum.deploy}`
  if (fleet.poolers.length > 0) {
    return [`${even}: run fewer processes of the poolers, and put what connects directly behind one`]
  }
  const suggested = suggestPooler(fleet)
  return [
    `${even}: put an external pooler, such as PgBouncer in transaction mode, between the fleet and the server${suggested === undefined ? "" : `: ${suggested}`}`,
  ]
}
