import { type PoolConfigIssue, shown } from "../error.ts"
import type { Fleet, FleetConsumer, Reservations } from "./fleet.ts"
import { type Fields, plainObject, refuseUnknown, wholeNumbers } from "./read-input.ts"
import { MOST, MOST_IN_INSTANCE, maxConnectionsRule, type WholeNumber, wholeNumber } from "./whole-number.ts"

const serverRules = {
  superuserReserved: {
    meaning: "what the server answers to SHOW superuser_reserved_connections",
    min: 0,
    max: MOST,
    fallback: 3,
  },
  reservedConnections: {
    meaning: "what the server answers to SHOW reserved_connections (0 before PostgreSQL 16)",
    min: 0,
    max: MOST,
    fallback: 0,
  },
} satisfies Record<Exclude<keyof Reservations, "reserved">, WholeNumber>

const reservedRule: WholeNumber = {
  meaning: "the connections used outside the fleet under this name",
  min: 0,
  max: MOST,
}

const consumerRules = {
  instances: { meaning: "the most instances that run at once", min: 0, max: MOST },
  poolSize: { meaning: "the connections in each pool", min: 1, max: MOST_IN_INSTANCE },
  poolsPerInstance: {
    meaning: "the pools to this server in one instance (leave out a consumer that has none)",
    min: 1,
    max: MOST_IN_INSTANCE,
    fallback: 1,
  },
  surge: { meaning: "the extra instances while a deploy rolls", min: 0, max: MOST, fallback: 0 },
} satisfies Record<keyof FleetConsumer, WholeNumber>

const fleetFields = [
  "maxConnections",
  "superuserReserved",
  "reservedConnections",
  "reserved",
  "consumers",
] satisfies (keyof Fleet)[]

/** A {@link FleetConsumer} with its name and nothing left to default. */
interface ReadConsumer extends Required<FleetConsumer> {
  readonly name: string
}

interface ReadReservations {
  readonly superuserReserved: number
  readonly reservedConnections: number
  /** The two together: what PostgreSQL keeps for itself. */
  readonly server: number
  /** Connections of ordinary roles outside the fleet, all names together. */
  readonly outside: number
}

interface ReadFleet extends ReadReservations {
  readonly maxConnections: number
  readonly consumers: readonly ReadConsumer[]
}

/** Reads no ceiling and no consumer, which may be unknown yet: a size is wanted before there is a fleet. */
export function readReservations(fields: Fields, issues: PoolConfigIssue[]): ReadReservations {
  refuseUnknown(fields, fleetFields, issues)
  const { superuserReserved, reservedConnections } = wholeNumbers(fields, serverRules, issues)
  const server = superuserReserved + reservedConnections
  return { superuserReserved, reservedConnections, server, outside: readOutside(fields, issues) }
}

export function readFleet(fields: Fields, issues: PoolConfigIssue[]): ReadFleet {
  const maxConnections = wholeNumber(
    fields.get("maxConnections"),
    "maxConnections",
    maxConnectionsRule,
    issues,
  )
  const reservations = readReservations(fields, issues)
  if (reservations.server >= maxConnections) issues.push(...nothingUsable(maxConnections, reservations))
  return { maxConnections, ...reservations, consumers: readConsumers(fields, issues) }
}

/** PostgreSQL refuses to start with such settings, so one of the three numbers was misread. */
function nothingUsable(maxConnections: number, read: ReadReservations): PoolConfigIssue[] {
  const { superuserReserved, reservedConnections } = read
  return (["superuserReserved", "reservedConnections"] as const)
    .filter((name) => read[name] > 0)
    .map((name) => ({
      name,
      problem: `superuserReserved ${superuserReserved} + reservedConnections ${reservedConnections} leave no slot of maxConnections ${maxConnections}`,
      remedy:
        "Give the three as the server answers to SHOW: together the reserved ones are below the ceiling",
    }))
}

function readOutside(fields: Fields, issues: PoolConfigIssue[]): number {
  if (fields.get("reserved") === undefined) return 0
  const slots = named("reserved", fields, issues).map(([name, value]) =>
    wholeNumber(value, `reserved.${name}`, reservedRule, issues),
  )
  return slots.reduce((sum, slot) => sum + slot, 0)
}

function readConsumers(fields: Fields, issues: PoolConfigIssue[]): ReadConsumer[] {
  return named("consumers", fields, issues).flatMap(([name, value]) => {
    const path = `consumers.${name}`
    const consumer = plainObject(value, path, issues)
    if (consumer === undefined) return []
    refuseUnknown(consumer, Object.keys(consumerRules), issues, `${path}.`)
    return { name, ...wholeNumbers(consumer, consumerRules, issues, `${path}.`) }
  })
}

/** The entries of an object whose keys are names of the user's own. */
function named(field: "reserved" | "consumers", fields: Fields, issues: PoolConfigIssue[]) {
  const entries = [...(plainObject(fields.get(field), field, issues) ?? [])]
  for (const [name] of entries) {
    if (name.trim() !== "") continue
    issues.push({ name: field, problem: `received the name ${shown(name)}`, remedy: "Name every entry" })
  }
  return entries
}
