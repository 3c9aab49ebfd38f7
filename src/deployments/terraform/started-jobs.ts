import { isIntegerInRange, MAX_COUNT } from "../../validation/numbers.ts"
import type { Findings } from "../findings.ts"
import { forResource } from "../override.ts"
import type { Context, Platform, Starter } from "../platform.ts"
import type { PoolQuery } from "../resource-pool.ts"
import type { ActionInvocation } from "./action-invocations.ts"
import type { Document } from "./document.ts"
import { noteStarter, noteUncounted } from "./record-findings.ts"
import { indexOf } from "./references.ts"
import type { Resource } from "./resource.ts"

/** Counts the runs of each job that the actions of a plan start. No other action may connect unseen. */
export function startedJobs(
  documents: readonly Document[],
  platforms: readonly Platform[],
  exclude: Readonly<Record<string, string>>,
  query: PoolQuery,
  context: Context,
  findings: Findings,
): ReadonlyMap<Resource, number> {
  const started = new Map<Resource, number>()
  for (const action of documents.flatMap(({ actions }) => actions)) {
    const exclusion = forResource(exclude, action)
    if (exclusion !== undefined) {
      findings.excluded.push({ address: action.address, reason: exclusion.value })
      continue
    }
    const starter = platforms
      .map(({ starters }) => (Object.hasOwn(starters, action.type) ? starters[action.type] : undefined))
      .find((each) => each !== undefined)
    // An action may give the job another environment, which may set another size.
    const leading = starter === undefined ? query.leading : context.variables
    if (noteUncounted(action, platforms, { ...query, leading }, findings) || starter === undefined) continue
    const job = startedJob(action, starter, context)
    if (job === undefined) noteStarter(action, findings)
    else started.set(job, (started.get(job) ?? 0) + runsOf(action, starter))
  }
  return started
}

/** Finds the job that an action starts; undefined if that cannot be determined. */
function startedJob(
  action: ActionInvocation,
  { type, attribute }: Starter,
  context: Context,
): Resource | undefined {
  const { resources, isCertain } = context.resolve(action, attribute, type)
  const jobs = resources.filter(({ managed }) => managed)
  if (isCertain) return jobs[0]
  const own = jobs.filter(({ configuration }) => configuration === action.configuration)
  const invoking = own.find(({ ownAddress }) => ownAddress === action.invokedBy)
  const index = indexOf(action.ownAddress)
  if (invoking !== undefined || index === undefined) return invoking
  // If no expression says which jobs are meant, these are simply all jobs.
  const isMeant = action.configuration.references(action, attribute).length > 0
  return isMeant ? own.find(({ ownAddress }) => indexOf(ownAddress) === index) : undefined
}

function runsOf({ attributes }: ActionInvocation, { runs }: Starter): number {
  const count = attributes.get(runs)
  if (count === undefined || count === 0) return 1
  if (isIntegerInRange(count, { min: 1, max: MAX_COUNT })) return count
  attributes.report(runs)
  return 1
}
