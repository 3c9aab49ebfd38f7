import { baselineRelaxations, type ComparedBaseline } from "./baseline-relaxations.ts"
import type { FleetConfig } from "./fleet-config.ts"
import { fleetRelaxations } from "./fleet-relaxations.ts"
import { type Relaxation, summaryOf } from "./relaxation.ts"
import { terraformRelaxations, tieRelaxations } from "./terraform-relaxations.ts"
import type { VerdictOptions } from "./verdict.ts"

/** The circumstances of a comparison. */
export interface RelaxationOptions extends Pick<VerdictOptions, "deploy"> {
  /** Whether a plan is read beside the declaration: the ceiling then may come from there. */
  readonly hasPlan: boolean
  /** The baselines beside the two declarations, where there are any. */
  readonly baselines?: { readonly base?: ComparedBaseline; readonly head?: ComparedBaseline }
}

/**
 * Names every change from one declaration to the next that can lower the sum or raise the ceiling. Nothing else is
 * named: a new consumer or job, a higher number, a default that is written out, another reason.
 *
 * Both have been read by `readFleetConfig`. A base without a declaration is `{}`.
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
    ...terraformRelaxations(base.terraform, head.terraform),
    ...baselineRelaxations(baselines.base, baselines.head),
  ]
}

type Servers = NonNullable<FleetConfig["servers"]>

/** A new server is a place to move consumers to, those of a plan too, unless there was none to move them from. */
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
