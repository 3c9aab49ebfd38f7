import { readdirSync, readFileSync } from "node:fs"
import { z } from "zod"
import { CALLS } from "./subject.ts"

/** The targets of the specification. An expectation may differ for targets whose name begins with its key. */
export const TARGETS = [
  "Prisma 7.10",
  "Prisma 7.0",
  "Prisma 6.16",
  "createPool",
  "createPool under Prisma 8",
] as const
export type Target = (typeof TARGETS)[number]

const name = z.string().min(1)
const millis = z.int().positive()
const times = z.int().positive().default(1)

const step = z.union([
  z.strictObject({
    /** Makes calls, each of which is awaited by another step. With several kinds, one after the other. */
    start: name,
    call: z.union([z.enum(CALLS), z.array(z.enum(CALLS)).min(2)]),
    times,
    sql: z.union([z.string(), z.array(z.string())]).optional(),
    name: name.optional(),
    /** Prisma's own `timeout` and `maxWait`. */
    limits: z.strictObject({ timeout: millis.optional(), maxWait: millis.optional() }).optional(),
    /** A transaction catches the errors of its statements. */
    goesOn: z.boolean().default(false),
    client: z.union([z.int().nonnegative(), z.literal("each")]).default(0),
  }),
  z.strictObject({ hold: name, times, limits: z.strictObject({ timeout: millis }).optional() }),
  z.strictObject({ release: name }),
  z.strictObject({
    served: name,
    rows: z.array(z.unknown()).optional(),
    notBefore: millis.optional(),
  }),
  z.strictObject({
    refused: name,
    /** Null for errors of node-postgres without a code. */
    code: z.union([z.string(), z.record(name, z.string().nullable())]),
    isPoolTimeout: z.boolean().default(false),
    isTooManyConnections: z.boolean().default(false),
    notBefore: millis.optional(),
  }),
  z.strictObject({ inOrder: z.array(name).min(2) }),
  z.strictObject({ same: z.array(name).length(2) }),
  z.strictObject({ different: z.array(name).length(2) }),
  z.strictObject({
    network: z.enum(["pass", "refuse", "ignore", "reset", "starting", "full", "freeze", "thaw", "cut"]),
  }),
  /** The lock for which a statement waits that calls `pg_advisory_xact_lock_shared(1)`. */
  z.strictObject({ lock: z.enum(["take", "release"]) }),
  /** As the superuser, in the case's database; `:database` is its name. */
  z.strictObject({ server: z.string(), rows: z.array(z.unknown()).optional() }),
  z.strictObject({
    until: z.strictObject({
      backends: z.int().optional(),
      /** Statements that the server is running. */
      running: z.int().optional(),
      waiting: z.int().optional(),
      /** Connections on their way to the server, those that it has accepted included. */
      connections: z.int().optional(),
      /** Connections that could not be opened: so many, or more. */
      refusals: z.int().optional(),
      /** True while callers fail at once. */
      isDown: z.boolean().optional(),
    }),
  }),
  z.strictObject({ pause: millis }),
])

const specifiedCase = z.strictObject({
  description: name,
  given: z
    .strictObject({
      url: z.record(name, z.union([z.string(), z.number()])).default({}),
      password: name.optional(),
      database: name.optional(),
      clients: z.int().positive().default(1),
    })
    .prefault({}),
  /** Targets on which it makes no sense, each with the reason. */
  except: z.record(name, name).default({}),
  steps: z.array(step).min(1),
  /** The most backends that there must have been at once; `connection_limit` is never exceeded in any case. */
  peak: z.int().optional(),
  /** The code that the case is about. With it replaced, the case fails: on Prisma, unless `on` says otherwise. */
  without: z.strictObject({ file: name, code: name, by: z.string(), on: z.enum(TARGETS).optional() }),
})

const specification = z.strictObject({ guarantee: name, cases: z.array(specifiedCase).min(1) })

export type Step = z.infer<typeof step>
export type Case = z.infer<typeof specifiedCase>
export type Specification = z.infer<typeof specification>

const CASES = new URL("cases/", import.meta.url)

/** The whole specification, one file per guarantee. */
export const specifications: readonly Specification[] = readdirSync(CASES)
  .sort()
  .map((file) => specification.parse(JSON.parse(readFileSync(new URL(file, CASES), "utf8"))))

/** The value for a target, from values keyed by the beginning of target names. */
export function forTarget<T>(values: Readonly<Record<string, T>>, target: string): T | undefined {
  const [, value] = Object.entries(values).find(([begin]) => target.startsWith(begin)) ?? []
  return value === undefined ? values["else"] : value
}
