import type { Attributes } from "../attributes.ts"
import { madeHost } from "../made-host.ts"

/** A database of an app: a cluster, or a development database of its own. */
export interface AppDatabase {
  readonly name: string
  readonly attributes: Attributes
  readonly isPostgres: boolean
  /** The name of the cluster; undefined for a development database. */
  readonly cluster: string | undefined
  /** The host of its URLs; undefined if the name of its cluster is known only after apply. The real one is in no spec. */
  readonly host: string | undefined
  /** The database that its URLs name. */
  readonly database: string
}

/** The port of PostgreSQL in a cluster. */
export const PORT = 25060

/** The port of its PgBouncer. */
export const POOLER_PORT = 25061

/** Stands for the host of a cluster, by which an app and a plan name it. */
export const clusterHost = (cluster: string): string => madeHost(cluster, "cluster", "digitalocean")

/** @param app the name of the app, which tells its development databases from those of others */
export const readDatabases = (blocks: readonly Attributes[], app: string): readonly AppDatabase[] =>
  blocks.map((attributes): AppDatabase => {
    const name = attributes.text("name") ?? ""
    const cluster = attributes.text("cluster_name") || undefined
    const isUnseen = attributes.isUnknown("cluster_name") && attributes.get("production") !== false
    return {
      name,
      attributes,
      isPostgres: isPostgres(attributes),
      cluster,
      host: isUnseen
        ? undefined
        : cluster === undefined
          ? madeHost(name, app, "app", "digitalocean")
          : clusterHost(cluster),
      database: attributes.text("db_name") || (cluster === undefined ? name : "defaultdb"),
    }
  })

/** A development database is PostgreSQL where its spec does not say. */
function isPostgres(attributes: Attributes): boolean {
  const engine = attributes.text("engine") ?? ""
  return ["", "UNSET", "PG"].includes(engine.toUpperCase())
}

/**
 * Returns a part of a database's address that a variable may be bound to; undefined for any other. DigitalOcean's URLs
 * have this one parameter.
 *
 * @param pool the connection pool in its cluster
 */
export function boundTo(database: AppDatabase, part: string, pool?: string): string | undefined {
  const { host, isPostgres } = database
  if (host === undefined) return undefined
  const port = pool === undefined ? PORT : POOLER_PORT
  const name = encodeURIComponent(pool ?? database.database)
  switch (part) {
    case "DATABASE_URL":
    case "DATABASE_PRIVATE_URL":
      return `${isPostgres ? "postgresql" : "mysql"}://app@${host}:${port}/${name}?sslmode=require`
    case "HOSTNAME":
    case "PRIVATE_HOSTNAME":
      return host
    case "PORT":
      return String(port)
    case "USERNAME":
    case "PASSWORD":
      return "app"
    case "DATABASE":
      return name
    default:
      return undefined
  }
}
