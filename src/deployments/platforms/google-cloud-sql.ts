import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { textsOf } from "../json-value.ts"
import type { DatabaseServer } from "../platform.ts"

/** Reads a server of Cloud SQL; undefined if it is no PostgreSQL. */
export function cloudSqlInstance(attributes: Attributes): DatabaseServer | undefined {
  const version = attributes.text("database_version")
  if (version !== undefined && !version.startsWith("POSTGRES")) return undefined
  const [settings] = attributes.blocks("settings")
  const flag = settings
    ?.blocks("database_flags")
    .find((each) => each.isUnknown("name") || each.get("name") === "max_connections")
  const tier = settings?.text("tier")
  const addresses = ["public_ip_address", "private_ip_address", "dns_name"]
  const hosts = textsOf([...addresses.map((name) => attributes.get(name)), connectionName(attributes)])
  const known = { hosts, ...(tier === undefined ? {} : { nodeType: tier }) }
  const isHidden = flag !== undefined && ["name", "value"].some((name) => flag.isUnknown(name))
  const value = isHidden ? "" : (flag?.text("value") ?? "")
  if (/^[1-9]\d{0,5}$/.test(value)) return { maxConnections: Number(value), ...known }
  if (flag !== undefined) {
    const what = isHidden ? AFTER_APPLY : "not a whole number"
    return {
      maxConnections: undefined,
      reason: `has a database flag max_connections that is ${what}`,
      ...known,
    }
  }
  if (settings === undefined)
    return {
      maxConnections: undefined,
      reason: "has no settings in the plan",
      ...known,
    }
  const most = defaultOf(tier ?? "")
  if (most !== undefined) {
    const assumed = `omitted: ${most}, Cloud SQL's default for ${tier}`
    const remedy =
      "Set the database flag max_connections, or give what the server answers (SHOW max_connections)"
    return { maxConnections: most, assumption: { assumed, remedy }, ...known }
  }
  const reason = "has no database flag max_connections, and its tier has no documented default"
  return { maxConnections: undefined, reason, ...known }
}

/** The name that its sockets have: `project:region:instance`. */
function connectionName(attributes: Attributes): string | undefined {
  const name = attributes.text("connection_name")
  if (name !== undefined) return name
  const parts = ["project", "region", "name"].map((part) => attributes.text(part))
  return parts.every((part) => part !== undefined) ? parts.join(":") : undefined
}

/** Memory in GB and the default from there on: https://cloud.google.com/sql/docs/postgres/flags#postgres-m */
const DEFAULTS: readonly (readonly [memory: number, maxConnections: number])[] = [
  [120, 1_000],
  [60, 800],
  [30, 600],
  [15, 500],
  [7.5, 400],
  [6, 200],
  [3.75, 100],
  [1.7, 50],
  [0.6, 25],
]

const defaultOf = (tier: string): number | undefined => {
  const memory = memoryOf(tier)
  return memory === undefined ? undefined : DEFAULTS.find(([from]) => memory >= from)?.[1]
}

/** Of a tier, in GB. */
function memoryOf(tier: string): number | undefined {
  const shared = { "db-f1-micro": 0.6, "db-g1-small": 1.7 }[tier]
  if (shared !== undefined) return shared
  const [, megabytes] = /^db-custom-\d{1,3}-(\d{3,7})$/.exec(tier) ?? []
  if (megabytes !== undefined) return Number(megabytes) / 1_024
  // 8 GB for each of its cores.
  const [, cores] = /^db-perf-optimized-N-(\d{1,3})$/.exec(tier) ?? []
  return cores === undefined ? undefined : Number(cores) * 8
}
