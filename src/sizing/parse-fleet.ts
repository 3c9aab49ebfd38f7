import type { PoolConfigIssue } from "../error.ts"
import { hundredths, MOST, maxConnectionsRule, type WholeNumber, wholeNumber } from "../validation/numbers.ts"
import { type Fields, named, plainObject, refuseUnknown, wholeNumbers } from "../validation/object-reader.ts"
import type { Fleet, Limits, Reservations } from "./fleet.ts"
import type { OpenFleet } from "./open-fleet.ts"
import { type ReadConsumer, readConsumers } from "./parse-consumers.ts"
import { type ReadFleetJob, readFleetJobs } from "./parse-jobs.ts"

export const serverRules = {
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

export const reservedRule: WholeNumber = {
  meaning: "the connections used outside the fleet under this name",
  min: 0,
  max: MOST,
}

export const limitRules = {
  database: { meaning: "pg_database.datconnlimit, -1 for none", min: -1, max: MOST, fallback: -1 },
  role: { meaning: "pg_roles.rolconnlimit, -1 for none", min: -1, max: MOST, fallback: -1 },
} satisfies Record<keyof Limits, WholeNumber>

const fleetFields = [
  "maxConnections",
  "superuserReserved",
  "reservedConnections",
  "reserved",
  "limits",
  "consumers",
  "jobs",
] satisfies (keyof Fleet)[]

const openFleetFields = [...fleetFields, "fill"] satisfies (keyof OpenFleet)[]

export const fillRule: WholeNumber = {
  meaning: "the share of the usable slots that the steady total may fill",
  min: 0.01,
  max: 1,
  fallback: 0.8,
}

interface ReadReservations {
  readonly superuserReserved: number
  readonly reservedConnections: number
  /** The two together: what PostgreSQL keeps for itself. */
  readonly server: number
  readonly reserved: readonly (readonly [name: string, slots: number])[]
  /** Connections of ordinary roles outside the fleet, all names together. */
  readonly outside: number
}

export interface ReadFleet extends ReadReservations {
  /** What an error about the whole of it names. */
  readonly path: string
  readonly maxConnections: number
  readonly usable: number
  readonly limits: Required<Limits>
  readonly consumers: readonly ReadConsumer[]
  readonly jobs: readonly ReadFleetJob[]
  /** In per cent of `usable`. */
  readonly fill: number
}

/** Reads no ceiling and no consumer, which may be unknown yet: a size is wanted before there is a fleet. */
export function readReservations(fields: Fields, issues: PoolConfigIssue[]): ReadReservations {
  refuseUnknown(fields, openFleetFields, issues)
  return readReserved(fields, issues)
}

export function readFleet(fields: Fields, open: boolean, issues: PoolConfigIssue[]): ReadFleet {
  refuseUnknown(fields, open ? openFleetFields : fleetFields, issues)
  const maxConnections = wholeNumber(
    fields.get("maxConnections"),
    "maxConnections",
    maxConnectionsRule,
    issues,
  )
  const reservations = readReserved(fields, issues)
  if (reservations.server >= maxConnections) issues.push(...nothingUsable(maxConnections, reservations))
  const usable = maxConnections - reservations.server
  return {
    path: "fleet",
    maxConnections,
    usable,
    ...reservations,
    limits: readLimits(fields, issues),
    consumers: readConsumers(fields, open, usable, issues),
    jobs: readFleetJobs(fields.get("jobs"), open, usable, issues),
    fill: hundredths(fields, "fill", fillRule, issues),
  }
}

function readReserved(fields: Fields, issues: PoolConfigIssue[]): ReadReservations {
  const { superuserReserved, reservedConnections } = wholeNumbers(fields, serverRules, issues)
  const names = fields.get("reserved") === undefined ? [] : named(fields, "reserved", issues)
  const reserved = names.map(
    ([name, value]) => [name, wholeNumber(value, `reserved.${name}`, reservedRule, issues)] as const,
  )
  return {
    superuserReserved,
    reservedConnections,
    server: superuserReserved + reservedConnections,
    reserved,
    outside: reserved.reduce((sum, [, slots]) => sum + slots, 0),
  }
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

function readLimits(fields: Fields, issues: PoolConfigIssue[]): Required<Limits> {
  const limits = fields.get("limits")
  const read = plainObject(limits === undefined ? {} : limits, "limits", issues)
  if (read === undefined) return { database: -1, role: -1 }
  refuseUnknown(read, Object.keys(limitRules), issues, "limits.")
  return wholeNumbers(read, limitRules, issues, "limits.")
}
