import { sizedJobsSchema } from "../schedule/read-jobs.ts"
import { integerField, twoDecimalsField } from "../validation/number-fields.ts"
import { maxConnectionsRule } from "../validation/numbers.ts"
import { parse } from "../validation/parse.ts"
import { ownField } from "../validation/plain-object.ts"
import { entries, object, optional, rule, type Schema, type ValueOf } from "../validation/schema.ts"
import type { Fleet, Limits } from "./fleet.ts"
import { fillRule, limitRules, reservedRule, serverRules } from "./fleet-rules.ts"
import { byName } from "./names.ts"
import type { OpenFleet } from "./open-fleet.ts"
import { consumerSchema, openConsumerSchema, type ParsedConsumer, parsedConsumer } from "./parse-consumers.ts"
import { openJobsSchema, type ParsedFleetJob, parsedFleetJob } from "./parse-jobs.ts"
import { openPoolerSchema, type ParsedPooler, parsedPooler, poolerSchema } from "./parse-poolers.ts"
import type { OpenPooler, Pooler } from "./pooler.ts"
import { poolerLinks, poolerNames } from "./pooler-links.ts"
import { usableConnections } from "./usable-connections.ts"

/** A fleet with its defaults filled in. */
export interface ParsedFleet {
  /** The name in an error about the fleet as a whole. */
  readonly path: string
  readonly maxConnections: number
  readonly superuserReserved: number
  readonly reservedConnections: number
  readonly providerReserved: number
  /** The sum of these three: the slots that the server keeps. */
  readonly server: number
  readonly usable: number
  readonly reserved: readonly (readonly [name: string, slots: number])[]
  /** Connections of ordinary roles outside the fleet, all names together. */
  readonly reservedOutside: number
  readonly limits: Required<Limits>
  readonly consumers: readonly ParsedConsumer[]
  readonly jobs: readonly ParsedFleetJob[]
  readonly poolers: readonly ParsedPooler[]
  /** In per cent of `usable`. */
  readonly fill: number
}

const serverShape = {
  maxConnections: integerField(maxConnectionsRule),
  superuserReserved: integerField(serverRules.superuserReserved),
  reservedConnections: integerField(serverRules.reservedConnections),
  providerReserved: integerField(serverRules.providerReserved),
  reserved: optional(
    entries(integerField(reservedRule), {
      description:
        "Connections that ordinary roles use outside the fleet, by name, without those for superusers",
    }),
  ),
  limits: optional(
    object({ database: integerField(limitRules.database), role: integerField(limitRules.role) }),
  ),
}

interface Slots {
  readonly maxConnections?: number | undefined
  readonly superuserReserved?: number | undefined
  readonly reservedConnections?: number | undefined
  readonly providerReserved?: number | undefined
}

/** Refuses settings with which PostgreSQL would not start: one of these numbers must be wrong. */
export const slotsRule = rule<Slots>(function* ({ maxConnections, ...slots }) {
  const {
    superuserReserved = serverRules.superuserReserved.default,
    reservedConnections = serverRules.reservedConnections.default,
    providerReserved = serverRules.providerReserved.default,
  } = slots
  const kept = { superuserReserved, reservedConnections, providerReserved }
  const areRead = [maxConnections, ...Object.values(kept)].every((each) => typeof each === "number")
  if (!areRead || superuserReserved + reservedConnections + providerReserved < (maxConnections ?? 0)) return
  const given = Object.entries(kept).filter(([name, slots]) => slots > 0 || name !== "providerReserved")
  for (const [name] of given.filter(([, slots]) => slots > 0)) {
    yield {
      path: [name],
      problem: `${given.map((each) => each.join(" ")).join(" + ")} leave no slot of maxConnections ${maxConnections}`,
      remedy: "Give them as SHOW returns them: together, the reserved ones are below max_connections",
    }
  }
})

/** The fields of a fleet with all of its sizes. */
export const fleetShape = {
  ...serverShape,
  consumers: entries(consumerSchema),
  jobs: optional(sizedJobsSchema),
  poolers: optional(entries(poolerSchema)),
} satisfies Record<keyof Fleet, unknown>

/** The fields of a fleet whose sizes may be open. */
export const openFleetShape = {
  ...serverShape,
  consumers: entries(openConsumerSchema),
  jobs: optional(openJobsSchema),
  poolers: optional(entries(openPoolerSchema)),
  fill: twoDecimalsField(fillRule),
} satisfies Record<keyof OpenFleet, unknown>

const openSchema = object(openFleetShape, slotsRule, poolerLinks)

/** The parsed values of these fields, including those of a fleet with all of its sizes. */
type FleetValues = Omit<ValueOf<typeof openSchema>, "fill"> & { readonly fill?: number }

/** The kind of fleet: with all of its sizes, or with sizes to solve for. */
export type Sizes = "sized" | "open"

export const fleetSchemas: Readonly<Record<Sizes, Schema<FleetValues>>> = {
  sized: object(fleetShape, slotsRule, poolerLinks),
  open: openSchema,
}

const boundsSchema: Schema<FleetValues> = object(openFleetShape, slotsRule, poolerNames)

/** Reads one fleet at a bound of what is unknown, at which it may be that nothing connects through a pooler. */
export const parseBound = (input: OpenFleet): ParsedFleet =>
  parsedFleet(parse(boundsSchema, input, "fleet"), input, "fleet")

/** Reads one fleet. */
export const parseFleet = (input: Fleet | OpenFleet, sizes: Sizes): ParsedFleet =>
  parsedFleet(parse(fleetSchemas[sizes], input, "fleet"), input, "fleet")

/**
 * @param given the same fleet before parsing
 * @param path the name in an error about the fleet as a whole
 */
export function parsedFleet(values: FleetValues, given: Fleet | OpenFleet, path: string): ParsedFleet {
  const { maxConnections, superuserReserved, reservedConnections, providerReserved } = values
  const { reserved = [], limits } = values
  const usable = usableConnections(values)
  return {
    path,
    maxConnections,
    superuserReserved,
    reservedConnections,
    providerReserved,
    server: maxConnections - usable,
    usable,
    reserved,
    reservedOutside: reserved.reduce((sum, [, slots]) => sum + slots, 0),
    limits: limits ?? { database: limitRules.database.default, role: limitRules.role.default },
    consumers: values.consumers.map(([name, consumer]) => parsedConsumer(name, consumer, usable)),
    jobs: (values.jobs ?? []).flatMap((job, index) => {
      const givenJob = given.jobs?.[index]
      return givenJob === undefined ? [] : [parsedFleetJob(job, givenJob, usable)]
    }),
    poolers: (values.poolers ?? []).map(([name, pooler]) => {
      const poolers: Readonly<Record<string, Pooler | OpenPooler>> = given.poolers ?? {}
      return parsedPooler(name, pooler, ownField(poolers, name) as OpenPooler, usable)
    }),
    fill: values.fill ?? 100 * fillRule.default,
  }
}

/** The names of the jobs that connect to the server, and the pooler of each other one. */
export function jobNames({ jobs }: Pick<ParsedFleet, "jobs">): {
  readonly jobs: readonly string[]
  readonly jobsBehind: Readonly<Record<string, string>>
} {
  return {
    jobs: jobs.flatMap(({ single, pooler }) => (pooler === undefined ? [single.name] : [])),
    jobsBehind: byName(
      jobs.flatMap(({ single, pooler }) => (pooler === undefined ? [] : [[single.name, pooler] as const])),
    ),
  }
}
