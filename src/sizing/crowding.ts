import { label } from "../error.ts"
import type { Phases } from "./auto-budget.ts"
import { budgetAt, joiningSlots, leastBudget, sharedSlots } from "./auto-budget.ts"
import type { ParsedConsumer } from "./parse-consumers.ts"

/** A consumer whose pools are many for the budget that they share. */
export interface Crowd {
  /** True if there are more pools than connections to share, so that some have none whatever the others do. */
  readonly isOver: Readonly<Record<keyof Phases, boolean>>
  readonly text: string
}

/** Finds the consumers with more pools than half of what they share: each pool then has one connection, or none. */
export function crowdsOf(consumers: readonly ParsedConsumer[], sizes: readonly number[]): Crowd[] {
  return consumers.flatMap(({ name, shared }, index): Crowd[] => {
    if (shared?.pools === undefined) return []
    const { pools } = shared
    const budget = budgetAt(shared, sizes[index] ?? 0)
    const slots = sharedSlots(budget)
    if (2 * pools.deploy <= slots) return []
    const isOver = { steady: pools.steady > slots, deploy: pools.deploy > slots }
    const many = `${pools.deploy} pools during a deploy share ${slots} connections (a budget of ${budget} without ${joiningSlots(budget)} for newcomers)`
    return [
      {
        isOver,
        text: isOver.deploy
          ? `${label(name)}: ${many}, so that some have none. Give it a budget of ${leastBudget(pools.deploy)} or more, run fewer instances, or put PgBouncer in between`
          : `${label(name)}: ${many}, so that most have 1. A budget of ${leastBudget(2 * pools.deploy)} gives each 2`,
      },
    ]
  })
}

/** Lists the remedies of crowds before all others: any one of those is enough, and each of these is needed too. */
export function withCrowds(crowds: readonly Crowd[], others: readonly string[]): string[] {
  const over = crowds.filter(({ isOver }) => isOver.deploy)
  const needed = over.length + others.length > 1 ? "; needed beside any other of these" : ""
  return [...over.map(({ text }) => `${text}${needed}`), ...others]
}
