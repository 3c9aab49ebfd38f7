import {
  consumerRules,
  fillRule,
  limitRules,
  minRule,
  reservedRule,
  serverRules,
  weightRule,
} from "../sizing/fleet-rules.ts"
import type { Limits, OpenConsumer, OpenFleet, OpenJob, OpenSize } from "../sizing/index.ts"
import {
  concurrentRule,
  DEFAULT_TIMEOUT,
  DEFAULT_TIMEZONE,
  goDuration,
  jobRules,
  longestRun,
  retriesRule,
} from "../sizing/parse-jobs.ts"
import { MAX_POOL_SIZE } from "../validation/numbers.ts"
import { changed, compareFields, type FieldRule, isHigher, isLower, lower } from "./field-rules.ts"
import { POOLER_FIELDS } from "./pooler-relaxations.ts"
import { type Relaxation, summaryOf } from "./relaxation.ts"

type Fleet = Partial<OpenFleet>

/** A size of which any may be open: that of a pool, or of the budget that pools share. */
type AnySize = Omit<OpenSize, "poolSize"> & { readonly poolSize?: number | "auto"; readonly budget?: number }

/** A number of an open size. It has no effect if the size is fixed. */
const ofOpenSize = (
  field: Exclude<keyof OpenSize, "poolSize">,
  whenAbsent: number,
  relaxes: FieldRule<AnySize>["relaxes"],
): FieldRule<AnySize> => ({
  ...lower(field, whenAbsent),
  counted: (size) => (isOpen(size) ? (size[field] ?? whenAbsent) : undefined),
  relaxes,
})

const isOpen = ({ poolSize, budget }: AnySize): boolean =>
  poolSize === undefined || (poolSize === "auto" && budget === undefined)

/** A size becomes another thing where it becomes open, or a share of a budget. */
const POOL_SIZE: FieldRule<AnySize> = {
  field: "poolSize",
  written: ({ poolSize }) => poolSize,
  counted: ({ poolSize }) => poolSize,
  relaxes: (from, to) => typeof from !== "number" || typeof to !== "number" || to < from,
  absent: () => "open",
}

const BUDGET: FieldRule<AnySize> = {
  field: "budget",
  written: ({ budget }) => budget,
  counted: ({ budget }) => budget,
  // Beside a poolSize that becomes auto, or a number, that is what is reported.
  relaxes: (from, to) => isLower(from, to) || (from !== undefined) !== (to !== undefined),
  absent: () => "open",
}

const SIZE_FIELDS: readonly FieldRule<AnySize>[] = [
  POOL_SIZE,
  ofOpenSize("min", minRule.default, isLower),
  { ...ofOpenSize("max", MAX_POOL_SIZE, isLower), absent: () => null },
  // A change in either direction makes some pool smaller.
  ofOpenSize(
    "weight",
    weightRule.default,
    (from, to) => from !== undefined && to !== undefined && from !== to,
  ),
]

const CONSUMER_FIELDS: readonly FieldRule<OpenConsumer>[] = [
  {
    // Absent where nobody can tell: either way another number of logins counts.
    field: "instances",
    written: ({ instances }) => instances,
    counted: ({ instances }) => instances,
    relaxes: (from, to) => from === undefined || to === undefined || to < from,
    absent: () => null,
  },
  ...SIZE_FIELDS,
  BUDGET,
  lower("poolsPerInstance", consumerRules.poolsPerInstance.default),
  {
    // Without it, the instances count twice during a deploy.
    field: "surge",
    written: ({ surge }) => surge,
    counted: ({ surge, instances }) => surge ?? instances,
    relaxes: isLower,
    absent: ({ instances }) => instances ?? null,
  },
  // Behind a pooler they count as its clients, and otherwise for the server.
  changed("pooler", null),
]

const nanoseconds = (duration: string): bigint => goDuration(duration) ?? 0n

const JOB_FIELDS: readonly FieldRule<OpenJob>[] = [
  changed("schedule", null),
  changed("timezone", DEFAULT_TIMEZONE),
  {
    field: "timeout",
    written: ({ timeout }) => timeout,
    counted: ({ timeout = DEFAULT_TIMEOUT }) => nanoseconds(timeout),
    relaxes: isLower,
    absent: () => DEFAULT_TIMEOUT,
  },
  lower("retries", retriesRule.default),
  {
    field: "duration",
    written: ({ duration }) => duration,
    counted: ({ timeout = DEFAULT_TIMEOUT, retries = retriesRule.default, duration }) =>
      longestRun(
        nanoseconds(timeout),
        1 + retries,
        duration === undefined ? undefined : nanoseconds(duration),
      ),
    relaxes: isLower,
    absent: () => null,
  },
  ...SIZE_FIELDS,
  lower("poolsPerInstance", jobRules.poolsPerInstance.default),
  lower("maxRuns", Number.POSITIVE_INFINITY),
  lower("replicas", jobRules.replicas.default),
  lower("concurrent", concurrentRule.default),
  changed("pooler", null),
]

/** A connection limit of PostgreSQL: −1 is none. */
const limit = (field: keyof Limits): FieldRule<Limits> => {
  const { default: none } = limitRules[field]
  return {
    ...lower(field, none),
    counted: ({ [field]: most = none }) => (most === none ? Number.POSITIVE_INFINITY : most),
    relaxes: isHigher,
  }
}

const LIMIT_FIELDS = [limit("database"), limit("role")]

const SERVER_FIELDS: readonly FieldRule<Fleet>[] = [
  lower("superuserReserved", serverRules.superuserReserved.default),
  lower("reservedConnections", serverRules.reservedConnections.default),
  lower("providerReserved", serverRules.providerReserved.default),
  lower("fill", fillRule.default),
]

/** The ceiling. One that was known from elsewhere can be raised by setting it, or by no longer setting it. */
const ceiling = (wasJudged: boolean): FieldRule<Fleet> => ({
  field: "maxConnections",
  written: ({ maxConnections }) => maxConnections,
  counted: ({ maxConnections }) => maxConnections,
  relaxes: (from, to) => (from === undefined ? wasJudged : to === undefined || to > from),
  absent: () => null,
})

/**
 * Finds the changes from one version of a fleet to the next that can lower its total or raise its ceiling.
 *
 * @param wasJudged true if the previous version had a verdict, although it may not set a ceiling itself
 */
export function fleetRelaxations(from: Fleet, to: Fleet, prefix: string, wasJudged: boolean): Relaxation[] {
  return [
    ...compareFields(from, to, [ceiling(wasJudged), ...SERVER_FIELDS], prefix),
    ...reservedRelaxations(from.reserved ?? {}, to.reserved ?? {}, `${prefix}reserved.`),
    ...compareFields(from.limits ?? {}, to.limits ?? {}, LIMIT_FIELDS, `${prefix}limits.`),
    ...compareEntries(
      entriesOf(from.consumers),
      entriesOf(to.consumers),
      CONSUMER_FIELDS,
      `${prefix}consumers.`,
    ),
    ...compareEntries(byName(from.jobs), byName(to.jobs), JOB_FIELDS, `${prefix}jobs.`),
    ...compareEntries(
      entriesOf(from.poolers),
      entriesOf(to.poolers),
      [...POOLER_FIELDS, ...SIZE_FIELDS],
      `${prefix}poolers.`,
    ),
  ]
}

/** A Map, because any name is allowed, `constructor` included. */
const entriesOf = <Part>(parts: Readonly<Record<string, Part>> = {}): ReadonlyMap<string, Part> =>
  new Map(Object.entries(parts))

const byName = (jobs: readonly OpenJob[] = []): ReadonlyMap<string, OpenJob> =>
  new Map(jobs.map((job) => [job.name, job]))

function compareEntries<Part extends object>(
  from: ReadonlyMap<string, Part>,
  to: ReadonlyMap<string, Part>,
  rules: readonly FieldRule<Part>[],
  prefix: string,
): Relaxation[] {
  return [...from].flatMap(([name, before]) => {
    const after = to.get(name)
    if (after === undefined) return [{ name: prefix + name, from: summaryOf(before), to: null }]
    return compareFields(before, after, rules, `${prefix}${name}.`)
  })
}

function reservedRelaxations(
  from: Readonly<Record<string, number>>,
  to: Readonly<Record<string, number>>,
  prefix: string,
): Relaxation[] {
  const after = entriesOf(to)
  return [...entriesOf(from)].flatMap(([name, slots]) => {
    const left = after.get(name)
    return (left ?? reservedRule.min) < slots ? [{ name: prefix + name, from: slots, to: left ?? null }] : []
  })
}
