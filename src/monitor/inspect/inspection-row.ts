import * as z from "zod/mini"

const text = z.nullable(z.string())
const number = z.nullable(z.number())

/** A group of connections that are alike. Null where this role may not see. */
const connectionGroup = z.object({
  database: text,
  user: text,
  application: text,
  client: text,
  state: text,
  /** Of another role, to one that may not see everything: perhaps no client at all. */
  hidden: z.boolean(),
  connections: z.int(),
  /** Seconds since the oldest of them began. */
  oldest: number,
  onLocks: z.int(),
  onClient: z.int(),
})

/** One connection that is worth a look. Seconds are null where this role may not see. */
const sessionRow = z.object({
  /** Stands in SQL that is ready to paste: whatever answers, it is a number. */
  pid: z.int(),
  type: text,
  application: text,
  user: text,
  database: text,
  client: text,
  state: text,
  /** In this state. */
  seconds: number,
  /** Since its transaction began. */
  transaction: number,
  /** As PostgreSQL writes a time; stands in SQL that is ready to paste. */
  startedAt: z.nullable(z.string().check(z.regex(/^[\d :.+-]{1,40}$/))),
  /** Whether the role that asks may end it. */
  mayEnd: z.boolean(),
})

const limits = z.record(z.string(), z.int())

const inspectionRow = z.object({
  version: z.string(),
  versionNumber: z.int(),
  sharedBuffers: z.string(),
  sharedBuffersBytes: z.int(),
  isReplica: z.boolean(),
  maxConnections: z.int(),
  superuserReserved: z.int(),
  reservedConnections: z.int(),
  providerReserved: z.int(),
  pid: z.int(),
  database: z.string(),
  role: z.string(),
  isSuperuser: z.boolean(),
  mayUseReserved: z.boolean(),
  seesEverything: z.boolean(),
  databaseLimit: z.int(),
  roleLimit: z.int(),
  /** Rows of this database, whatever they are: what the usual alert query counts. */
  rowsOfDatabase: z.int(),
  groups: z.array(connectionGroup),
  databaseLimits: limits,
  roleLimits: limits,
  longestQuery: z.nullable(sessionRow),
  longestIdleInTransaction: z.nullable(sessionRow),
  blocked: z.array(z.extend(sessionRow, { blockedBy: z.array(z.int()) })),
  blockers: z.array(sessionRow),
})

export type ConnectionGroup = Readonly<z.infer<typeof connectionGroup>>
export type SessionRow = Readonly<z.infer<typeof sessionRow>>
/** What the inspection's query returns, as JSON in its one column. */
export type InspectionRow = Readonly<z.infer<typeof inspectionRow>>

/**
 * Reads the answer to the inspection's query. The server may be anybody's.
 *
 * @throws {Error} when it is something else
 */
export function readInspection(rows: unknown): InspectionRow {
  const [row] = Array.isArray(rows) ? rows : []
  // A role that was dropped while it is connected has no row.
  const report = (row as { readonly report?: unknown } | undefined)?.report
  const result = inspectionRow.safeParse(typeof report === "string" ? parsed(report) : undefined)
  if (!result.success) throw new Error("The server did not answer the question for its connections")
  return result.data
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}
