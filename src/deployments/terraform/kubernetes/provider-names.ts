import type { Workload } from "../../workload.ts"

/** Rewrites what is said of a workload with the names of the provider's blocks: `timeZone` is `timezone` there. */
export function inBlocks(workload: Workload): Workload {
  return {
    ...workload,
    assumptions: workload.assumptions.map((each) => ({
      ...each,
      name: blockName(each.name),
      assumed: renamed(each.assumed),
      remedy: renamed(each.remedy),
    })),
    unknowns: workload.unknowns.map((each) => ({
      ...each,
      name: blockName(each.name),
      ...(each.problem === undefined ? {} : { problem: renamed(each.problem) }),
      ...(each.remedy === undefined ? {} : { remedy: renamed(each.remedy) }),
    })),
  }
}

const blockName = (name: string): string =>
  name === "timeZone" ? "timezone" : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** `HorizontalPodAutoscaler` is a kind, and `PostgreSQL` no name of a field. */
const renamed = (text: string): string => text.replace(/\b[a-z]+(?:[A-Z][a-z]+)+\b/g, blockName)
