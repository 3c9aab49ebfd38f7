import { OPTIONS } from "../config/options.ts"
import { integer, integerOfDigits } from "../validation/numbers.ts"
import { isProblem } from "../validation/problem.ts"
import { isHostVariable, isOfOtherEngine } from "./address-parts.ts"
import { countedPool, tiedPool } from "./counted-pool.ts"
import { type Destination, isLocal } from "./destination.ts"
import { isSet, type ResourceEnvironment } from "./environment.ts"
import type { Findings } from "./findings.ts"
import { DRIVER_DEFAULT } from "./other-variables.ts"
import type { Override } from "./override.ts"
import { type PoolSize, poolVariables, sizeVariableBy } from "./pool-size.ts"
import type { PoolQuery, ResourcePool } from "./resource-pool.ts"

/** The markers that a container certainly has, those of hosts first. An empty one marks nothing. */
export const markersOf = (container: ResourceEnvironment, markers: readonly string[]): readonly string[] =>
  markers
    .filter((name) => isSet(container, name) && !isOfOtherEngine(container, name))
    .toSorted((one, other) => Number(isHostVariable(other)) - Number(isHostVariable(one)))

/**
 * Returns the pools of a container whose database address is assembled from parts. The parts beside a counted URL are
 * those of the URL, unless they name another host. One that cannot be compared may be a pool of its own.
 *
 * @param counted the pools of its URLs
 */
export function markedPools(
  named: (variable?: string) => string,
  address: string,
  container: ResourceEnvironment,
  counted: readonly ResourcePool[],
  use: ResourcePool["use"],
  query: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const { keys, markers, servers } = query
  const set = markersOf(container, markers)
  const isOpen = set.length === 0 && counted.length === 0 && container.mayHaveMore !== undefined
  const places: (Destination | undefined)[] =
    counted.length === 0
      ? []
      : keys
          .filter((key) => isSet(container, key))
          .map((key) => servers.destination(container.values.get(key), container))
  let isFirst = counted.length === 0
  return [...set, ...(isOpen ? markers.slice(0, 1) : [])].flatMap((marker): ResourcePool[] => {
    const leads = servers.countedMarker(marker, container)
    if (leads === "elsewhere") return []
    const place = servers.partsDestination(container, marker)
    if (!isFirst) {
      // A name, a user or a port is a part of the address that another marker names.
      if (!isHostVariable(marker) || override?.poolsPerInstance !== undefined) return []
      if (place !== undefined && places.some((each) => each !== undefined && isSame(each, place))) return []
    }
    const isSecond = !isFirst
    const mayBeSame = isSecond && (place === undefined || places.includes(undefined))
    const name = named(isSecond ? marker : undefined)
    const size = sizeOf(container, address, override, query, findings)
    const pools = countedPool(
      {
        name,
        address,
        container,
        variable: marker,
        ...size,
        use,
      },
      override,
      findings,
    )
    isFirst = false
    places.push(place)
    return pools.map((pool) => {
      const leading = place === undefined || isLocal(place) ? pool : { ...pool, destination: place }
      const tied = tiedPool(leading, leads, address, marker, "markers", findings)
      return mayBeSame ? notedSecond(tied, address, marker, findings) : tied
    })
  })
}

const isSame = (one: Destination, other: Destination): boolean =>
  one.host === other.host && one.port === other.port

function notedSecond(
  pool: ResourcePool,
  address: string,
  marker: string,
  { unknowns }: Findings,
): ResourcePool {
  unknowns.push({
    cause: "variable",
    address,
    attribute: marker,
    field: "poolsPerInstance",
    name: `${address}.${marker}`,
    pools: [pool.name],
    problem: "may name another server than the address beside it: they cannot be compared",
    between: `0 to ${pool.size.highest} connections a pool`,
    remedy: "Override poolsPerInstance with the number of pools in an instance",
  })
  return { ...pool, certain: false }
}

/**
 * Finds the size of a marked pool: that of this package's variables, else that of the given variable. Where neither is set,
 * the default is assumed.
 */
function sizeOf(
  container: ResourceEnvironment,
  address: string,
  override: Override | undefined,
  { keys, sizeVariable, sizeOf: clientSize }: PoolQuery,
  { assumptions }: Findings,
): { readonly size: PoolSize; readonly sizeVariable: string; readonly sizeRemedy: string } {
  const key = keys[0] ?? OPTIONS.url.variable
  const own = sizeVariableBy(key)
  const planned = sizeVariable ?? own
  const sizeRemedy = `Set ${planned} as a plain number, or override poolSize`
  const bySize = { sizeVariable: planned, sizeRemedy }
  // The parts have no connection_limit, and no other variable of the client counts for them.
  const parts = {
    ...container,
    values: without(container.values, key),
    hidden: without(container.hidden, key),
  }
  const ofClient = (environment: ResourceEnvironment): PoolSize => {
    const found = clientSize(environment, key)
    // This may not be our client, so a value that the client would refuse must not make the plan fail.
    return "issues" in found ? { decidedBy: own, reason: "no value that a client takes" } : found
  }
  const closed = { ...parts, mayHaveMore: undefined }
  if (isSet(container, own))
    return {
      size: ofClient(closed),
      sizeVariable: own,
      sizeRemedy: `Set ${own} as a plain number, or override poolSize`,
    }
  if (sizeVariable !== undefined && isSet(container, sizeVariable)) {
    return { size: statedSize(container, sizeVariable), ...bySize }
  }
  if (container.mayHaveMore !== undefined) {
    return { size: { decidedBy: planned, reason: container.mayHaveMore }, ...bySize }
  }
  const size = ofClient(closed)
  const isStated = poolVariables(key).some((name) => isSet(container, name))
  if (!isStated && override?.poolSize === undefined && "size" in size) {
    assumptions.push({
      name: `${address}.${planned}`,
      assumed: `${size.size} assumed, this package's default; plain Prisma 7 opens ${DRIVER_DEFAULT}`,
      remedy:
        sizeVariable === undefined
          ? "Say which variable states it, with --size-variable, or override poolSize"
          : `Set ${sizeVariable}, or override poolSize`,
    })
  }
  return { size, ...bySize }
}

const without = <Value>(entries: ReadonlyMap<string, Value>, name: string): ReadonlyMap<string, Value> =>
  new Map([...entries].filter(([each]) => each !== name))

const readSize = integer(OPTIONS.connectionLimit)

function statedSize({ values, hidden }: ResourceEnvironment, variable: string): PoolSize {
  const reason = hidden.get(variable)
  if (reason !== undefined) return { decidedBy: variable, reason }
  const text = values.get(variable) ?? ""
  const size = readSize(integerOfDigits(text, OPTIONS.connectionLimit) ?? text)
  return isProblem(size) ? { decidedBy: variable, reason: "no whole number that is a size" } : { size }
}
