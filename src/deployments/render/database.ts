import type { FoundServer } from "../ceiling.ts"
import { known } from "../postgres-container.ts"
import { hostOf, type RenderDatabase } from "./blueprint.ts"

/** The port of the PgBouncer that Render runs beside a database: any that is not PostgreSQL's tells the two apart. */
const POOLER_PORT = 6432

/**
 * Returns the URL that a variable gets from a database. Render's own has no parameters either; only its host and its
 * credentials are in no file.
 */
export const urlOf = ({ host }: Pick<RenderDatabase, "host">, isPooled: boolean): string =>
  `postgresql://render@${host}:${isPooled ? POOLER_PORT : 5432}/render`

/** The host of a database that is not in the file. */
export const hostElsewhere = (name: string): string => `${hostOf(name, "")}.elsewhere`

/** Reads a database. A read replica has its primary's plan, and a ceiling of its own. */
export function foundServer({
  address,
  ownAddress,
  host,
  attributes,
  isReplica,
}: RenderDatabase): FoundServer {
  const plan = attributes.text("plan")
  return {
    address,
    names: [address, ownAddress],
    nodeType: plan,
    documented: undefined,
    hosts: [host],
    poolerPort: POOLER_PORT,
    ...(isReplica ? { isReplica } : {}),
    ...ceilingOf(plan, statedIn(attributes)),
  }
}

type Ceiling = Pick<FoundServer, "maxConnections" | "reason" | "assumption">

function ceilingOf(plan: string | undefined, stated: string | undefined): Ceiling {
  if (stated !== undefined) return known(stated, "its parameters")
  const memory = memoryOf(plan ?? DEFAULT_PLAN)
  if (memory === undefined)
    return { maxConnections: undefined, reason: "has a plan whose memory its name does not say" }
  const maxConnections = DEFAULTS.find(([from]) => memory >= from)?.[1] ?? SMALLEST
  return {
    maxConnections,
    reason: undefined,
    assumption: {
      assumed:
        plan === undefined
          ? `${maxConnections}, Render's default for ${DEFAULT_PLAN}, the plan of a new database without one`
          : `${maxConnections}, Render's default for the plan ${plan}`,
      remedy: "Give what the server answers (SHOW max_connections)",
    },
  }
}

/** A ceiling that the file states. */
function statedIn(attributes: RenderDatabase["attributes"]): string | undefined {
  const [parameters] = ["parameterOverrides", "parameter_overrides"].flatMap((name) =>
    attributes.blocks(name),
  )
  const value = parameters?.get("max_connections")
  return value === undefined ? undefined : String(value)
}

const DEFAULT_PLAN = "basic-256mb"

/** Memory in GB and the default from there on: https://render.com/docs/postgresql-connection-pooling */
const DEFAULTS: readonly (readonly [memory: number, maxConnections: number])[] = [
  [32, 500],
  [16, 400],
  [8, 200],
]
const SMALLEST = 100

/** In GB, by the end of a plan's name: `basic-256mb`, `pro-8gb`. */
function memoryOf(plan: string): number | undefined {
  if (plan === "free") return 0.25
  const [, size, unit] = /-(\d{1,4})(mb|gb)$/.exec(plan) ?? []
  return size === undefined ? undefined : Number(size) / (unit === "mb" ? 1024 : 1)
}
