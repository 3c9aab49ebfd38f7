import type { Resource } from "./resource.ts"
import type { Change } from "./resource-changes.ts"

/** Why a plan says of itself that it does not show everything. */
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
 * What the plan is silent on: a plan of some targets, and one that only refreshes, have in them no word of what is
 * there and stays.
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
          `resource_changes: ${counted(unseen)} of planned_values are not in it, and so not what is unknown of them`,
        ]
      : []),
    ...(silent > 0
      ? [
          `resource_changes: ${counted(silent)} of prior_state are not in it, as with -target and -refresh-only`,
        ]
      : []),
  ]
}

const counted = (resources: number) => `${resources} ${resources === 1 ? "resource" : "resources"}`
