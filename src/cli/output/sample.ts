import { type Attribution, attributionOf, type DeclaredFleet } from "../../monitor/inspect/attribution.ts"
import { type PoolerAttribution, poolerAttributionOf } from "../../monitor/pgbouncer/pooler-attribution.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { ServerFleet } from "../input/declared-fleet.ts"
import type { PoolerAnswer } from "../input/inspect-poolers.ts"
import type { Answer, Answers, InspectFlags } from "../input/inspect-server.ts"
import { poolerRemedies } from "./pooler-remedies.ts"
import { type Remedy, remediesFor } from "./remedies.ts"
import { wayIn } from "./way-in.ts"

/** The inspection of one pooler. */
export type PoolerSample = PoolerAnswer & {
  /** Undefined if the pooler is not declared, or did not answer. */
  readonly attribution?: PoolerAttribution | undefined
}

/** No server was asked: the URL leads to a pooler's console. */
interface NoServer {
  readonly noServer: true
}

/**
 * One inspection of a server, of its poolers, or of both. Exit code, text, JSON and the line for a pipe are all made from it,
 * so that they agree.
 */
export type Sample = (Answer | NoServer) & {
  /** Undefined if no fleet is declared, or the server is full or was not asked. */
  readonly attribution: Attribution | undefined
  readonly remedies: readonly Remedy[]
  /** The percentage of the usable connections above which there is an alert. */
  readonly threshold: number
  /** The poolers whose consoles were given; none by default. */
  readonly poolers?: readonly PoolerSample[]
  /** Declared poolers whose consoles were not given. */
  readonly unseen?: readonly string[]
}

/** An inspection of a server that answered. */
export type ReportSample = Extract<Sample, { readonly report: unknown }>

/** An inspection of a server that had no slot left. */
export type FullSample = Extract<Sample, { readonly fullBy: unknown }>

/** Compares the answers with the declared fleet, once for all outputs. */
export function sampleOf(
  { server, poolers: answers }: Answers,
  declared: ServerFleet | undefined,
  { failAbove: threshold = ALERT_PERCENT }: Pick<InspectFlags, "failAbove">,
): Sample {
  const report = server !== undefined && "report" in server ? server.report : undefined
  const fleet = report === undefined ? declared?.alone : declared?.on(report.ceiling)
  const poolers = answers.map((each) => withAttribution(each, fleet))
  const unseen = (declared?.poolers ?? []).filter((name) => !answers.some((each) => each.name === name))
  const common = { threshold, poolers, unseen }
  const ofPoolers = poolers.flatMap((each) => ("report" in each ? poolerRemedies(each) : []))
  if (server === undefined) return { noServer: true, attribution: undefined, remedies: ofPoolers, ...common }
  if (!("report" in server)) {
    const remedies = [...wayIn(server.fullBy, server.server), ...ofPoolers]
    return { ...server, attribution: undefined, remedies, ...common }
  }
  const attribution = fleet && attributionOf(server.report, fleet)
  const remedies = [...ofPoolers, ...remediesFor(server.report, attribution, threshold)]
  return { ...server, attribution, remedies, ...common }
}

/** Compares a pooler's clients with what is declared behind it. */
export const withAttribution = (answer: PoolerAnswer, fleet: DeclaredFleet | undefined): PoolerSample =>
  "report" in answer && fleet !== undefined
    ? { ...answer, attribution: poolerAttributionOf(answer.report, fleet, answer.name) }
    : answer
