import { integerField, twoDecimalsField } from "../validation/number-fields.ts"
import { integer, type NumberRule } from "../validation/numbers.ts"
import { type Problem, type Reader, refused } from "../validation/problem.ts"
import { either, field, list, object, optional, rule, type Schema } from "../validation/schema.ts"
import { textField } from "../validation/text-fields.ts"
import type { CappedPools, CappedTwice } from "./capped-pools.ts"
import { maxRule, minRule, poolerRules, weightRule } from "./fleet-rules.ts"
import { type ParsedSize, type SizeValues, SOLVING_FIELDS, sizeConflicts, sizeOf } from "./parse-size.ts"
import type { OpenPooler, Pooler, PoolerMode, PoolerPool } from "./pooler.ts"
import { type PoolerFields, poolerConflicts } from "./pooler-conflicts.ts"
import { eachPool, ofClients, type PoolsValues, type PoolValues, poolsInProcess } from "./pooler-pools.ts"

/** A pooler with its name and its defaults filled in. */
export interface ParsedPooler {
  readonly name: string
  /** As given, without what is solved for. */
  readonly given: Omit<OpenPooler, keyof SizeValues | "maxClientConnections">
  readonly instances: number
  /** Those whose room its clients have. */
  readonly minInstances: number
  readonly surge: number
  readonly size: ParsedSize
  readonly reservePoolSize: number
  readonly mode: PoolerMode
  /** The pools of one process, those of `authUser` included. */
  readonly pools: CappedTwice
  /** Those of its clients, without those of `authUser`, each by itself: in session mode all clients may be in one of them. */
  readonly clientPools: readonly CappedPools[]
  /** True if each of them has the size and the reserve of the pooler. */
  readonly areAlike: boolean
  /** Undefined where it is as much as the clients need. */
  readonly maxClientConnections: number | undefined
  /** Undefined where it follows from the clients. */
  readonly orphans: number | undefined
}

/** 0 means another thing in each version, and none of them is a size. */
const readPoolSize = (value: unknown): number | Problem =>
  value === 0
    ? {
        problem:
          "received 0, which is unlimited in PgBouncer 1.24 and later, and no connection at all before",
        remedy: `Give ${poolerRules.poolSize.description}, a whole number from ${poolerRules.poolSize.min} to ${poolerRules.poolSize.max}`,
      }
    : integer(poolerRules.poolSize)(value)

const poolSizeField: Schema<number> = field<number>(readPoolSize, {
  type: "integer",
  minimum: poolerRules.poolSize.min,
  maximum: poolerRules.poolSize.max,
  description: "Server connections in each pool of the pooler, its default_pool_size",
})

/** A number of a pool in a list, which has the pooler's where it has none of its own. */
const own = ({ description, min, max }: NumberRule) => optional(integerField({ description, min, max }))

const databaseName = textField("Give the name of an entry in [databases]")
const userName = textField("Give the name of a user")

const poolSchema: Schema<PoolValues> = object({
  database: databaseName,
  user: userName,
  poolSize: optional(poolSizeField),
  reservePoolSize: own(poolerRules.reservePoolSize),
  maxDbConnections: own(poolerRules.maxDbConnections),
  maxUserConnections: own(poolerRules.maxUserConnections),
} satisfies Record<keyof PoolerPool, unknown>) as Schema<PoolValues>

const notEmpty = rule<readonly unknown[]>(function* (pools) {
  if (pools.length === 0) yield { path: [], problem: "has no pool", remedy: "Give at least one" }
})

const poolCount = integerField(poolerRules.pools)
const poolList = list(poolSchema, "Give a number of pools, or an array of them", notEmpty)

const MODES = ["transaction", "session"] as const satisfies readonly PoolerMode[]

/** Statement mode has no transactions, which Prisma needs. */
const readMode: Reader<PoolerMode> = (value = MODES[0]) =>
  MODES.find((mode) => mode === value) ?? refused(value, `Give ${MODES.join(" or ")}`)

const others = {
  instances: integerField(poolerRules.instances),
  minInstances: optional(integerField(poolerRules.minInstances)),
  surge: integerField(poolerRules.surge),
  pools: either<number | readonly PoolValues[]>(
    (value) => (Array.isArray(value) ? poolList : poolCount),
    {},
    [poolCount, poolList],
  ),
  databases: optional(integerField(poolerRules.databases)),
  users: optional(integerField(poolerRules.users)),
  reservePoolSize: integerField(poolerRules.reservePoolSize),
  maxDbConnections: integerField(poolerRules.maxDbConnections),
  maxUserConnections: integerField(poolerRules.maxUserConnections),
  poolMode: field<PoolerMode>(readMode, {
    enum: [...MODES],
    default: MODES[0],
    description:
      "pool_mode: in session mode a client holds a server connection for as long as it is connected",
  }),
  authUser: optional(
    textField("Give the name of PgBouncer's auth_user", {
      description: "auth_user, which has a pool of its own in each database entry",
    }),
  ),
  authDbname: optional(
    textField("Give the name of PgBouncer's auth_dbname", {
      description: "auth_dbname, the one entry in which authUser has its pool",
    }),
  ),
  orphans: optional(integerField(poolerRules.orphans)),
}

const poolerShape = {
  ...others,
  poolSize: poolSizeField,
  maxClientConnections: integerField(poolerRules.maxClientConnections),
} satisfies Record<keyof Pooler, unknown>

/** The fields of a pooler whose size may be open. */
export const openPoolerShape = {
  ...others,
  poolSize: optional(poolSizeField),
  weight: optional(twoDecimalsField(weightRule)),
  min: optional(integerField(minRule)),
  max: optional(integerField(maxRule)),
  maxClientConnections: optional(integerField(poolerRules.maxClientConnections)),
} satisfies Record<keyof OpenPooler, unknown>

interface PoolerValues extends PoolsValues, SizeValues {
  readonly instances: number
  readonly minInstances?: number | undefined
  readonly surge: number
  readonly poolMode: PoolerMode
  readonly maxClientConnections?: number | undefined
  readonly orphans?: number | undefined
}

/** Refuses what the fields of a pooler say together. */
export const poolerRule = rule<PoolerFields & SizeValues>((values) => [
  ...poolerConflicts(values),
  ...sizeConflicts(values),
])

export const poolerSchema = object(poolerShape, poolerRule)
export const openPoolerSchema = object(openPoolerShape, poolerRule)

const SOLVED: readonly string[] = ["poolSize", ...SOLVING_FIELDS, "maxClientConnections"]

/** @param given the same pooler before parsing */
export function parsedPooler(
  name: string,
  values: PoolerValues,
  given: Pooler | OpenPooler,
  usable: number,
): ParsedPooler {
  const {
    instances,
    minInstances = instances,
    surge,
    maxClientConnections,
    orphans,
    reservePoolSize,
  } = values
  const { poolSize, weight, min, max } = values
  const own = Object.fromEntries(Object.entries(given).filter(([each]) => !SOLVED.includes(each)))
  return {
    name,
    given: own as unknown as ParsedPooler["given"],
    instances,
    minInstances,
    surge,
    size: sizeOf({ poolSize, weight, min, max }, mostOfPool(values, usable)),
    reservePoolSize,
    mode: values.poolMode,
    pools: poolsInProcess(values),
    clientPools: eachPool(ofClients(values)),
    areAlike: areAlike(values.pools),
    maxClientConnections,
    orphans,
  }
}

/** True if no pool has a size or a reserve of its own. */
const areAlike = (pools: PoolsValues["pools"]): boolean =>
  typeof pools === "number" ||
  pools.every(({ poolSize, reservePoolSize }) => poolSize === undefined && reservePoolSize === undefined)

/** The most that a pool can have: as many as are usable, and as the caps leave to one. */
const mostOfPool = (
  { maxDbConnections, maxUserConnections }: Pick<PoolerValues, "maxDbConnections" | "maxUserConnections">,
  usable: number,
): number => Math.min(usable, ...[maxDbConnections, maxUserConnections].filter((cap) => cap > 0))
