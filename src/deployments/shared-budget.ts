import { MAX_POOL_SIZE } from "../validation/numbers.ts"
import type { Findings } from "./findings.ts"
import type { Override } from "./override.ts"
import type { PoolSize } from "./pool-size.ts"
import { type Bounds, exactly, isService, type ResourcePool } from "./resource-pool.ts"

/** A budget that the pools of all instances share. */
export interface FoundBudget {
  /** Undefined if it cannot be seen. */
  readonly budget: number | undefined
  /** The variable that sets it, and the reason why it cannot be seen. */
  readonly variable: string
  readonly reason: string
}

interface Sized extends Pick<ResourcePool, "use"> {
  readonly address: string
  readonly size: PoolSize
}

/**
 * The budget of a pool whose size is `auto`, by its environment or an override; undefined for a pool with a size of its own.
 * That of a job is one too, and so is that of a pool behind a pooler: each is recorded as a failure.
 */
export function sharedBudget(
  { address, size, use }: Sized,
  override: Pick<Override, "poolSize" | "budget"> | undefined,
  { issues, failures }: Findings,
): FoundBudget | undefined {
  const found = "auto" in size ? size.auto : undefined
  const isAuto = found !== undefined || override?.poolSize === "auto"
  const refuse = (field: string, problem: string, remedy: string) =>
    issues.push({ name: `override.${address}.${field}`, problem, remedy })
  if (override?.poolSize === "auto" && !isService(use)) {
    refuse("poolSize", 'is "auto", and this is a job', "Give a number: a job takes one")
    return undefined
  }
  if (override?.budget !== undefined && !isAuto) {
    refuse("budget", 'has no effect without poolSize "auto"', "Give both, or leave it out")
  }
  if (!isAuto) return undefined
  if (found !== undefined && override?.poolSize === undefined) {
    const name = `${address}.${found.sizeVariable}`
    if (!isService(use)) {
      failures.push({ name, problem: "is auto, and this is a job", remedy: "Set a number: a job takes one" })
      return undefined
    }
    if (found.isPooled) {
      failures.push({
        name,
        problem:
          "is auto, and its URL has pgbouncer=true: behind a pooler the size cannot follow the instances",
        remedy: "Set a number, or connect to the server itself",
      })
      return undefined
    }
  }
  const budget = override?.budget ?? found?.budget
  const { variable = "budget", reason = "not given" } = found ?? {}
  return { budget, variable, reason }
}

/** Each pool may hold anything where the budget cannot be seen. */
const ANY: Bounds = { lowest: 1, highest: MAX_POOL_SIZE }

/** Counts a pool by the budget that it shares. */
export function sharedPool(
  { sizeVariable, ...pool }: Omit<ResourcePool, "size">,
  { budget, variable }: FoundBudget,
): ResourcePool {
  return {
    ...pool,
    ...(sizeVariable === undefined ? {} : { sizeVariable: variable }),
    budget: { isKnown: budget !== undefined },
    size: budget === undefined ? ANY : exactly(budget),
  }
}

/** Records a budget that cannot be seen. */
export function noteBudget(
  { address = "", size }: ResourcePool,
  { budget, variable, reason }: FoundBudget,
  { unknowns }: Findings,
): void {
  if (budget !== undefined) return
  unknowns.push({
    cause: "size",
    address,
    attribute: variable,
    field: "budget",
    name: `${address}.${variable}`,
    problem: `is ${reason}, and is what the pools share, whose size is auto`,
    between: `${size.lowest} to ${size.highest} connections a pool`,
    remedy: `Set ${variable} to what all instances may hold together, no more than the CONNECTION LIMIT of the role; or override budget`,
  })
}
