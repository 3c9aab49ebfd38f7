import type { UnknownAttribute } from "../workload.ts"
import { generationOf, isOn, type RenderService } from "./blueprint.ts"
import { allVariables, type Placed } from "./environment.ts"

/**
 * Finds the copies of a service that lead to the same server. A preview environment has databases of its own, so that
 * only a URL that is written out leads there; a preview of a single service has the variables of the service.
 *
 * @param hasEnvironments true if pull requests get an environment
 * @param field the field of an override that counts them
 */
export function previewsOf(
  placed: Placed,
  hasEnvironments: boolean,
  keys: readonly string[],
  field: "instances" | "concurrent",
  lowest: number,
): UnknownAttribute[] {
  if (!hasPreviews(placed.service, hasEnvironments)) return []
  if (hasEnvironments && !isWrittenOut(placed, keys)) return []
  return [
    {
      name: "previews",
      field,
      lowest,
      highest: undefined,
      problem: "are on, and each is one more copy, which leads to the same server",
      between: "no preview or any number",
      remedy: `Set previews.generation to off, or override ${field} with the previews in it`,
    },
  ]
}

export function hasPreviews({ attributes }: RenderService, hasEnvironments: boolean): boolean {
  const own = generationOf(attributes) ?? attributes.get("pullRequestPreviewsEnabled")
  return own === undefined ? hasEnvironments : isOn(own)
}

const isWrittenOut = (placed: Placed, keys: readonly string[]): boolean =>
  allVariables(placed).some(
    ([name, source]) =>
      keys.includes(name) && source.get("previewValue") === undefined && (source.get("value") ?? "") !== "",
  )
