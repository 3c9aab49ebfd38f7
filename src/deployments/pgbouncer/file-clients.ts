import type { PoolerMode } from "../../sizing/index.ts"
import type { Unknown } from "../findings.ts"
import type { Bounds } from "../resource-pool.ts"
import type { PgBouncerFile } from "./read-pgbouncer.ts"
import { DEFAULTS, nameOf, numberOf } from "./settings.ts"

/** What the clients of a pooler find: how many one process takes, and what each of them holds. */
export interface FileClients {
  readonly capacity: Bounds
  /** At the highest the one in which more clients wait. */
  readonly mode: Readonly<Record<keyof Bounds, PoolerMode>>
  readonly unknowns: readonly Unknown[]
}

/** @param isOfSeveral true if clients of other servers count too */
export function clientsOf(file: PgBouncerFile, isOfSeveral: boolean): FileClients {
  const unknowns: Unknown[] = []
  const all = numberOf(file, "max_client_conn", DEFAULTS.max_client_conn)
  const own = [...clientCaps(file), ...(isOfSeveral ? [Math.max(1, Math.floor(all / 2))] : [])]
  const least = Math.min(all, ...own)
  if (least < all) {
    unknowns.push({
      cause: "size",
      name: nameOf(file, "max_client_conn"),
      problem: isOfSeveral
        ? "is for the clients of several servers together, and each of them is checked alone"
        : "is not all that clients have: max_db_client_connections or max_user_client_connections is lower",
      between: `${least} to ${all} clients in one process`,
      remedy: isOfSeveral
        ? "Run a PgBouncer for each server"
        : "Leave the lower limits out, or set them to what each entry and user needs, and max_client_conn to their sum",
      ...(isOfSeveral ? { isUnbounded: true as const } : {}),
    })
  }
  const modes = poolModes(file)
  const mode = { lowest: modes[0] ?? "session", highest: modes.at(-1) ?? "session" } as const
  if (mode.lowest !== mode.highest) {
    unknowns.push({
      cause: "size",
      name: nameOf(file, "pool_mode"),
      problem:
        "is session for some entries or users, whose clients hold a connection for as long as they are connected",
      between: "the clients of transaction mode, or no more than the pools have connections",
      remedy: "Give these a PgBouncer of their own",
    })
  }
  return { capacity: { lowest: all, highest: least }, mode, unknowns }
}

function clientCaps(file: PgBouncerFile): number[] {
  const { databases, users } = file
  return [
    numberOf(file, "max_db_client_connections", DEFAULTS.max_db_client_connections),
    numberOf(file, "max_user_client_connections", DEFAULTS.max_user_client_connections),
    ...[...databases.values()].map(({ values }) => values.max_db_client_connections),
    ...[...users.values()].map(({ values }) => values.max_user_client_connections),
  ].flatMap((cap) => (typeof cap === "number" && cap > 0 ? [cap] : []))
}

/** True if clients of some entries or users hold a connection for as long as they are connected. */
export const hasSessions = (file: PgBouncerFile): boolean => poolModes(file).includes("session")

/** The modes of all entries and users, transaction mode first. Statement mode is refused for what it does. */
function poolModes(file: PgBouncerFile): PoolerMode[] {
  const standard = String(file.settings.get("pool_mode")?.value ?? "session")
  const users = [...file.users.values()].flatMap(({ values }) => values.pool_mode ?? [])
  const entries = [...file.databases.values()].map(({ values }) => values.pool_mode ?? standard)
  const modes = new Set((entries.length > 0 ? entries : [standard]).concat(users))
  const isShared = modes.has("transaction") || modes.has("statement")
  return [
    ...(isShared ? (["transaction"] as const) : []),
    ...(modes.has("session") ? (["session"] as const) : []),
  ]
}
