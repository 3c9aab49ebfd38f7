import type { PoolConfigIssue } from "../../error.ts"
import { MAX_COUNT, MAX_POOL_SIZE } from "../../validation/numbers.ts"
import type { DeployedPooler, PoolerConfig } from "../deployed-pooler.ts"
import { AFTER_APPLY } from "../environment.ts"
import { statedPgBouncer } from "../pgbouncer/stated-settings.ts"
import type { Referrers } from "../platform.ts"
import { type Bounds, exactly } from "../resource-pool.ts"
import type { Resource } from "../terraform/resource.ts"

/** The port of the PgBouncer on a flexible server. */
export const POOLER_PORT = 6432

/** A parameter of the server that sets one of PgBouncer's. */
interface Parameter {
  readonly standard: string
  /** Its values where it is not known, at both ends of what it comes to. */
  readonly unknown: Readonly<Record<keyof Bounds, string>>
  readonly between: string
}

/**
 * The parameters that count, with Azure's defaults:
 * https://learn.microsoft.com/azure/postgresql/connectivity/concepts-pgbouncer
 */
const PARAMETERS: Readonly<Record<string, Parameter>> = {
  default_pool_size: {
    standard: "50",
    unknown: { lowest: "1", highest: String(MAX_POOL_SIZE) },
    between: `1 to ${MAX_POOL_SIZE} connections in each pool`,
  },
  max_client_conn: {
    standard: "5000",
    unknown: { lowest: String(MAX_COUNT), highest: "1" },
    between: "1 or any number of clients",
  },
  pool_mode: {
    standard: "transaction",
    unknown: { lowest: "transaction", highest: "session" },
    between: "the clients of transaction mode, or no more than the pools have connections",
  },
}

/** The oldest PgBouncer that flexible servers run. */
const OLDEST = 23

const isNamed = ({ attributes }: Resource, parameter: string): boolean =>
  attributes.text("name")?.toLowerCase() === `pgbouncer.${parameter}`

const isEnabled = (resource: Resource): boolean =>
  isNamed(resource, "enabled") && /^(true|on)$/i.test(resource.attributes.text("value")?.trim() ?? "")

/** Of the Burstable tier, in which Azure offers no PgBouncer. */
const isBurstable = (sku: string): boolean => /^B_/i.test(sku)

/**
 * Reads the PgBouncer that runs on a flexible server, in one process that its hosts lead to by a port of its own.
 *
 * @param sku undefined if it cannot be seen
 * @param configuration the resources that configure the server
 */
export function builtInPooler(
  { address, ownAddress }: Pick<Resource, "address" | "ownAddress">,
  hosts: readonly string[],
  sku: string | undefined,
  configuration: Referrers,
): DeployedPooler | undefined {
  const [host] = hosts
  if (host === undefined || !configuration.certain.some(isEnabled)) return undefined
  const found = Object.entries(PARAMETERS).map(([name, parameter]) => ({
    name,
    ...parameter,
    ...parameterValue(name, parameter, configuration, address),
  }))
  const at = (end: keyof Bounds) => ({
    ...statedPgBouncer({
      name: address,
      host,
      since: OLDEST,
      settings: found.map(({ name, value, unknown, place }) => [name, value ?? unknown[end], place]),
    }),
    failures: sku !== undefined && isBurstable(sku) ? [notOffered(address, sku)] : [],
  })
  const hidden = found.filter(({ value }) => value === undefined)
  const lowest = at("lowest")
  const config: PoolerConfig = {
    lowest,
    highest: hidden.length === 0 ? lowest : at("highest"),
    unknown: [
      ...hidden.map(({ name, between, place }) => ({
        setting: `pgbouncer.${name}`,
        problem: `is set by ${place} to a value that is ${AFTER_APPLY}, or for another server`,
        between,
      })),
      ...(sku === undefined ? [UNSEEN_SKU] : []),
    ],
    servers: [address],
    serverHosts: hosts,
    isBuiltIn: true,
  }
  return {
    address,
    ownAddress,
    names: [],
    hosts,
    port: POOLER_PORT,
    workload: {
      containers: [],
      assumptions: [],
      unknowns: [],
      runs: { instances: 1, surge: () => exactly(0) },
    },
    config,
  }
}

const notOffered = (address: string, sku: string): PoolConfigIssue => ({
  name: `${address}: pgbouncer.enabled`,
  problem: `is on, and Azure has no PgBouncer in the Burstable tier (sku_name ${sku}): nothing listens on port ${POOLER_PORT}`,
  remedy: "Choose a General Purpose or Memory Optimized SKU, or connect to port 5432",
})

const UNSEEN_SKU: PoolerConfig["unknown"][number] = {
  setting: "sku_name",
  problem: "cannot be seen, and in the Burstable tier Azure has no PgBouncer",
  between: "no client, or all of them",
  isUnbounded: true,
}

/** Finds the value of a parameter; undefined if it is not known, or perhaps for another server. */
function parameterValue(
  name: string,
  { standard }: Parameter,
  { certain, possible }: Referrers,
  server: string,
): { readonly value: string | undefined; readonly place: string } {
  const isOwn = (resource: Resource) => isNamed(resource, name)
  const own = certain.find(isOwn)
  if (own !== undefined) return { value: own.attributes.text("value"), place: own.address }
  const other = possible.find(isOwn)
  return other === undefined ? { value: standard, place: server } : { value: undefined, place: other.address }
}
