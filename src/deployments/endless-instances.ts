import { joiningSlots } from "../sizing/auto-budget.ts"
import type { Assumption } from "../sizing/index.ts"

/** What is assumed of instances that share a budget, and whose number nothing bounds. */
export const unknownInstances = (budget: number | undefined): Omit<Assumption, "name"> => ({
  assumed: `any number, which share the budget: ${budget === undefined ? "as many logins at once as it keeps for newcomers" : `${joiningSlots(budget)} logins at once beside it`}`,
  remedy:
    "Give the most instances that run at once (with --strict it is not known whether each gets a connection)",
})
