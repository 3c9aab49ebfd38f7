import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import { PoolConfigError } from "../../error.ts"
import { declaredRoles, JOBS, namesWithoutOwner } from "../../monitor/inspect/attribution.ts"
import { UNKNOWN_OWNER } from "../../monitor/metrics/observed-fleet.ts"
import type { ConsumerSum, FleetCheck, PoolerSum } from "../../sizing/index.ts"
import { byName } from "../../sizing/names.ts"
import type { ParsedConsumer } from "../../sizing/parse-consumers.ts"
import { jobNames, type ParsedFleet } from "../../sizing/parse-fleet.ts"
import type { ParsedPooler } from "../../sizing/parse-poolers.ts"
import { sizedPools } from "../../sizing/sized-pools.ts"
import type { LimitedRole } from "./limits-sql.ts"

/** A fleet with all of its sizes, and to whom its roles belong. */
export interface PlannedFleet {
  readonly range: Pick<FleetBounds, "applications" | "roles">
  readonly fleet: ParsedFleet
  readonly check: Pick<FleetCheck, "consumers" | "jobs" | "poolers">
}

/**
 * The most connections that each consumer needs, each pooler for all that is behind it, and all jobs together: in a deploy too, since its role has to let old and
 * new instances in.
 *
 * @throws PoolConfigError if a role belongs to nobody in the fleet
 */
export function limitedRoles({ range: { applications, roles }, fleet, check }: PlannedFleet): LimitedRole[] {
  const { jobs, jobsBehind } = jobNames(fleet)
  const owned = { applications, roles, reserved: byName(fleet.reserved), check, jobs, jobsBehind }
  const ownerless = namesWithoutOwner(owned)
  if (ownerless.length > 0) throw new PoolConfigError(ownerless.map((name) => ({ name, ...UNKNOWN_OWNER })))
  return [
    ...fleet.consumers
      .filter(({ pooler }) => pooler === undefined)
      .map(
        (consumer): LimitedRole => ({
          name: consumer.name,
          kind: "consumer",
          limit: limitOf(check.consumers[consumer.name]),
          reason: reasonOf(consumer),
          isAuto: consumer.shared !== undefined,
          roles: declaredRoles(owned, "consumer", consumer.name),
        }),
      ),
    ...fleet.poolers.flatMap((pooler) =>
      rolesOfPooler(pooler, check.poolers?.[pooler.name], declaredRoles(owned, "pooler", pooler.name)),
    ),
    ...(jobs.length === 0
      ? []
      : [
          {
            name: JOBS,
            kind: "jobs" as const,
            limit: check.jobs.connections,
            reason: "all that run at once, at their peak",
            isAuto: false,
            roles: declaredRoles(owned, "jobs", JOBS),
          },
        ]),
  ]
}

/** One role, or each user that a pooler lists: none of them may have more than its own pools. */
function rolesOfPooler(
  pooler: ParsedPooler,
  sum: PoolerSum | undefined,
  roles: readonly string[],
): LimitedRole[] {
  const { name, instances, surge } = pooler
  const { total = 0, orphans = 0 } = sum?.deploy ?? {}
  const count = instances + surge
  const processes = `${count} ${count === 1 ? "process" : "processes"} in a deploy`
  const role = (limit: number, reason: string, names: readonly string[]): LimitedRole => ({
    name,
    kind: "pooler",
    limit,
    reason,
    isAuto: false,
    roles: names,
  })
  const pools = sizedPools(pooler) ?? []
  const users = [...new Set(pools.map(({ user }) => user))]
  if (users.length < 2)
    return [
      role(
        total,
        `${processes} with ${total - orphans} in all, and ${orphans} without a client`,
        users.length === 0 ? roles : users,
      ),
    ]
  return users.map((user) => {
    const own = pools.filter((pool) => pool.user === user)
    const each = own.reduce((most, { poolSize, reservePoolSize }) => most + poolSize + reservePoolSize, 0)
    const left = Math.min(orphans, count * each)
    const limit = Math.min(total, count * each + left)
    return role(limit, `${processes}, each with ${each} of this user, and ${left} without a client`, [user])
  })
}

/** A budget is the limit itself: what logs in beside it is refused. */
const limitOf = (sum: ConsumerSum | undefined): number =>
  sum === undefined ? 0 : sum.deploy.total - (sum.logins?.deploy ?? 0)

/** `3 instances and 3 new ones in a deploy, each with 11 connections`. */
function reasonOf({ instances = 0, surge, poolsPerInstance, size, shared }: ParsedConsumer): string {
  if (shared !== undefined) return "its budget, which the pools of all its instances share"
  const inDeploy = surge > 0 ? ` and ${surge} new ${surge === 1 ? "one" : "ones"} in a deploy` : ""
  const pools = poolsPerInstance > 1 ? `${poolsPerInstance} pools of ` : ""
  return `${instances} ${instances === 1 ? "instance" : "instances"}${inDeploy}, each with ${pools}${size.min} ${size.min === 1 ? "connection" : "connections"}`
}
