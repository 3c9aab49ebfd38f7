import type { PoolConfigIssue } from "../error.ts"
import {
  type IntegerRule,
  MAX_COUNT,
  maxConnectionsRule,
  readInteger,
  readIntegers,
  readTwoDecimals,
} from "../validation/numbers.ts"
import {
  type ObjectReader,
  readEntries,
  readObject,
  rejectUnknownFields,
} from "../validation/object-reader.ts"
import { ALERT_PERCENT } from "./alert-threshold.ts"
import type { Fleet, Limits, Reservations } from "./fleet.ts"
import type { OpenFleet } from "./open-fleet.ts"
import { type ParsedConsumer, parseConsumers } from "./parse-consumers.ts"
import { type ParsedFleetJob, parseFleetJobs } from "./parse-jobs.ts"
import { usableConnections } from "./usable-connections.ts"

export const serverRules = {
  superuserReserved: {
    description: "what the server answers to SHOW superuser_reserved_connections",
    min: 0,
    max: MAX_COUNT,
    default: 3,
  },
  reservedConnections: {
    description: "what the server answers to SHOW reserved_connections (0 before PostgreSQL 16)",
    min: 0,
    max: MAX_COUNT,
    default: 0,
  },
} satisfies Record<Exclude<keyof Reservations, "reserved">, IntegerRule>

export const reservedRule: IntegerRule = {
  description: "the connections used outside the fleet under this name",
  min: 0,
  max: MAX_COUNT,
}

export const limitRules = {
  database: { description: "pg_database.datconnlimit, -1 for none", min: -1, max: MAX_COUNT, default: -1 },
  role: { description: "pg_roles.rolconnlimit, -1 for none", min: -1, max: MAX_COUNT, default: -1 },
} satisfies Record<keyof Limits, IntegerRule>

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

export const fillRule = {
  description: "the share of the usable slots that the steady total may fill",
  min: 0.01,
  max: 1,
  default: ALERT_PERCENT / 100,
} satisfies IntegerRule

interface ReadReservations {
  readonly superuserReserved: number
  readonly reservedConnections: number
  /** The two together: what PostgreSQL keeps for itself. */
  readonly server: number
  readonly reserved: readonly (readonly [name: string, slots: number])[]
  /** Connections of ordinary roles outside the fleet, all names together. */
  readonly reservedOutside: number
}

export interface ParsedFleet extends ReadReservations {
  /** What an error about the whole of it names. */
  readonly path: string
  readonly maxConnections: number
  readonly usable: number
  readonly limits: Required<Limits>
  readonly consumers: readonly ParsedConsumer[]
  readonly jobs: readonly ParsedFleetJob[]
  /** In per cent of `usable`. */
  readonly fill: number
}

/** Reads no ceiling and no consumer, which may be unknown yet: a size is wanted before there is a fleet. */
export function parseReservations(fields: ObjectReader, issues: PoolConfigIssue[]): ReadReservations {
  rejectUnknownFields(fields, openFleetFields, issues)
  return readReserved(fields, issues)
}

export function parseFleet(fields: ObjectReader, mayBeOpen: boolean, issues: PoolConfigIssue[]): ParsedFleet {
  rejectUnknownFields(fields, mayBeOpen ? openFleetFields : fleetFields, issues)
  const maxConnections = readInteger(
    fields.get("maxConnections"),
    "maxConnections",
    maxConnectionsRule,
    issues,
  )
  const reservations = readReserved(fields, issues)
  if (reservations.server >= maxConnections) issues.push(...nothingUsable(maxConnections, reservations))
  const usable = usableConnections({ maxConnections, ...reservations })
  return {
    path: "fleet",
    maxConnections,
    usable,
    ...reservations,
    limits: readLimits(fields, issues),
    consumers: parseConsumers(fields, mayBeOpen, usable, issues),
    jobs: parseFleetJobs(fields.get("jobs"), mayBeOpen, usable, issues),
    fill: readTwoDecimals(fields, "fill", fillRule, issues),
  }
}

function readReserved(fields: ObjectReader, issues: PoolConfigIssue[]): ReadReservations {
  const { superuserReserved, reservedConnections } = readIntegers(fields, serverRules, issues)
  const names = fields.get("reserved") === undefined ? [] : readEntries(fields, "reserved", issues)
  const reserved = names.map(
    ([name, value]) => [name, readInteger(value, `reserved.${name}`, reservedRule, issues)] as const,
  )
  return {
    superuserReserved,
    reservedConnections,
    server: superuserReserved + reservedConnections,
    reserved,
    reservedOutside: reserved.reduce((sum, [, slots]) => sum + slots, 0),
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

function readLimits(fields: ObjectReader, issues: PoolConfigIssue[]): Required<Limits> {
  const limits = fields.get("limits")
  const read = readObject(limits === undefined ? {} : limits, "limits", issues)
  if (read === undefined) return { database: -1, role: -1 }
  rejectUnknownFields(read, Object.keys(limitRules), issues, "limits.")
  return readIntegers(read, limitRules, issues, "limits.")
}
