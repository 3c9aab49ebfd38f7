import type { Resource } from "./resource.ts"
import type { Change } from "./resource-changes.ts"

/** The reasons that a plan itself states for not showing everything. */
export function incomplete(json: Readonly<Record<string, unknown>>): string[] {
  const deferred = json["deferred_changes"]
  const actions = json["deferred_action_invocations"]
  return [
    ...(json["errored"] === true ? ["errored: planning ended with an error"] : []),
    ...(json["complete"] === false ? ["complete: false, the plan leaves changes for a later one"] : []),
    ...(Array.isArray(deferred) && deferred.length > 0
      ? [`deferred_changes: ${counted(deferred.length)} not planned yet`]
      : []),
    ...(Array.isArray(actions) && actions.length > 0
      ? [`deferred_action_invocations: ${actions.length} not planned yet`]
      : []),
  ]
}

/**
 * Finds existing resources that the plan does not contain: `-target` and `-refresh-only` omit resources that exist and
 * stay.
 */
export function unplanned(
  resources: readonly Resource[],
  prior: readonly Resource[],
  changes: readonly Change[],
): string[] {
  const changed = new Set(changes.flatMap(({ address, previousAddress }) => [address, previousAddress]))
  const missing = (of: readonly Resource[]) =>
    of.filter(({ managed, ownAddress }) => managed && !changed.has(ownAddress)).length
  const [unseen, silent] = [missing(resources), missing(prior)]
  return [
    ...(unseen > 0
      ? [
          `resource_changes: ${counted(unseen)} of planned_values are missing, so their unknown values are missing too`,
        ]
      : []),
    ...(silent > 0
      ? [`resource_changes: ${counted(silent)} of prior_state are missing, as with -target and -refresh-only`]
      : []),
  ]
}

const counted = (resources: number) => `${resources} ${resources === 1 ? "resource" : "resources"}`
