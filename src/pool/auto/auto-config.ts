import type { BudgetSettings } from "./budget.ts"

/** The settings of a pool whose size follows the living instances. */
export interface AutoConfig extends BudgetSettings {
  /** The most connections that the pool ever holds. */
  readonly cap: number
  /** The size of the pool where its size cannot follow the instances. */
  readonly fixed: number
  /** The variable or option that is `auto`, for warnings. */
  readonly variable: string
}
