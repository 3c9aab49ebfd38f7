import { OPTIONS } from "../config/options.ts"
import type { Job } from "../schedule/job.ts"
import { MAX_POOL_SIZE } from "../validation/numbers.ts"
import type { DatabaseServers } from "./database-servers.ts"
import { presence, type ResourceEnvironment } from "./environment.ts"
import type { Findings } from "./findings.ts"
import { JOB_FIELDS, type Override, SERVICE_FIELDS } from "./override.ts"
import type { Workload } from "./platform.ts"
import type { PoolSize } from "./pool-size.ts"

/** What one pool of a resource adds to a fleet. */
export interface ResourcePool {
  /** The address; with the container or the variable behind it where the resource has several pools. */
  readonly name: string
  /** If not, it may have no connection to this server at all. */
  readonly certain: boolean
  /** The pool size: at its lowest and at its highest. */
  readonly size: Bounds
  readonly poolsPerInstance: number
  readonly use: ServiceUse | JobUse
  /** Whether PRISMA_POOL_SIZE_CORE decides the size, so that it can be planned. */
  readonly canBePlanned: boolean
}

export interface Bounds {
  readonly lowest: number
  readonly highest: number
}

export interface ServiceUse {
  readonly instances: number
  readonly surge: number
}

export interface JobUse {
  readonly job: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
  /** In place of a schedule that is not known, for the lowest sum. */
  readonly lowestJob?: Omit<Job, "name" | "poolSize" | "poolsPerInstance">
}

export const isService = (use: ResourcePool["use"]): use is ServiceUse => "instances" in use

const SIZE = OPTIONS.connectionLimit.variable
const ANALYTICS = OPTIONS.analyticsUrl.variable

/** Of the Analytics client, whose pool has no setting of any kind: the default of node-postgres. */
const DRIVER_DEFAULT = 10

const ANY_SIZE: Bounds = { lowest: OPTIONS.connectionLimit.min, highest: MAX_POOL_SIZE }

/** What is asked of every resource, and what answers it. */
export interface PoolQuery {
  readonly keys: readonly string[]
  readonly servers: DatabaseServers
  readonly sizeOf: (variables: ResourceEnvironment, key: string) => PoolSize
}

/** Every pool to this server that a resource opens. */
export function poolsOf(
  address: string,
  workload: Workload,
  question: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const { keys, servers, sizeOf } = question
  const use = useOf(workload, override)
  return workload.containers.flatMap((container, index) => {
    // The first of each kind has the plain address, so that it keeps its name when another one comes.
    const named = (key?: string) => {
      const parts = [index > 0 ? `container ${index + 1}` : [], key ?? []].flat()
      return parts.length > 0 ? `${address} (${parts.join(", ")})` : address
    }
    const pools = keys.flatMap((key, place) => {
      if (presence(container, key) === "absent") return []
      const name = named(place > 0 ? key : undefined)
      const size: PoolSize = key === ANALYTICS ? { size: DRIVER_DEFAULT } : sizeOf(container, key)
      return poolOf(name, address, container, key, size, use, override, findings)
    })
    const legacy = keys.includes(ANALYTICS)
      ? []
      : analytics(named(ANALYTICS), container, use, servers, findings)
    return [...pools, ...legacy]
  })
}

function useOf({ runs }: Workload, override: Override | undefined): ResourcePool["use"] {
  if ("instances" in runs) return { instances: runs.instances, surge: 0, ...picked(override, SERVICE_FIELDS) }
  const stated = picked(override, JOB_FIELDS)
  const job = { ...runs.job, ...stated }
  if (runs.unknownSchedule === undefined || stated.schedule !== undefined) return { job }
  const { schedule: _, timezone: __, ...onDemand } = job
  return { job, lowestJob: { ...onDemand, concurrent: 1 } }
}

function picked<Field extends keyof Override>(
  override: Override | undefined,
  fields: readonly Field[],
): Partial<Pick<Override, Field>> {
  const entries = fields.flatMap((field) =>
    override?.[field] === undefined ? [] : [[field, override[field]]],
  )
  return Object.fromEntries(entries)
}

function poolOf(
  name: string,
  address: string,
  container: ResourceEnvironment,
  key: string,
  size: PoolSize,
  use: ResourcePool["use"],
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const certain = presence(container, key) === "certain"
  const poolsPerInstance = override?.poolsPerInstance ?? 1
  const entry = { name, poolsPerInstance, use, canBePlanned: key !== ANALYTICS }
  if (override?.poolSize !== undefined) return [{ ...entry, certain: true, size: exactly(override.poolSize) }]
  if ("issues" in size) {
    for (const issue of size.issues) findings.issues.push({ ...issue, name: `${address}.${issue.name}` })
    return []
  }
  const range = "size" in size ? exactly(size.size) : ANY_SIZE
  if (!certain) {
    findings.unknowns.push({
      name: `${address}.${key}`,
      problem: `may be set: its environment is ${container.mayHaveMore}`,
      between: `not connected, and ${range.highest} connections a pool`,
      remedy: `Exclude ${address} if it does not connect, or override its poolSize`,
    })
  } else if (!("size" in size)) {
    const hidden = size.decidedBy === key ? ", and may have a connection_limit in it" : ""
    findings.unknowns.push({
      name: `${address}.${size.decidedBy}`,
      problem: `is ${size.reason}${hidden}`,
      between: `${range.lowest} and ${range.highest} connections a pool`,
      remedy: `Set ${SIZE} as a plain number, which counts before everything else, or override poolSize`,
    })
  }
  return [{ ...entry, certain, size: range }]
}

const exactly = (size: number): Bounds => ({ lowest: size, highest: size })

/** The legacy client, which has a pool on this server where its database is here too. */
function analytics(
  name: string,
  container: ResourceEnvironment,
  use: ResourcePool["use"],
  servers: DatabaseServers,
  findings: Findings,
): ResourcePool[] {
  if (!container.values.has(ANALYTICS) && !container.hidden.has(ANALYTICS)) return []
  const here = servers.has(container.values.get(ANALYTICS))
  if (here === "no") return []
  if (here === "perhaps") {
    findings.unknowns.push({
      name,
      problem: "may be on the same server: the URLs cannot be compared",
      between: `0 and ${DRIVER_DEFAULT} connections an instance, the default of the driver`,
      remedy: "Nothing has to be done where the sum fits with them",
    })
  }
  return [
    {
      name,
      certain: here === "yes",
      size: exactly(DRIVER_DEFAULT),
      poolsPerInstance: 1,
      use,
      canBePlanned: false,
    },
  ]
}
