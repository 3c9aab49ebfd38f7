import * as z from "zod/mini"

const text = z.nullable(z.string())
const number = z.nullable(z.number())

/** A group of equal connections. Null for a value that this role may not see. */
const connectionGroup = z.object({
  database: text,
  user: text,
  application: text,
  client: text,
  state: text,
  /** True for another role's process whose type this role may not see: it may not be a client. */
  hidden: z.boolean(),
  /** True for the connection that asks. */
  own: z.boolean(),
  connections: z.int(),
  /** Seconds since the oldest of them began. */
  oldest: number,
  onLocks: z.int(),
  onClient: z.int(),
})

/** One noteworthy connection. Seconds are null if this role may not see them. */
const sessionRow = z.object({
  /** Must be a number: it is printed in SQL that is ready to paste. */
  pid: z.int(),
  type: text,
  application: text,
  user: text,
  database: text,
  client: text,
  state: text,
  /** Seconds in this state. */
  seconds: number,
  /** Seconds since its transaction began. */
  transaction: number,
  /** A time in ISO 8601 with a blank, which is printed in SQL that is ready to paste. */
  startedAt: z.nullable(z.string().check(z.regex(/^[\d :.+-]{1,40}$/))),
  /** True if the inspecting role may end it. */
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
  /** All rows of this database, which the usual alert query counts. */
  rowsOfDatabase: z.int(),
  groups: z.array(connectionGroup),
  databaseLimits: limits,
  roleLimits: limits,
  superusers: z.array(z.string()),
  longestQuery: z.nullable(sessionRow),
  longestIdleInTransaction: z.nullable(sessionRow),
  blocked: z.array(z.extend(sessionRow, { blockedBy: z.array(z.int()) })),
  blockers: z.array(z.extend(sessionRow, { waits: z.boolean() })),
})

export type ConnectionGroup = Readonly<z.infer<typeof connectionGroup>>
export type SessionRow = Readonly<z.infer<typeof sessionRow>>
/** The result of the inspection's query, as JSON in its only column. */
export type InspectionRow = Readonly<z.infer<typeof inspectionRow>>

/**
 * Reads the answer to the inspection's query. The server is not trusted.
 *
 * @throws {Error} if the answer has another shape
 */
export function readInspection(rows: unknown): InspectionRow {
  const [row] = Array.isArray(rows) ? rows : []
  // A role that was dropped while connected has no row.
  const report = (row as { readonly report?: unknown } | undefined)?.report
  const result = inspectionRow.safeParse(parsedJson(report))
  if (!result.success) throw new Error("The server's answer to the inspection query has an unexpected shape")
  return result.data
}

/** Parses JSON that a server has sent; undefined if it is none. */
export function parsedJson(json: unknown): unknown {
  try {
    return typeof json === "string" ? JSON.parse(json) : undefined
  } catch {
    return undefined
  }
}
