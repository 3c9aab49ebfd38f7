import { markdownTable } from "../../scripts/markdown-table.ts"
import { type Counts, count } from "../processes/counts.ts"
import { most, quantile, shownNumber, shownSpread, sum } from "../statistics.ts"
import { inFull } from "../ways.ts"
import type { FaultsResult } from "./faults.ts"
import type { FaultFigures } from "./suffer.ts"

/** What a fault did to a contender, each time that it did. */
export type Repeated = readonly [FaultFigures, ...FaultFigures[]]

/** By fault in the order of the first lane, and by contender in the order in which they came. */
export function repeated(figures: readonly FaultFigures[]): Repeated[] {
  const faults = [...new Set(figures.map(({ fault }) => fault))]
  return faults.flatMap((fault) => {
    const ofFault = figures.filter((each) => each.fault === fault)
    const ids = [...new Set(ofFault.map(({ contender }) => contender.id))]
    return ids.map((id) => ofFault.filter(({ contender }) => contender.id === id) as unknown as Repeated)
  })
}

/** Those whose process lived: what became of the requests of one that died, nobody heard. */
const survived = (runs: Repeated) => runs.filter(({ hasDied }) => !hasDied)

export const spreadOf = (runs: Repeated, measure: (run: FaultFigures) => number): string =>
  shownSpread(survived(runs).map(measure))

/** A time, or that it was not in time each time. */
function inTime(runs: Repeated, measure: (run: FaultFigures) => number | "never" | undefined): string {
  const alive = survived(runs)
  const seen = alive.map(measure).filter((value) => typeof value === "number")
  if (seen.length === alive.length) return shownSpread(seen)
  const late = `not within ${runs[0].patience} s`
  return seen.length === 0 ? late : `${shownSpread(seen)}, ${alive.length - seen.length} ${late}`
}

export const servedAgain = (runs: Repeated): string => inTime(runs, ({ recoveryMs }) => recoveryMs)

export const wholeAgain = (runs: Repeated): string =>
  runs.every(({ wholeMs }) => wholeMs === undefined) ? "–" : inTime(runs, ({ wholeMs }) => wholeMs)

export const shownPeak = (runs: Repeated): string =>
  `${most(runs.map(({ peak }) => peak))} of ${runs[0].contender.limit}`

function codesOf(runs: Repeated): string {
  const codes: Counts = {}
  for (const { failed } of runs) {
    for (const [kind, times] of Object.entries(failed)) count(codes, kind, times)
  }
  const shown = Object.entries(codes).map(([kind, times]) => `${shownNumber(times)} ${kind}`)
  const died = runs.filter(({ hasDied }) => hasDied).length
  if (died > 0) shown.push(`**the process died**, ${died} of ${runs.length} times`)
  return shown.join(", ") || "–"
}

const HEAD = [
  "fault",
  "way",
  "served again after, ms",
  "pool whole after, ms",
  "requests lost",
  "of which in flight",
  "lost, by code",
  "peak backends",
]

function row(runs: Repeated): string[] {
  const [{ fault, contender }] = runs
  return [
    fault,
    contender.name,
    servedAgain(runs),
    wholeAgain(runs),
    spreadOf(runs, ({ lost }) => lost),
    spreadOf(runs, ({ inFlight }) => inFlight),
    codesOf(runs),
    shownPeak(runs),
  ]
}

/** How long requests took to fail in the outage, of each contender. */
function failFast(figures: readonly FaultFigures[]): string {
  const seen = figures.filter(({ failureMillis }) => failureMillis.length > 0)
  return seen
    .map(({ contender, failureMillis: millis }) => {
      const [middle, highest] = [quantile(millis, 99), most(millis)].map((value) => shownNumber(value))
      return `${contender.name}: ${middle} and ${highest} ms of ${shownNumber(millis.length)}`
    })
    .join("; ")
}

const mebibytes = (bytes: number | undefined) => shownNumber((bytes ?? Number.NaN) / 2 ** 20, 1)

export function faultsReport({ figures, memory }: FaultsResult): string {
  const { heapBytes, cycles } = memory
  return `
One API instance of each way, with 12 requests at a time, a third of them interactive transactions; this library with 5 connections, the others with their own. Those that connect to the server itself suffer each fault together; the one behind PgBouncer has a
server of its own. Each fault has clients of its own. Figures are the mean of two times (least–most), codes and peaks of both together; where there is no spread, both were equal, or it was one time:
the outage, and all connections frozen before PgBouncer. Times count from the end of the fault, until a request that began after it was served, its own time included; the load ends 0.5 s later.

The URL has \`socket_timeout=2\`, which alone bounds a statement that the network froze; the others ignore it. \`no answer\` are requests still open 2.5 s after the load ended. Connections freeze, or are
reset, between the client and what it connects to. The pool is **whole** when it has as many connections as before the fault, frozen ones not counted; the peak is the most backends at a time,
frozen ones included, beside the limit of the pool.

**In flight** are lost requests that had sent a statement, or had an interactive transaction open, by the driver's own calls: only connections are tried again, so that these are lost whatever a
pool does. Every other lost request had no connection yet, and sent nothing. What a pooler refuses was sent, to the pooler.

${markdownTable(HEAD, repeated(figures).map(row))}

"Before" is this package at the commit before callers waited for room, on the same peers. The name moves between two addresses of the loopback interface, by a resolver of the harness in the process;
the server behind the first one stops. The outage ends with the first login of a bystander, who tries every 50 ms. PgBouncer tries a server that refused a login again after its
\`server_login_retry\`, 15 s by default, and refuses statements meanwhile; as planned by this package it is 1 s.

How long requests took to fail in the outage, 7 s after it began and later, the 99th percentile and the longest: ${failFast(figures)}.

A connection that this library lost, because nothing came back from it, counts against its limit until its backend is gone, since the server may still hold it. Over a connection that lives it ends
that backend. Where none lives, it counts for 5 s, and then one connection is opened beside those that were lost, which ends them: that is why it takes so long after all connections were frozen or
reset at once, where the client by hand opens others beside them, and why there is one backend above the limit then.

Connections left after the end: ${sum(figures.map(({ leaked = 0 }) => leaked))}.

**Memory**: the heap of an instance as planned, after a collection of garbage, while all backends are terminated ${cycles} times under load: ${heapBytes.map(mebibytes).join(", ")} MiB, after every ${cycles / heapBytes.length} times.

${inFull(["bestByHand", "pgbouncer"])}
`.trim()
}
