import { splitName } from "./application-name.ts"
import type { ConnectionHolder, ConnectionStates } from "./database-report.ts"
import type { ConnectionGroup } from "./inspection-row.ts"

/** Equal connections, whose application is without the id of their pool. */
export interface PoolConnections extends ConnectionGroup {
  /** The id of their pool, if its size is `auto`. */
  readonly pool: string | undefined
}

/** Splits the id of a pool off the application's name, so that all of its pools are one application. */
export function ofPool(group: ConnectionGroup): PoolConnections {
  const { application } = group
  return { ...group, ...(application === null ? { pool: undefined } : splitName(application)) }
}

type State = keyof ConnectionStates

/** https://www.postgresql.org/docs/current/monitoring-stats.html#MONITORING-PG-STAT-ACTIVITY-VIEW */
const STATES: Readonly<Record<string, State>> = {
  active: "active",
  idle: "idle",
  "idle in transaction": "idleInTransaction",
  "idle in transaction (aborted)": "idleInTransaction",
}

function stateOf({ state, hidden }: ConnectionGroup): State {
  if (hidden) return "unknown"
  return STATES[state ?? ""] ?? "other"
}

/** Counts the connections in each state. */
export function statesOf(groups: readonly ConnectionGroup[]): ConnectionStates {
  const states = { active: 0, idle: 0, idleInTransaction: 0, other: 0, unknown: 0 }
  for (const group of groups) states[stateOf(group)] += group.connections
  return states
}

export function sum<Item>(items: readonly Item[], number: (item: Item) => number): number {
  return items.reduce((total, item) => total + number(item), 0)
}

/** Returns the seconds since the oldest of the visible connections began. */
export function oldestOf(groups: readonly ConnectionGroup[]): number | undefined {
  const ages = groups.flatMap(({ oldest }) => (oldest === null ? [] : [oldest]))
  // The server's clock may have been set back; an age is never negative.
  return ages.length === 0 ? undefined : Math.max(0, ...ages)
}

/** Groups by a name, in the order of their first items. */
export function groupConnections<Name extends string | null | undefined, Item = ConnectionGroup>(
  items: readonly Item[],
  nameOf: (item: Item) => Name,
): Map<Name, Item[]> {
  const named = new Map<Name, Item[]>()
  for (const item of items) {
    const name = nameOf(item)
    const same = named.get(name)
    if (same === undefined) named.set(name, [item])
    else same.push(item)
  }
  return named
}

/** Counts connections by a field, the largest first. */
export function groupBy(
  groups: readonly ConnectionGroup[],
  field: "application" | "client" | "user" | "database",
  limits: Readonly<Record<string, number>> = {},
): ConnectionHolder[] {
  const holders = [...groupConnections(groups, (group) => group[field])].map(([name, own]) => ({
    name,
    connections: sum(own, ({ connections }) => connections),
    oldestSeconds: oldestOf(own),
    states: statesOf(own),
    ...(name !== null && Object.hasOwn(limits, name) ? { limit: limits[name] as number } : {}),
  }))
  return holders.sort((one, other) => other.connections - one.connections || byName(one.name, other.name))
}

function byName(one: string | null, other: string | null): number {
  if (one === other) return 0
  return (one ?? "") < (other ?? "") ? -1 : 1
}
