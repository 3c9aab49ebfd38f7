import type { SharedFleet } from "../../src/declaration/fleet-link.ts"
import type { OpenConsumer, OpenJob, OpenPooler } from "../../src/sizing/index.ts"

/** A fleet as it stands in the form, where every field is text and may be wrong. */
export interface Draft {
  maxConnections: string
  superuserReserved: string
  reservedConnections: string
  providerReserved: string
  reserved: ReservedDraft[]
  consumers: ConsumerDraft[]
  jobs: JobDraft[]
  poolers: PoolerDraft[]
  /** What has no field in the form and stays as it was given. */
  others: Others
}

export type Others = Readonly<Record<string, unknown>>

/** A row of the form. Its key stays the same while its name is typed. */
interface Row {
  readonly key: number
  name: string
  others: Others
}

export interface ReservedDraft {
  readonly key: number
  name: string
  slots: string
}

/** How a size is given: a number, one to plan, or a budget that all instances share. */
export type SizeKind = "fixed" | "open" | "auto"

interface SizeDraft {
  size: SizeKind
  poolSize: string
  weight: string
}

/** Which instances a deploy runs at once: as many again, only the old or the new, or so many more. */
export type DeployKind = "starts first" | "stops first" | "number"

interface InstancesDraft {
  instances: string
  deploy: DeployKind
  surge: string
}

export interface ConsumerDraft extends Row, SizeDraft, InstancesDraft {
  budget: string
  poolsPerInstance: string
  pooler: string
}

export interface JobDraft extends Row, SizeDraft {
  schedule: string
  timezone: string
  timeout: string
  /** Only without a schedule. */
  concurrent: string
  pooler: string
}

export interface PoolerDraft extends Row, SizeDraft, InstancesDraft {
  pools: string
  reservePoolSize: string
  maxClientConnections: string
  poolMode: "" | "transaction" | "session"
}

let lastKey = 0
const nextKey = (): number => ++lastKey

/** Returns a fleet to begin with, which has a verdict. */
export const firstDraft = (): Draft =>
  draftOf({ maxConnections: 100, reserved: { metabase: 10 }, consumers: { api: { instances: 3 } } })

/** Writes a fleet into the form. */
export function draftOf(fleet: SharedFleet): Draft {
  const { maxConnections, superuserReserved, reservedConnections, providerReserved, ...rest } = fleet
  const { reserved = {}, consumers = {}, jobs = [], poolers = {}, ...others } = rest
  return {
    maxConnections: text(maxConnections),
    superuserReserved: text(superuserReserved),
    reservedConnections: text(reservedConnections),
    providerReserved: text(providerReserved),
    reserved: Object.entries(reserved).map(([name, slots]) => reservedDraft(name, slots)),
    consumers: Object.entries(consumers).map(([name, consumer]) => consumerDraft(name, consumer)),
    jobs: jobs.map(jobDraft),
    poolers: Object.entries(poolers).map(([name, pooler]) => poolerDraft(name, pooler)),
    others,
  }
}

export const reservedDraft = (name: string, slots: number): ReservedDraft => ({
  key: nextKey(),
  name,
  slots: text(slots),
})

export function consumerDraft(name: string, consumer: OpenConsumer): ConsumerDraft {
  const { instances, surge, poolSize, weight, budget, poolsPerInstance, pooler, ...others } = consumer
  return {
    key: nextKey(),
    name,
    ...instancesDraft({ instances, surge }),
    size: poolSize === undefined ? "open" : poolSize === "auto" ? "auto" : "fixed",
    poolSize: poolSize === "auto" ? "" : text(poolSize),
    weight: text(weight),
    budget: text(budget),
    poolsPerInstance: text(poolsPerInstance),
    pooler: pooler ?? "",
    others,
  }
}

export function jobDraft({ name, ...job }: OpenJob): JobDraft {
  const { schedule, timezone, timeout, concurrent, poolSize, weight, pooler, ...others } = job
  return {
    key: nextKey(),
    name,
    schedule: schedule ?? "",
    timezone: timezone ?? "",
    timeout: timeout ?? "",
    concurrent: text(concurrent),
    size: poolSize === undefined ? "open" : "fixed",
    poolSize: text(poolSize),
    weight: text(weight),
    pooler: pooler ?? "",
    others,
  }
}

export function poolerDraft(name: string, pooler: OpenPooler): PoolerDraft {
  const { instances, surge, pools, poolSize, weight, reservePoolSize, ...rest } = pooler
  const { maxClientConnections, poolMode, ...others } = rest
  return {
    key: nextKey(),
    name,
    ...instancesDraft({ instances, surge }),
    pools: typeof pools === "number" ? text(pools) : "",
    size: poolSize === undefined ? "open" : "fixed",
    poolSize: text(poolSize),
    weight: text(weight),
    reservePoolSize: text(reservePoolSize),
    maxClientConnections: text(maxClientConnections),
    poolMode: poolMode ?? "",
    others: typeof pools === "object" ? { pools, ...others } : others,
  }
}

function instancesDraft(given: {
  readonly instances: number | undefined
  readonly surge: number | undefined
}): InstancesDraft {
  const { instances, surge } = given
  const deploy = surge === undefined ? "starts first" : surge === 0 ? "stops first" : "number"
  return { instances: text(instances), deploy, surge: deploy === "number" ? text(surge) : "" }
}

const text = (number: number | undefined): string => (number === undefined ? "" : String(number))
