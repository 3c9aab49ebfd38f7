import { withoutVersion } from "./application-name.ts"
import type { AutoService, OwnedLimit } from "./database-report.ts"
import { groupConnections, type PoolConnections, sum } from "./group-connections.ts"
import type { InspectionRow } from "./inspection-row.ts"

type Limits = Pick<InspectionRow, "roleLimits" | "databaseLimits" | "superusers">

/**
 * Finds the services whose pools follow each other (`auto`), by the ids in the names of their connections. Pools share
 * among those of their role, whatever their version, so that each role is a service of its own.
 */
export function autoServicesOf(groups: readonly PoolConnections[], limits: Limits): AutoService[] {
  const members = groups.filter(({ pool }) => pool !== undefined)
  return [...groupConnections(members, ({ application }) => withoutVersion(application ?? ""))]
    .flatMap(([name, ofName]) =>
      [...groupConnections(ofName, ({ user }) => user)].map(([role, own]): AutoService => {
        const isSuperuser = role !== null && limits.superusers.includes(role)
        return {
          name,
          role,
          isSuperuser,
          pools: new Set(own.map(({ pool }) => pool)).size,
          connections: connectionsOf(own),
          limits: isSuperuser ? [] : limitsOf(role, own, groups, limits),
        }
      }),
    )
    .sort((one, other) => other.connections - one.connections || (one.name < other.name ? -1 : 1))
}

/** The limits of the role and of each database that its pools use. */
function limitsOf(
  role: string | null,
  own: readonly PoolConnections[],
  groups: readonly PoolConnections[],
  { roleLimits, databaseLimits }: Limits,
): OwnedLimit[] {
  const limitOf = (
    name: OwnedLimit["name"],
    owner: string | null,
    limits: Readonly<Record<string, number>>,
    against: readonly PoolConnections[],
  ): OwnedLimit[] => {
    const limit = owner !== null && Object.hasOwn(limits, owner) ? limits[owner] : undefined
    return owner === null || limit === undefined ? [] : [{ name, owner, limit, used: connectionsOf(against) }]
  }
  const databases = [...new Set(own.map(({ database }) => database))]
  return [
    ...limitOf(
      "role",
      role,
      roleLimits,
      groups.filter(({ user }) => user === role),
    ),
    ...databases.flatMap((database) =>
      limitOf(
        "database",
        database,
        databaseLimits,
        groups.filter((group) => group.database === database),
      ),
    ),
  ].sort((one, other) => one.limit - one.used - (other.limit - other.used))
}

const connectionsOf = (groups: readonly PoolConnections[]) => sum(groups, ({ connections }) => connections)
