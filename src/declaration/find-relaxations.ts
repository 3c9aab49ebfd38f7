import { baselineRelaxations, type ComparedBaseline } from "./baseline-relaxations.ts"
import { deploymentRelaxations, tieRelaxations } from "./deployment-relaxations.ts"
import type { FleetConfig } from "./fleet-config.ts"
import { fleetRelaxations } from "./fleet-relaxations.ts"
import { type Relaxation, summaryOf } from "./relaxation.ts"
import type { VerdictOptions } from "./verdict.ts"

/** Options of {@link findRelaxations}. */
export interface RelaxationOptions extends Pick<VerdictOptions, "deploy"> {
  /** True if a plan is read beside the declaration: the ceiling may then come from there. */
  readonly hasPlan: boolean
  /** The baselines beside the two declarations, if any. */
  readonly baselines?: { readonly base?: ComparedBaseline; readonly head?: ComparedBaseline }
}

/**
 * Finds every change from one declaration to the next that can lower the total or raise the ceiling. Nothing else is
 * reported: not a new consumer or job, a higher number, a default that is written out, or another reason.
 *
 * Both must have been read by `readFleetConfig`. A base without a declaration is `{}`.
 */
export function findRelaxations(
  base: FleetConfig,
  head: FleetConfig,
  { hasPlan, deploy, baselines = {} }: RelaxationOptions,
): readonly Relaxation[] {
  const wasJudged = hasPlan || base.consumers !== undefined || base.jobs !== undefined
  return [
    ...(deploy === "warn" ? [{ name: "--deploy", from: "fail", to: "warn" }] : []),
    ...fleetRelaxations(base, head, "", wasJudged),
    ...serverRelaxations(base.servers ?? {}, head.servers ?? {}, wasJudged || base.servers !== undefined),
    ...deploymentRelaxations(base.deployments, head.deployments),
    ...baselineRelaxations(baselines.base, baselines.head),
  ]
}

type Servers = NonNullable<FleetConfig["servers"]>

/**
 * Compares servers. A new one is a relaxation if there was a fleet before: its consumers, those of a plan too, could
 * move there.
 */
function serverRelaxations(from: Servers, to: Servers, wasJudged: boolean): Relaxation[] {
  const before = new Map(Object.entries(from))
  const after = new Map(Object.entries(to))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((server): Relaxation[] => {
    const name = `servers.${server}`
    const [old, now] = [before.get(server), after.get(server)]
    if (old === undefined) return wasJudged && now ? [{ name, from: null, to: summaryOf(now) }] : []
    if (now === undefined) return [{ name, from: summaryOf(old), to: null }]
    return [...fleetRelaxations(old, now, `${name}.`, true), ...tieRelaxations(old, now, `${name}.`)]
  })
}
