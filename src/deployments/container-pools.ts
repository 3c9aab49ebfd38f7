import { runsAtOnce } from "../schedule/dialects/normal-schedule.ts"
import { goDuration } from "../schedule/go-duration.ts"
import { countedPool, tiedPool } from "./counted-pool.ts"
import { openVariables, overlay, presence, type ResourceEnvironment } from "./environment.ts"
import { type Findings, noFindings } from "./findings.ts"
import { markedPools, markersOf } from "./marked-pools.ts"
import { ANALYTICS, DRIVER_DEFAULT, otherPools } from "./other-variables.ts"
import { firstSchedule, JOB_FIELDS, type Override, SERVICE_FIELDS } from "./override.ts"
import { clientVariables, type PoolSize, sizeVariableBy } from "./pool-size.ts"
import { exactly, hasBudget, type JobUse, type PoolQuery, type ResourcePool } from "./resource-pool.ts"
import type { JobSchedule, Workload } from "./workload.ts"

/** Returns every pool to this server that a resource opens. */
export function poolsOf(
  address: string,
  workload: Workload,
  query: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const use = useOf(workload, override)
  const pools = containerPools(address, workload.containers, "container", use, query, override, findings)
  return [...pools, ...initialPools(address, workload, pools, use, query, override, findings)]
}

/**
 * Returns what init containers open beyond what the containers after them do. They end before those start, so that the
 * larger of the two counts.
 */
function initialPools(
  address: string,
  { initial = [] }: Workload,
  pools: readonly ResourcePool[],
  use: ResourcePool["use"],
  query: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const isOfPod = (pool: ResourcePool) => pool.use === use
  let left = connectionsOf(pools.filter(isOfPod))
  return initial.flatMap((containers, index) => {
    const own = noFindings()
    const all = containerPools(
      address,
      containers,
      `init container ${index + 1}, container`,
      use,
      query,
      override,
      own,
    )
    const opened = all.filter(isOfPod)
    const others = all.filter((pool) => !isOfPod(pool))
    findings.issues.push(...own.issues)
    const highest = Math.max(0, connectionsOf(opened) - left)
    // What shares a budget ends before the containers start that share it too.
    const sharing = pools.some(hasBudget) ? [] : opened.filter(hasBudget)
    // What cannot be told of an init container matters only if it may have more than what follows it.
    const isUnbounded = own.unknowns.some((unknown) => unknown.isUnbounded)
    if (highest === 0 && !isUnbounded && others.length + sharing.length === 0) return []
    left += highest
    for (const kind of ["unknowns", "assumptions", "explicit", "excluded", "warnings", "failures"] as const) {
      ;(findings[kind] as unknown[]).push(...own[kind])
    }
    const [first] = opened.filter((pool) => !hasBudget(pool))
    if (first === undefined || highest === 0) return [...sharing, ...others]
    const { sizeVariable: _, ...pool } = first
    const name = `${address} (init container${initial.length > 1 ? ` ${index + 1}` : ""})`
    findings.unknowns.push({
      cause: "count",
      address,
      attribute: "init container",
      name,
      pools: [name],
      problem: "may hold more connections than the containers after it, while its pod starts",
      between: `0 to ${highest} more connections an instance`,
      remedy: "Give init containers the pool size of the containers, or a smaller one",
    })
    return [
      { ...pool, name, certain: false, poolsPerInstance: 1, size: exactly(highest) },
      ...sharing,
      ...others,
    ]
  })
}

/** The connections of pools that have a size of their own. */
const connectionsOf = (pools: readonly ResourcePool[]): number =>
  pools
    .filter((pool) => !hasBudget(pool))
    .reduce((total, { size, poolsPerInstance }) => total + size.highest * poolsPerInstance, 0)

/** Returns every pool to this server that some containers open, which run at the same time. */
function containerPools(
  address: string,
  containers: readonly ResourceEnvironment[],
  what: string,
  use: ResourcePool["use"],
  query: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const { keys, markers, servers, sizeOf } = query
  return containers.flatMap((container, index) => {
    // The first of each kind has the plain address, so that it keeps its name when another one comes.
    const named = (key?: string) => {
      const parts = [index > 0 ? `${what} ${index + 1}` : [], key ?? []].flat()
      return parts.length > 0 ? `${address} (${parts.join(", ")})` : address
    }
    if (container.values.get(keys[0] ?? "") === "") {
      findings.warnings.push(`${address}.${keys[0]}: is empty, so it can never connect`)
    }
    const isMarked = markersOf(container, markers).length > 0
    const ofUrls = keys.flatMap((key, place) => {
      if (container.values.get(key) === "") return []
      // The address of a marked container is in its parts, wherever the rest of its environment is from.
      if (isMarked && presence(container, key) !== "certain") return []
      if (presence(container, key) === "absent") {
        const own = place === 0 ? lonelyVariable(container, key) : undefined
        return own === undefined
          ? []
          : withoutUrl(named(), address, container, key, own, use, query, override, findings)
      }
      const leads = servers.countedUrl(key, container.values.get(key), container)
      if (leads === "elsewhere") return []
      const name = named(place > 0 ? key : undefined)
      const size: PoolSize = key === ANALYTICS ? { size: DRIVER_DEFAULT } : sizeOf(container, key)
      const destination = servers.remoteDestination(container.values.get(key), container)
      return countedPool({ name, address, container, size, use, ...byUrl(key) }, override, findings).map(
        (pool) => {
          const leading = destination === undefined ? pool : { ...pool, destination }
          return tiedPool(leading, leads, address, key, "keys", findings)
        },
      )
    })
    const marked = markedPools(named, address, container, ofUrls, use, query, override, findings)
    const pools = [...ofUrls, ...marked]
    const others = otherPools(named, address, container, use, query, override, findings)
    return [...pools, ...others]
  })
}

/** The variables of a pool whose URL is in `key`. */
const byUrl = (key: string) => ({
  variable: key,
  sizeVariable: key === ANALYTICS ? undefined : sizeVariableBy(key),
  sizeRemedy: `Set ${sizeVariableBy(key)} as a plain number, which takes precedence over everything else, or override poolSize`,
})

/** Finds a setting of the client in a container that has no database URL at all. */
function lonelyVariable({ values, hidden }: ResourceEnvironment, key: string): string | undefined {
  const names = [...values.keys(), ...hidden.keys()]
  if (names.some((name) => name.startsWith(URL_PREFIX))) return undefined
  return clientVariables(key).find((name) => names.includes(name))
}

const URL_PREFIX = "DATABASE_URL"

/** Counts a container that has the client's settings but no URL. The URL may be set where no document shows it. */
function withoutUrl(
  name: string,
  address: string,
  container: ResourceEnvironment,
  key: string,
  own: string,
  use: ResourcePool["use"],
  { sizeOf }: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const open = overlay([openVariables(`nowhere in the documents, though ${own} is`), container])
  const found = sizeOf(open, key)
  // This may not be our client, so a value that the client would refuse must not make the plan fail.
  const size = "issues" in found ? { decidedBy: own, reason: "no value that a client takes" } : found
  return countedPool({ name, address, container: open, size, use, ...byUrl(key) }, override, findings)
}

/** Returns how many instances or runs of a workload there are, by its override where that says so. */
export function useOf({ runs, unknowns }: Workload, override: Override | undefined): ResourcePool["use"] {
  const lowest = lowestOf(unknowns)
  if ("instances" in runs) {
    const stated = picked(override, SERVICE_FIELDS)
    const isOpen = lowest["instances"] !== undefined && stated.instances === undefined
    const { instances = runs.instances } = stated
    const lowestInstances = isOpen ? Number(lowest["instances"]) : instances
    const own = stated.surge === undefined ? runs.surge : undefined
    return {
      instances,
      surge: stated.surge ?? own?.(instances).highest ?? 0,
      ...(runs.fewest === undefined || stated.instances !== undefined ? {} : { fewest: runs.fewest }),
      ...(isOpen ? { lowestInstances } : {}),
      ...(isOpen && isEndless({ unknowns }) ? { isEndless: true } : {}),
      ...(own === undefined ? {} : { lowestSurge: own(lowestInstances).lowest }),
    }
  }
  const { schedule, ...others } = picked(override, JOB_FIELDS)
  const first = firstSchedule(schedule)
  const stated = first === undefined ? others : { ...others, schedule: first }
  const mayBeOff = runs.mayBeOff === true && first === undefined && stated.concurrent === undefined
  const atLeast = (runsAtOnce: number, { schedule: _, timezone: __, ...job }: JobUse["job"]) => ({
    ...job,
    concurrent: mayBeOff ? 0 : runsAtOnce,
  })
  const isEnded = ["timeout", "duration", "maxRuns"].some((field) => Object.hasOwn(stated, field))
  if (runs.endlessRuns !== undefined && !isEnded) {
    const { schedule: _, timezone: __, ...job } = { concurrent: runs.endlessRuns, ...runs.job, ...stated }
    const { timeout: ___, ...counts } = lowest
    const lowestJob = { ...job, ...counts, ...stated }
    if (mayBeOff) return { job, lowestJob: atLeast(0, lowestJob) }
    return Object.keys(counts).length > 0 ? { job, lowestJob } : { job }
  }
  const atOnce = atFixedDistance(runs, stated)
  const job = { ...runs.job, ...stated, ...atOnce }
  const lowestJob = { ...runs.job, ...runs.atLeast, ...lowest, ...stated, ...atOnce }
  if (mayBeOff || (runs.unknownSchedule !== undefined && first === undefined))
    return { job, lowestJob: atLeast(1, lowestJob) }
  return unknowns.length > 0 ? { job, lowestJob } : { job }
}

/** The lowest value of each field that is not known: of a field with several unknowns, the lowest of them. */
function lowestOf(unknowns: Workload["unknowns"]): Readonly<Record<string, number | string>> {
  const lowest: Record<string, number | string> = {}
  for (const { field, lowest: own } of unknowns) {
    if (field === "schedule") continue
    const former = lowest[field]
    lowest[field] = typeof former === "number" && typeof own === "number" ? Math.min(former, own) : own
  }
  return lowest
}

/** True if nothing bounds the number of instances. */
const isEndless = ({ unknowns }: Pick<Workload, "unknowns">): boolean =>
  unknowns.some(({ field, highest }) => field === "instances" && highest === undefined)

/** Counts the runs at a time of a job that starts at a fixed distance, if an override says how long a run takes. */
function atFixedDistance(
  { everySeconds }: JobSchedule,
  { schedule, duration, timeout, retries = 0, maxRuns }: Partial<JobSchedule["job"]>,
): Partial<JobSchedule["job"]> {
  const length = duration ?? timeout
  const attempt = length === undefined ? undefined : goDuration(length)
  if (everySeconds === undefined || schedule !== undefined) return {}
  if (attempt === undefined) return maxRuns === undefined ? {} : { concurrent: maxRuns }
  const longest = duration === undefined ? attempt * BigInt(1 + retries) : attempt
  const runs = runsAtOnce({ kind: "interval", seconds: everySeconds }, longest)
  return { concurrent: Math.min(runs, maxRuns ?? runs) }
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
