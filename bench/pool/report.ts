import { markdownTable } from "../../scripts/markdown-table.ts"
import type { Pair, Round } from "../side-by-side.ts"
import { ratioOf, ratiosOf, shownMedian, shownRatio } from "../side-by-side.ts"
import { quantile, shownNumber, shownSpread } from "../statistics.ts"
import type { ColdStarts, Start } from "./cold-starts.ts"
import { CAPACITY, type CrowdFigures, SECONDS, TIMES_CAPACITY } from "./crowds.ts"
import type { EverythingOff } from "./everything-off.ts"
import type { PoolResult } from "./pool.ts"

const spread = (pairs: readonly Pair<Start>[], side: "a" | "b", of: keyof Start) =>
  shownSpread(
    pairs.map((pair) => pair[side][of]),
    of === "connections" ? 0 : 1,
  )

function coldRows({ processes, holdMillis, pairs }: ColdStarts): string[][] {
  const row = (side: "a" | "b", name: string) => [
    String(processes),
    String(holdMillis),
    name,
    spread(pairs, side, "half"),
    spread(pairs, side, "last"),
    spread(pairs, side, "connections"),
    spread(pairs, side, "bystander"),
  ]
  return [
    row("a", "before: all at once"),
    row("b", "at most 4 at a time"),
    [
      "",
      "",
      "ratio",
      ...(["half", "last", "connections", "bystander"] as const).map((of) =>
        shownRatio(ratioOf(pairs, (start) => start[of])),
      ),
    ],
  ]
}

function crowdRow({ poolTimeout, maxWaiting, answered }: CrowdFigures): string[] {
  const { inTime, tooLate, failed, failureMillis } = answered
  return [
    String(poolTimeout),
    maxWaiting === 0 ? "no limit" : String(maxWaiting),
    shownNumber(inTime / SECONDS),
    shownNumber(inTime),
    shownNumber(tooLate),
    shownNumber(failed),
    failed === 0 ? "–" : shownNumber(quantile(failureMillis, 50), 1),
  ]
}

function offRow<Result>(name: string, rounds: readonly Round<Result>[], measure: (result: Result) => number) {
  const { ratio, itself } = ratiosOf(rounds, measure)
  return [name, shownMedian(ratio), shownMedian(itself)]
}

const offRows = ({ reads, coldStart }: EverythingOff): string[][] => [
  offRow("reads for each second of the processor", reads, (speed) => speed.perProcessorSecond),
  offRow("reads a second", reads, (speed) => speed.perSecond),
  offRow("p99 of a read", reads, (speed) => speed.p99),
  offRow("cold start to the first query", coldStart, (taken) => taken.millis),
  offRow("… time of the processor", coldStart, (taken) => taken.processor),
]

export function poolReport({ coldStarts, crowds, off }: PoolResult): string {
  return `Pools of 15 without connections, to a server with TLS and SCRAM, whose 15 callers come at once; milliseconds, the median of pairs with the least and
the most. The bystander is a client that is connected already, and its longest query.

${markdownTable(
  [
    "processes",
    "each caller holds, ms",
    "way",
    "half of the callers served after",
    "the last",
    "connections opened",
    "bystander's longest query",
  ],
  coldStarts.flatMap(coldRows),
)}

${TIMES_CAPACITY} × ${CAPACITY} requests a second for ${SECONDS} s, to a pool that can serve ${CAPACITY} a second. Whoever sent a request waits 1 s for its answer.

${markdownTable(
  [
    "pool_timeout, s",
    "PRISMA_POOL_MAX_WAITING",
    "answered in time, a second",
    "in time",
    "too late",
    "failed",
    "failed after, ms",
  ],
  crowds.map(crowdRow),
)}

With every setting of the pool off, this package over itself before it had them, which runs before and after it; and that one over itself, which is this machine's
noise. Medians of rounds, with what they are above and below with 95 % each.

${markdownTable(["", "now over before", "before over itself"], offRows(off))}`
}
