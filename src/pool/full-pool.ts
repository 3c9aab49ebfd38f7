/** What callers hold at one moment. */
export interface Holds {
  readonly held: number
  /** For how long the oldest has been held; 0 where none is. */
  readonly oldestHoldSeconds: number
  /** Those in a transaction that is open and sends nothing. */
  readonly idleInTransaction: number
}

/** What a caller that got no connection has waited behind, or would have. */
export interface FullPool extends Holds {
  /** Connections that are held, or are being opened or looked over for a caller. */
  readonly underWay: number
  /** Callers that still wait. */
  readonly waiting: number
}

/** The same in `meta` of the error, in the style of Prisma's own fields. Times are in seconds. */
export interface FullPoolMeta {
  /** Connections that callers hold. */
  readonly held: number
  /** For how long the oldest of these has been held; 0 where none is. */
  readonly oldest_hold: number
  /** Those of them in a transaction that is open and sends nothing. */
  readonly idle_in_transaction: number
  /** Other callers that wait. */
  readonly waiting: number
}

export function fullPoolMeta({
  held,
  oldestHoldSeconds,
  idleInTransaction,
  waiting,
}: FullPool): FullPoolMeta {
  return { held, oldest_hold: inMillis(oldestHoldSeconds), idle_in_transaction: idleInTransaction, waiting }
}

/**
 * Says why a caller got no connection.
 *
 * @param limit the connections that the pool may hold
 */
export function explainFullPool(pool: FullPool, limit: number): string {
  const { waiting } = pool
  const others =
    waiting === 0
      ? "no other caller waits"
      : `${counted(waiting, "other caller")} ${waiting === 1 ? "waits" : "wait"}`
  return `${holdsOf(pool)}, and ${others}.${explainIdle(pool, limit)}`
}

/** Says the same to a caller that did not wait, without those who do: its error has named them. */
export function explainHolds(pool: FullPool, limit: number): string {
  return `${holdsOf(pool)}.${explainIdle(pool, limit)}`
}

function holdsOf({ held, oldestHoldSeconds }: FullPool): string {
  if (held === 0) return "No connection is held"
  const oldest = held === 1 ? "for" : "the oldest for"
  return `${counted(held, "connection")} ${held === 1 ? "is" : "are"} held, ${oldest} ${oldestHoldSeconds.toFixed(1)} s`
}

/** Names the usual cause of a pool that waits for itself: inside a transaction, a query that is not sent through it. */
function explainIdle({ held, idleInTransaction, underWay }: FullPool, limit: number): string {
  // Where fewer are held than may be, the server has refused the others, or lost them.
  if (idleInTransaction < Math.max(underWay, limit)) return ""
  const holders =
    held === 1
      ? "It is held by an open transaction that is sending nothing"
      : `All ${held} are held by open transactions that are sending nothing`
  return ` ${holders}: use \`tx\` inside \`$transaction\`.`
}

const counted = (count: number, noun: string) => `${count} ${noun}${count === 1 ? "" : "s"}`

const inMillis = (seconds: number) => Math.round(seconds * 1000) / 1000
