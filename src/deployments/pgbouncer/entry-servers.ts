import { normalHost } from "../destination.ts"
import type { DatabaseEntry } from "./collect-lines.ts"
import { FALLBACK } from "./read-pgbouncer.ts"

/** The hosts of the checked server, and of the others that are checked with it. */
export interface ServerHosts {
  readonly hosts: readonly string[]
  readonly otherHosts: readonly string[]
  /** True if no other server is checked. */
  readonly isOnly: boolean
}

/** Whether an entry leads to the checked server. */
export type Where = "here" | "perhaps" | "elsewhere"

const DEFAULT_PORT = 5432

const hostsOf = ({ values }: DatabaseEntry): readonly string[] =>
  String(values.host ?? "")
    .split(",")
    .map(normalHost)

const addressesOf = (entry: DatabaseEntry): readonly string[] =>
  hostsOf(entry).map((host) => `${host}:${entry.values.port ?? DEFAULT_PORT}`)

/**
 * Tells where each entry leads. Where only one server is checked and none of its hosts is known, it is the one that all
 * entries lead to, as long as that is one.
 */
export function placesOf(
  entries: readonly DatabaseEntry[],
  { hosts, otherHosts, isOnly }: ServerHosts,
): ReadonlyMap<string, Where> {
  const own = hosts.map(normalHost)
  const others = otherHosts.map(normalHost)
  const addresses = new Set(entries.flatMap(addressesOf))
  const whereOf = (entry: DatabaseEntry): Where => {
    const leads = hostsOf(entry)
    if (isOnly && own.length === 0) return addresses.size === 1 ? "here" : "perhaps"
    if (leads.every((host) => own.includes(host))) return "here"
    return !isOnly && leads.every((host) => others.includes(host) && !own.includes(host))
      ? "elsewhere"
      : "perhaps"
  }
  const places = entries.map((entry) => [entry, whereOf(entry)] as const)
  // Servers on one host have a port each.
  const ports = new Set(
    places.flatMap(([{ values }, where]) => (where === "here" ? [values.port ?? DEFAULT_PORT] : [])),
  )
  return new Map(
    places.map(
      ([{ name }, where]) => [name, where === "here" && ports.size > 1 ? "perhaps" : where] as const,
    ),
  )
}

/** Tells where the entry of a database leads; undefined if there is none. */
export const whereIs = (places: ReadonlyMap<string, Where>, database: string): Where | undefined =>
  places.get(database) ?? places.get(FALLBACK)

/** Tells where a database leads whose name is not known. */
export function whereIsAny(places: ReadonlyMap<string, Where>): Where {
  const [first = "perhaps", ...others] = new Set(places.values())
  return others.length === 0 ? first : "perhaps"
}
