import { describeValue } from "../../error.ts"
import type { Problem } from "../../validation/problem.ts"

/** The problem of one field, as a clause that follows `whose day of week`. */
export interface FieldProblem extends Problem {
  readonly label: string
}

/** Refuses a schedule for its fields, all of them at once. */
export function refuseFields(text: string, faults: readonly FieldProblem[]): Problem {
  const problems = faults.map(({ label, problem }) => `whose ${label} ${problem}`)
  return {
    problem: `received ${describeValue(text)}, ${problems.join(", ")}`,
    remedy: faults.map(({ remedy }) => remedy).join(". "),
  }
}
