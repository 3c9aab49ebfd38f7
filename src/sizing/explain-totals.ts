import { label } from "../error.ts"
import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { budgetAt, type Phases } from "./auto-budget.ts"
import { explainCapacity, explainProcess, poolerTerm } from "./explain-pooler.ts"
import type { SizedFleet } from "./fit-sizes.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"
import type { ParsedFleet } from "./parse-fleet.ts"
import { heldBy, loginsOf } from "./totals.ts"

/** Consumers, and jobs, that a sum names. A thousand terms are unreadable, so the rest become one. */
const SHOWN = 20

/** Writes the totals of a fleet as text, one per line. */
export function explainTotals(fleet: ParsedFleet, sized: SizedFleet): string[] {
  const { maxConnections, superuserReserved, reservedConnections, providerReserved, usable, limits } = fleet
  const { steady, deploy, logins } = sized.sum
  const provider = providerReserved > 0 ? ` − ${providerReserved} kept by the provider` : ""
  return [
    `usable = ${maxConnections} max_connections − ${superuserReserved} superuser_reserved_connections − ${reservedConnections} reserved_connections${provider} = ${usable}`,
    sumLine("total", fleet, sized, "steady"),
    sumLine("deploy", fleet, sized, "deploy"),
    ...(["database", "role"] as const)
      .filter((name) => limits[name] >= 0)
      .map((name) => {
        const [used, inDeploy] = [steady - logins.steady, deploy - logins.deploy]
        return `limits.${name} = ${limits[name]}: ${used} used, ${inDeploy} during a deploy, ${against(inDeploy, limits[name])}`
      }),
    ...explainPoolers(fleet, sized),
  ]
}

function sumLine(
  name: string,
  fleet: ParsedFleet,
  { sizes, sum, runs }: SizedFleet,
  phase: keyof Phases,
): string {
  const { reserved, reservedOutside, jobs, usable } = fleet
  const poolers = fleet.poolers.flatMap((pooler, index) => {
    const totals = sum.poolers[index]
    return totals === undefined ? [] : [poolerTerm(pooler, totals, phase)]
  })
  const beside = poolers.reduce((all, { connections }) => all + connections, runs.connections)
  const terms = [
    ...reserved.map(([reservedName, slots]) => `${slots} ${label(reservedName)}`),
    ...consumerTerms(fleet, sizes, undefined, phase, sum[phase] - beside),
    ...poolers.map(({ text }) => text),
    ...(jobs.some(({ pooler }) => pooler === undefined) ? [jobsTerm(runs)] : []),
  ]
  const total = reservedOutside + sum[phase]
  return `${name} = ${terms.join(" + ") || "0"} = ${total}, ${against(total, usable)}`
}

/** The terms of the consumers that connect directly, or behind a pooler; `all` is their sum. */
function consumerTerms(
  { consumers }: ParsedFleet,
  sizes: readonly number[],
  pooler: string | undefined,
  phase: keyof Phases,
  all: number,
): string[] {
  const own = consumers.flatMap((consumer, index) =>
    consumer.pooler === pooler ? [{ consumer, size: sizes[index] ?? 0 }] : [],
  )
  const shown = own.slice(0, SHOWN).map(({ consumer, size }) => {
    const connections = heldBy(consumer, size, phase) + loginsOf(consumer, size)[phase]
    return { connections, text: `${connections} ${label(consumer.name)} (${product(consumer, size, phase)})` }
  })
  const rest = shown.reduce((left, { connections }) => left - connections, all)
  return [
    ...shown.map(({ text }) => text),
    ...(own.length > SHOWN ? [`${rest} in ${own.length - SHOWN} more`] : []),
  ]
}

/** Writes what one process of each pooler opens, and its clients, in lines of their own. */
function explainPoolers(fleet: ParsedFleet, { sizes, sum, poolerRuns }: SizedFleet): string[] {
  return fleet.poolers.flatMap((pooler, index) => {
    const [totals, runs] = [sum.poolers[index], poolerRuns[index]]
    if (totals === undefined || runs === undefined) return []
    const size = sizes[fleet.consumers.length + fleet.jobs.length + index] ?? 0
    const clients = (phase: keyof Phases, what: string) => {
      const all = totals.clients.all[phase]
      const terms = [
        ...consumerTerms(fleet, sizes, pooler.name, phase, all - runs.connections),
        ...(fleet.jobs.some((job) => job.pooler === pooler.name) ? [jobsTerm(runs)] : []),
      ]
      return `${label(pooler.name)}, ${what} = ${terms.join(" + ")} = ${all}, ${against(all, totals.capacity)}`
    }
    return [
      `${label(pooler.name)}, one process = ${explainProcess(pooler, size)}`,
      `${label(pooler.name)}, capacity = ${explainCapacity(pooler, totals)} = ${totals.capacity} clients`,
      clients("steady", "clients"),
      clients("deploy", "clients in a deploy"),
    ]
  })
}

function product(consumer: ParsedConsumer, size: number, phase: keyof Phases): string {
  const { instances, surge, poolsPerInstance, shared } = consumer
  if (shared !== undefined) {
    const logins = loginsOf(consumer, size)[phase]
    return `budget ${budgetAt(shared, size)} + ${logins} ${logins === 1 ? "login" : "logins"}`
  }
  const count = phase === "deploy" && surge > 0 ? `(${instances} + ${surge})` : `${instances}`
  return poolsPerInstance > 1 ? `${count} × ${size} × ${poolsPerInstance}` : `${count} × ${size}`
}

function jobsTerm({ connections, jobs, at }: ConcurrentRuns): string {
  const shown = jobs
    .slice(0, SHOWN)
    .map((job) => `${label(job.name)} ${job.runs} × ${job.connections / job.runs}`)
  const more = jobs.length > SHOWN ? [`and ${jobs.length - SHOWN} more`] : []
  const detail = [at && `at ${at}`, [...shown, ...more].join(", ")].filter(Boolean).join(": ")
  return `${connections} jobs at their peak${detail && ` (${detail})`}`
}

const against = (used: number, limit: number): string =>
  used > limit ? `${used - limit} above ${limit}` : `within ${limit}`
