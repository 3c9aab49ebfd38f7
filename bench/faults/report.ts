import { markdownTable } from "../../scripts/markdown-table.ts"
import { shownNumber } from "../statistics.ts"
import { WAYS } from "../storm/ways.ts"
import type { FaultFigures, FaultsResult } from "./faults.ts"

const HEAD = [
  "fault",
  "way",
  "served again after, ms",
  "last failure after, ms",
  "requests served",
  "requests lost, by code",
  "connections leaked",
  "processes died",
]

function row({
  fault,
  notes,
  way,
  recoveryMs,
  lastFailureMs,
  served,
  failed,
  leaked,
  died,
}: FaultFigures): string[] {
  const lost = Object.entries(failed).map(([kind, times]) => `${times} ${kind}`)
  return [
    [fault, ...notes].join(": "),
    WAYS[way],
    recoveryMs === undefined ? "not within 12 s" : shownNumber(recoveryMs),
    shownNumber(lastFailureMs),
    shownNumber(served),
    lost.length > 0 ? lost.join(", ") : "0",
    String(leaked),
    String(died),
  ]
}

const mebibytes = (bytes: number | undefined) => shownNumber((bytes ?? Number.NaN) / 2 ** 20, 1)

export function faultsReport({ faults, memory }: FaultsResult): string {
  const { heapBytes, cycles } = memory
  return `
Two API instances, each with 12 requests at a time: on pools of 5 connections as planned, and with the adapter by hand. Each fault has instances of its own. What lasts
(a full server, commits that do not return, an open transaction) lasts 1.5 s. Times count from the end of the fault, until a request that began after it was served by each instance, one
request's own time included. The
URL has \`socket_timeout=2\`, which alone bounds a statement that the network froze; the adapter by hand ignores it. \`no answer\` are requests still open 3 s after the load ended.

${markdownTable(HEAD, faults.map(row))}

The name moves between two addresses of the loopback interface, by a resolver of the harness in the process; the server behind the first one stops. Slow commits are
\`synchronous_standby_names\` of nobody: reads go on, and writes return when it is reset.

A connection on which this library had to hang up, because nothing came back from it, counts for 5 s more against its limit, since the server may still hold it: that is the
price of never being above the limit, and why frozen connections take 7 s to be replaced where the adapter by hand opens others beside them.

**Memory**: the heap of an instance (the larger of two, after a collection of garbage) while all backends are terminated ${cycles} times under load: ${heapBytes.map(mebibytes).join(", ")} MiB, after every ${cycles / heapBytes.length} times.
`.trim()
}
