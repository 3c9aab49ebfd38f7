import { label } from "../error.ts"
import type { ConcurrentRuns } from "../schedule/concurrent-runs.ts"
import { budgetAt, type Phases } from "./auto-budget.ts"
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
  ]
}

function sumLine(
  name: string,
  fleet: ParsedFleet,
  { sizes, sum, runs }: SizedFleet,
  phase: keyof Phases,
): string {
  const { reserved, reservedOutside, consumers, jobs, usable } = fleet
  const shown = consumers.slice(0, SHOWN).map((consumer, index) => {
    const size = sizes[index] ?? 0
    const connections = heldBy(consumer, size, phase) + loginsOf(consumer, size)[phase]
    return { connections, text: `${connections} ${label(consumer.name)} (${product(consumer, size, phase)})` }
  })
  const rest = shown.reduce((left, { connections }) => left - connections, sum[phase] - runs.connections)
  const terms = [
    ...reserved.map(([reservedName, slots]) => `${slots} ${label(reservedName)}`),
    ...shown.map(({ text }) => text),
    ...(consumers.length > SHOWN ? [`${rest} in ${consumers.length - SHOWN} more`] : []),
    ...(jobs.length > 0 ? [jobsTerm(runs)] : []),
  ]
  const total = reservedOutside + sum[phase]
  return `${name} = ${terms.join(" + ") || "0"} = ${total}, ${against(total, usable)}`
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
