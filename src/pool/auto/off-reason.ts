import type { Look, ServerIdentity } from "./look.ts"

/** Why the size of a pool cannot follow the living instances. */
export type OffReason = "superuser" | "pooler" | "several servers" | "unknown server"

/** The servers that a pool has met behind its one name, the last one at the end. */
export interface MetServers {
  readonly keys: readonly string[]
  /** True from the moment at which they cannot be one server after another. */
  readonly areSeveral: boolean
}

export const NO_SERVERS: MetServers = { keys: [], areSeveral: false }

/** A pool remembers no more of them: each restart adds one. */
const MOST_KEYS = 16

/**
 * One more look's server. A restart, a promotion and a failover show another server too, but never go back: a server that
 * was there before the last one was is a second one. It stays `several` then, so that the size does not alternate.
 *
 * The start tells servers apart, to the microsecond. The address does not: one server may be reached by several
 * (127.0.0.1 and ::1), and two servers of a network of containers may have the same.
 */
export function meetServer(met: MetServers, { startedAt, isReplica }: ServerIdentity): MetServers {
  const key = `${startedAt} ${isReplica}`
  if (met.keys.at(-1) === key) return met
  return {
    keys: [...met.keys.filter((known) => known !== key), key].slice(-MOST_KEYS),
    areSeveral: met.areSeveral || met.keys.includes(key),
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
