import type { Look, ServerIdentity } from "./look.ts"

/** Why the size of a pool cannot follow the living instances. */
export type OffReason = "superuser" | "pooler" | "several servers" | "unknown server"

/** When the connections to one server were opened, of those that have looked. Times are milliseconds of one clock. */
interface Span {
  readonly startedAt: number
  readonly first: number
  readonly last: number
}

/** The servers that a pool has met behind its one name, the last one at the end. */
export interface MetServers {
  readonly spans: readonly Span[]
  /** True from the moment at which they cannot be one server after another. */
  readonly areSeveral: boolean
}

export const NO_SERVERS: MetServers = { spans: [], areSeveral: false }

/** A pool remembers no more of them: each restart adds one. */
const MOST_SERVERS = 16

/**
 * One more look's server. After a restart or a failover new connections lead to another server, and none to the old one any more,
 * which may still have connections that look: what tells several servers from one after another is the order in which the
 * connections were opened, and not that of the looks. They stay several then, so that the size does not alternate.
 *
 * The start tells servers apart, to the microsecond. The address does not: one server may be reached by several
 * (127.0.0.1 and ::1), and two servers of a network of containers may have the same.
 *
 * @param openedAt when the connection that has looked was opened
 */
export function meetServer(met: MetServers, { startedAt }: ServerIdentity, openedAt: number): MetServers {
  const known = met.spans.find((span) => span.startedAt === startedAt)
  const span = {
    startedAt,
    first: Math.min(openedAt, known?.first ?? openedAt),
    last: Math.max(openedAt, known?.last ?? openedAt),
  }
  const others = met.spans.filter((other) => other !== known)
  return {
    spans: [...others, span].slice(-MOST_SERVERS),
    areSeveral: met.areSeveral || others.some(({ first, last }) => first < span.last && span.first < last),
  }
}

/**
 * Why auto is off after a look; undefined where it works.
 *
 * @param processID the process id that the login of the look's connection reported; null where it reported none
 * @param met with this look's server
 */
export function offReason(
  { pid, isSuperuser }: Look,
  processID: number | null | undefined,
  met: MetServers,
): OffReason | undefined {
  // Behind a pooler, the role and the server are those of a connection that the next statement may not have.
  if (pid !== processID) return "pooler"
  if (met.areSeveral) return "several servers"
  return isSuperuser ? "superuser" : undefined
}
