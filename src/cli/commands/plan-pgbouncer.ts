import type { FleetConfig } from "../../declaration/fleet-config.ts"
import type { PgBouncerVersion } from "../../deployments/pgbouncer/versions.ts"
import { describeValue, label, PoolConfigError } from "../../error.ts"
import type { ParsedPooler } from "../../sizing/parse-poolers.ts"
import { sizedPools } from "../../sizing/sized-pools.ts"
import { limitedRoles } from "../output/limited-roles.ts"
import { clientEnvironment, type PooledClient } from "../output/pgbouncer-clients.ts"
import { pgbouncerIni } from "../output/pgbouncer-ini.ts"
import { limitsOn, type Planned } from "./planned.ts"

/** A pooler of a fleet, and the plan that it is in. */
interface Choice {
  readonly plan: Planned
  readonly pooler: ParsedPooler
}

/**
 * Prints the `pgbouncer.ini` of the one pooler of the fleets, or of the one that is named, by itself or by something behind it.
 *
 * @throws PoolConfigError if there is none, or more than one
 */
export function plannedIni(
  plans: readonly Planned[],
  config: FleetConfig,
  version: PgBouncerVersion,
  only: string | undefined,
): string {
  const { plan, pooler } = chosen(plans, only)
  const { range, fleet, sizing, server } = plan
  const role = limitedRoles({ range, fleet, check: sizing.check }).filter(
    ({ kind, name }) => kind === "pooler" && name === pooler.name,
  )
  const sum = sizing.check.poolers?.[pooler.name]
  if (sum === undefined) throw new Error(`${pooler.name} has no sum`)
  const named = [
    ...fleet.consumers,
    ...fleet.jobs.map(({ single, ...job }) => ({ ...job, name: single.name })),
  ]
  const users = [...new Set(role.flatMap(({ roles }) => roles))]
  const clients = named
    .filter((each) => each.pooler === pooler.name)
    .map(({ name, size }): PooledClient => {
      const own = Object.entries(range.roles).flatMap(([user, owner]) => (owner === name ? [user] : []))
      const user = onlyOf(own) ?? onlyOf(users)
      const database = databaseOf(pooler, user)
      return { name, size: size.min, sizeVariable: range.sizeVariables[name] ?? "", user, database }
    })
  return pgbouncerIni({
    pooler,
    path: `${range.prefix}poolers.${pooler.name}`,
    version,
    sum,
    host: hostOf(config, server),
    sql: limitsOn(plan, ({ kind, name }) => kind === "pooler" && name === pooler.name),
    environment: clientEnvironment(clients),
    direct: named.flatMap((each) => (each.pooler === undefined ? [each.name] : [])),
  })
}

/** A name that is the only one, and no beginning of several. */
const onlyOf = (names: readonly string[]): string | undefined =>
  names.length === 1 && !names[0]?.endsWith("*") ? names[0] : undefined

/** The entry that a client uses, where its pooler lists just one for its user. */
function databaseOf(pooler: ParsedPooler, user: string | undefined): string | undefined {
  const pools = sizedPools(pooler) ?? []
  const own = pools.filter((pool) => user === undefined || pool.user === user)
  const { authUser } = pooler.given
  const databases = new Set(own.flatMap((pool) => (pool.user === authUser ? [] : [pool.database])))
  return databases.size === 1 ? [...databases][0] : undefined
}

/** The first name that leads to the server. */
function hostOf({ servers, deployments }: FleetConfig, server: string): string | undefined {
  const hosts = servers === undefined ? deployments?.hosts : servers[server]?.hosts
  return hosts?.[0]
}

function chosen(plans: readonly Planned[], only: string | undefined): Choice {
  const all = plans.flatMap((plan) => plan.fleet.poolers.map((pooler): Choice => ({ plan, pooler })))
  if (all.length === 0) throw noPooler()
  const meant = only === undefined ? all : all.filter((choice) => isMeant(choice, only))
  const [first, ...more] = meant
  if (first !== undefined && more.length === 0) return first
  const names = [...new Set(all.map(({ pooler }) => label(pooler.name)))].join(", ")
  const several = meant.every(({ pooler }) => pooler.name === first?.pooler.name)
    ? "Give the declaration of one server, with --config"
    : `Give --for with one of ${names}`
  throw new PoolConfigError([
    first === undefined
      ? {
          name: "--for",
          problem: `received ${describeValue(only)}, which is no pooler of this fleet, and nothing behind one`,
          remedy: `Give one of ${names}, or leave it out`,
        }
      : {
          name: "--format",
          problem: `is pgbouncer, which is for one pooler, and there are ${meant.length}`,
          remedy: several,
        },
  ])
}

const isMeant = ({ plan: { fleet }, pooler: { name } }: Choice, only: string): boolean =>
  name === only ||
  fleet.consumers.some((each) => each.name === only && each.pooler === name) ||
  fleet.jobs.some((each) => each.single.name === only && each.pooler === name)

const noPooler = () =>
  new PoolConfigError([
    {
      name: "poolers",
      problem: "has no pooler, and --format is pgbouncer",
      remedy:
        'Declare one in pool.config.json, "poolers": { "pgbouncer": { "instances": 1 } }, and "pooler": "pgbouncer" in each consumer and job that connects through it',
    },
  ])
