import { markdownTable } from "../../scripts/markdown-table.ts"
import { most, quantile, shownNumber } from "../statistics.ts"
import type { FaultsResult } from "./faults.ts"
import type { FaultFigures } from "./suffer.ts"

const HEAD = [
  "fault",
  "transactions",
  "way",
  "served again after, ms",
  "last failure after, ms",
  "requests served",
  "requests lost",
  "of which in flight",
  "lost, by code",
  "connections leaked",
  "processes died",
]

/** How much of each load are interactive transactions. */
const TRANSACTIONS = { statements: "none", transactions: "a third", mixed: "a ninth" } as const

function row(figures: FaultFigures): string[] {
  const { fault, notes, contender, recoveryMs, lastFailureMs, served, failed } = figures
  const codes = Object.entries(failed).map(([kind, times]) => `${shownNumber(times)} ${kind}`)
  return [
    [fault, ...notes].join(": "),
    TRANSACTIONS[contender.load],
    contender.name,
    recoveryMs === undefined ? "not within 12 s" : shownNumber(recoveryMs),
    shownNumber(lastFailureMs),
    shownNumber(served),
    shownNumber(figures.lost),
    shownNumber(figures.inFlight),
    codes.length > 0 ? codes.join(", ") : "–",
    String(figures.leaked),
    String(figures.died),
  ]
}

/** How long requests took to fail in the outage, of each contender. */
function failFast(room: readonly FaultFigures[]): string {
  const seen = room.filter(({ failureMillis }) => failureMillis.length > 0)
  return seen
    .map(({ contender, failureMillis: millis }) => {
      const [middle, highest] = [quantile(millis, 99), most(millis)].map((value) => shownNumber(value))
      const transactions = TRANSACTIONS[contender.load]
      return `${contender.name} (${transactions}): ${middle} and ${highest} ms of ${shownNumber(millis.length)}`
    })
    .join("; ")
}

const mebibytes = (bytes: number | undefined) => shownNumber((bytes ?? Number.NaN) / 2 ** 20, 1)

export function faultsReport({ room, others, memory }: FaultsResult): string {
  const { heapBytes, cycles } = memory
  return `
Two API instances, each with 12 requests at a time: on pools of 5 connections as planned, and with the adapter by hand. Each fault has instances of its own. What lasts
(a full server, commits that do not return, an open transaction) lasts 1.5 s. Times count from the end of the fault, until a request that began after it was served by each instance, one
request's own time included. The
URL has \`socket_timeout=2\`, which alone bounds a statement that the network froze; the adapter by hand ignores it. \`no answer\` are requests still open 3 s after the load ended.

**In flight** are lost requests that had sent a statement, or had an interactive transaction open, by the driver's own calls: only connections are tried again, so that these are lost whatever a
pool does. Every other lost request had no connection yet, and sent nothing.

### No room

"Before" is this package at the commit before callers waited for room, on the same peers. The outage is one of 30 s for all ways at once, with one instance each; its end is the first login
of a bystander, who tries every 50 ms.

${markdownTable(HEAD, room.map(row))}

How long requests took to fail in the outage, 11 s after it began and later, the 99th percentile and the longest: ${failFast(room)}.

### Other faults

${markdownTable(HEAD, others.map(row))}

The name moves between two addresses of the loopback interface, by a resolver of the harness in the process; the server behind the first one stops. Slow commits are
\`synchronous_standby_names\` of nobody: reads go on, and writes return when it is reset.

A connection on which this library had to hang up, because nothing came back from it, counts for 5 s more against its limit, since the server may still hold it: that is the
price of never being above the limit, and why frozen connections take 7 s to be replaced, and those that were all reset at once 5 s, where the adapter by hand opens others beside them.

**Memory**: the heap of an instance (the larger of two, after a collection of garbage) while all backends are terminated ${cycles} times under load: ${heapBytes.map(mebibytes).join(", ")} MiB, after every ${cycles / heapBytes.length} times.
`.trim()
}
