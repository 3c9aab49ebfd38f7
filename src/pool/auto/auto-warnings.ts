import type { OffReason } from "./off-reason.ts"
import { crowdingOf, type Share } from "./share.ts"

/** What a pool warns of, each once. */
export type AutoWarning = "unenforced" | "half" | "over"

/** The warnings that are due after a look, of those that were not given yet. */
export function warningsDue(share: Share, given: ReadonlySet<AutoWarning>): AutoWarning[] {
  const crowding = crowdingOf(share)
  const due: AutoWarning[] = share.budget.enforcedBy === undefined ? ["unenforced"] : []
  // That half is exceeded needs no saying after that all is.
  if (crowding === "over" || (crowding === "half" && !given.has("over"))) due.push(crowding)
  return due.filter((warning) => !given.has(warning))
}

/**
 * The text of a warning.
 *
 * @param size the variable that is `auto`
 */
export function warningText(
  warning: AutoWarning,
  { budget, members, available }: Share,
  size: string,
): string {
  const { ceiling, joining, shared } = budget
  const others = shared - available
  const without = `${joining} for newcomers${others > 0 ? ` and ${others} of other sessions` : ""}`
  const connections = available === 1 ? "connection" : "connections"
  const pools = `${members} ${members === 1 ? "pool has" : "pools share"} ${available} ${connections} (${ceiling} without ${without})`
  switch (warning) {
    case "unenforced":
      return `${size}=auto: neither the role nor the database has a CONNECTION LIMIT below what the server allows, so nothing but the pools keeps the sum at ${ceiling}. Set one: ALTER ROLE … CONNECTION LIMIT ….`
    case "half":
      return `${size}=auto: ${pools}, so that each has 1. Raise the limit, run fewer instances, or put PgBouncer in between.`
    case "over":
      return `${size}=auto: ${pools}: some have none at all. Put PgBouncer in between, or run fewer instances.`
    default:
      return warning satisfies never
  }
}

const OFF: Readonly<Record<OffReason, string>> = {
  superuser:
    "the role is a superuser, whom no CONNECTION LIMIT binds. Connect as an ordinary role with a limit of its own",
  pooler:
    "a pooler stands between, so that the server's sessions are not this pool's. Connect to the server itself, or set a number",
  "several servers":
    "several servers answer to the URL's one name, each with slots of its own. Give the URL of one server, or set a number",
  "unknown server": "the server does not say how many connections it has, as PostgreSQL does. Set a number",
}

/**
 * The warning that auto is off.
 *
 * @param limit the size that the pool has instead
 */
export function offText(reason: OffReason, size: string, limit: number): string {
  return `${size}=auto is off: ${OFF[reason]}. This pool has up to ${limit} connections.`
}
