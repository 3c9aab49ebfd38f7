export { joiningSlots, sharedSlots } from "../sizing/auto-budget.ts"

/** The settings of a pool whose size is `auto`: its share of what the living instances of its service may hold together. */
export interface AutoSize {
  /** The most connections that this process may ever hold; undefined stands for `connection_limit` in the URL, else 15. */
  readonly maxSize: number | undefined
  /** What all instances of the service may hold together; undefined leaves that to the server's limits. */
  readonly budget: number | undefined
  /** Slots kept for everything else, the superuser's included, where the server has no limit for the role or the database. */
  readonly reserved: number
}

/** The bounds that {@link AutoSize} comes to beside a URL. */
export interface AutoBounds {
  /** The most connections that the process may ever hold. */
  readonly cap: number
  /** What it may hold where it cannot follow the others: behind a pooler, or as a superuser. */
  readonly fixed: number
}

/**
 * The bounds of a pool whose size is `auto`.
 *
 * @param limit `connection_limit` of the URL, or its default
 */
export const autoBounds = (limit: number, { maxSize = limit }: Pick<AutoSize, "maxSize">): AutoBounds => ({
  cap: maxSize,
  fixed: Math.min(limit, maxSize),
})
