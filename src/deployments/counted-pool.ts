import { OPTIONS } from "../config/options.ts"
import { MAX_POOL_SIZE } from "../validation/numbers.ts"
import type { Leads } from "./database-servers.ts"
import { presence, type ResourceEnvironment } from "./environment.ts"
import type { Findings, Unknown } from "./findings.ts"
import type { Override } from "./override.ts"
import type { PoolSize } from "./pool-size.ts"
import { processesOf } from "./processes.ts"
import { type Bounds, exactly, hasBudget, type ResourcePool } from "./resource-pool.ts"
import { noteBudget, sharedBudget, sharedPool } from "./shared-budget.ts"

export const ANY_SIZE: Bounds = { lowest: OPTIONS.connectionLimit.min, highest: MAX_POOL_SIZE }

/** A pool that a variable of a container leads to. */
export interface FoundPool {
  readonly name: string
  readonly address: string
  readonly container: ResourceEnvironment
  /** The variable that holds its URL, or marks it. */
  readonly variable: string
  readonly size: PoolSize
  /** The variable that sets its size; undefined if none does. */
  readonly sizeVariable: string | undefined
  /** The use of its variable for its size: a URL may have a `connection_limit` in it. */
  readonly sizeRemedy: string
  readonly use: ResourcePool["use"]
}

/** Counts a pool, and records what is unknown of it. */
export function countedPool(
  { name, address, container, variable, size, sizeVariable, sizeRemedy, use }: FoundPool,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const isStated = override?.poolSize !== undefined
  const certain = isStated || presence(container, variable) === "certain"
  const poolsPerInstance = override?.poolsPerInstance ?? processesOf(container, address, findings)
  const pool = {
    name,
    address,
    certain,
    poolsPerInstance,
    use,
    ...(sizeVariable === undefined ? {} : { sizeVariable }),
    ...(size.poolTimeout === undefined ? {} : { poolTimeout: size.poolTimeout }),
  }
  const shared = sharedBudget({ address, size, use }, override, findings)
  if (typeof override?.poolSize === "number") return [{ ...pool, size: exactly(override.poolSize) }]
  if ("issues" in size && shared === undefined) {
    for (const issue of size.issues) findings.issues.push({ ...issue, name: `${address}.${issue.name}` })
    return []
  }
  const counted = shared === undefined ? { ...pool, size: boundsOf(size) } : sharedPool(pool, shared)
  if (!certain) {
    findings.unknowns.push({
      cause: "environment",
      address,
      attribute: variable,
      name: `${address}.${variable}`,
      pools: [name],
      problem: `may be set: its environment is ${container.mayHaveMore}`,
      between: `0 to ${counted.size.highest} connections ${unitOf(counted)}`,
      remedy: "Exclude it if it does not connect, or override its poolSize",
    })
  } else if (shared !== undefined) {
    noteBudget(counted, shared, findings)
  } else if ("decidedBy" in size) {
    const hidden = size.decidedBy === variable ? ", and may have a connection_limit in it" : ""
    findings.unknowns.push({
      cause: "size",
      address,
      attribute: size.decidedBy,
      name: `${address}.${size.decidedBy}`,
      problem: `is ${size.reason}${hidden}`,
      between: `${counted.size.lowest} to ${counted.size.highest} connections a pool`,
      remedy: sizeRemedy,
    })
  }
  return [counted]
}

/** A size of `auto` that is no share of a budget counts with the most that it comes to. */
function boundsOf(size: PoolSize): Bounds {
  if ("auto" in size) return exactly(size.auto.cap)
  return "size" in size ? exactly(size.size) : ANY_SIZE
}

const unitOf = (pool: ResourcePool): string => (hasBudget(pool) ? "in all" : "a pool")

/**
 * Returns a pool as it counts on the checked server. Records one that may belong to another server, because several are
 * checked and its address is hidden or names none of them. One that may wait for a pooler in front of the server counts
 * at the most as if it did not: a pooler has no more connections than its clients.
 *
 * @param tie the field of a server that ties the variable to it
 */
export function tiedPool(
  pool: ResourcePool,
  leads: Exclude<Leads, "elsewhere">,
  address: string,
  variable: string,
  tie: "keys" | "markers",
  { unknowns }: Findings,
): ResourcePool {
  // What may not connect at all is recorded as such.
  if (leads === "here" || (leads === "perhaps pooled" && !pool.certain)) return pool
  unknowns.push({
    cause: "server",
    address,
    attribute: variable,
    name: `${address}.${variable}`,
    pools: [pool.name],
    between: `0 to ${pool.size.highest} connections ${unitOf(pool)}`,
    ...(leads === "perhaps pooled"
      ? pool.destination
        ? {
            ...MAY_BE_POOLED,
            problem: "may lead to a pooler in front of this server, of which not enough is known",
          }
        : MAY_BE_POOLED
      : pool.destination
        ? {
            problem: "leads to a host that no server declares, so it may lead to this server or to another",
            remedy: "Add the host to the hosts of its server, under servers",
          }
        : {
            problem: "cannot be seen, so it may lead to this server or to another",
            remedy: `Add the variable to servers.NAME.${tie} of the server that ${tie === "keys" ? "its URLs lead" : "it leads"} to`,
          }),
  })
  return { ...pool, certain: false }
}

const MAY_BE_POOLED: Pick<Unknown, "problem" | "remedy"> = {
  problem: "cannot be seen, so it may lead to this server or to a pooler in front of it",
  remedy: "Set it to a value that the plan shows; or exclude it, and declare what it opens as a consumer",
}
