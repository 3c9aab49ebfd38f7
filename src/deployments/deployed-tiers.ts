import type { FoundServer } from "./ceiling.ts"
import { useOf } from "./container-pools.ts"
import type { ServerTies } from "./database-servers.ts"
import { type DeployedPooler, deployedPoolers, type PoolerConfig } from "./deployed-pooler.ts"
import type { DeploymentOptions } from "./deployment-options.ts"
import { normalHost } from "./destination.ts"
import type { Findings } from "./findings.ts"
import type { FrontPooler, FrontPoolers } from "./front-poolers.ts"
import { forResource } from "./override.ts"
import type { Reader } from "./reader.ts"
import { mayRun } from "./resource-pool.ts"

/** A deployed pooler in front of the checked server. */
export interface DeployedTier extends DeployedPooler {
  readonly config: PoolerConfig
  /** False if it may be in front of another server. */
  readonly isCertain: boolean
}

/** The deployed poolers of some documents, by what they are to the checked server. */
export interface DeployedTiers {
  readonly tiers: readonly DeployedTier[]
  /** Those whose settings are in a file that is not given. */
  readonly withoutFile: readonly DeployedPooler[]
  /** Those that this deploy takes from the checked server to another. */
  readonly leaving: readonly DeployedPooler[]
  /** Hosts of those in front of the other servers that are checked. */
  readonly otherHosts: readonly string[]
}

/**
 * Finds the deployed poolers in front of the checked server, without those that are declared or excluded.
 *
 * @param candidates the servers that may be the checked one
 */
export function tiersOf(
  readers: readonly Reader[],
  servers: readonly FoundServer[],
  candidates: readonly FoundServer[],
  ties: ServerTies,
  { matched }: Pick<FrontPoolers, "matched">,
  { exclude, override = {} }: DeploymentOptions,
): DeployedTiers {
  const all = deployedPoolers(readers, exclude).filter(({ address }) => !matched?.has(address))
  const isOn = (pooler: DeployedPooler) =>
    mayRun(useOf(pooler.workload, forResource(override, pooler)?.value))
  const tiers: DeployedTier[] = []
  const otherHosts: string[] = []
  const others = ties.otherHosts.map(normalHost)
  // In front of two servers, no more than one of them is in front of this one.
  const isOneServer = new Set(all.flatMap(({ config }) => config?.serverHosts[0] ?? [])).size <= 1
  const near = { ...ties, isOnly: ties.isOnly && isOneServer }
  for (const pooler of all) {
    const { config } = pooler
    if (config === undefined) continue
    const place = placeOf(config, servers, candidates, near)
    if (place !== "elsewhere") tiers.push({ ...pooler, config, isCertain: place === "here" })
    else if (hostsBehind(config, servers).some((host) => others.includes(host)))
      otherHosts.push(...pooler.hosts)
  }
  const withoutFile = all.filter((pooler) => pooler.config === undefined && isOn(pooler))
  const leaving = all.filter(
    ({ former }) => former !== undefined && placeOf(former, servers, candidates, near) !== "elsewhere",
  )
  return { tiers, withoutFile, leaving, otherHosts }
}

/** The names of the servers that a pooler leads to. */
const hostsBehind = ({ servers: addresses, serverHosts }: PoolerConfig, servers: readonly FoundServer[]) =>
  [
    ...serverHosts,
    ...servers.flatMap(({ address, hosts }) => (addresses.includes(address) ? hosts : [])),
  ].map(normalHost)

function placeOf(
  config: PoolerConfig,
  servers: readonly FoundServer[],
  candidates: readonly FoundServer[],
  { hosts, otherHosts, isOnly }: ServerTies,
): "here" | "perhaps" | "elsewhere" {
  const known = config.servers.filter((address) => servers.some((server) => server.address === address))
  if (known.length > 0) {
    if (!candidates.some(({ address }) => known.includes(address))) return "elsewhere"
    return known.length === 1 && candidates.length === 1 ? "here" : "perhaps"
  }
  const leads = config.serverHosts.map(normalHost)
  const isNamed = (names: readonly string[]) => names.map(normalHost).some((name) => leads.includes(name))
  if (isNamed(hosts)) return "here"
  if (isNamed(otherHosts)) return "elsewhere"
  return isOnly && hosts.length === 0 && candidates.length === 0 ? "here" : "perhaps"
}

/** Returns a tier as its clients find it. */
export const frontOfTier = ({
  address,
  ownAddress,
  hosts,
  port,
  isCertain,
  config,
}: DeployedTier): FrontPooler => ({
  name: address,
  ownName: ownAddress,
  hosts: hosts.map(normalHost),
  port,
  whereIs: () => (isCertain ? "here" : "perhaps"),
  ...(config.isBuiltIn ? { isBuiltIn: true } : {}),
})

/** Records poolers whose old processes hold what they have opened until they stop. */
export function noteLeaving(poolers: readonly DeployedPooler[], { unknowns }: Findings): void {
  for (const { address } of poolers) {
    unknowns.push({
      cause: "surge",
      address,
      name: address,
      problem:
        "is a pooler that this deploy takes to another server, and what its old processes hold on this one until they stop is not counted",
      between: "0 or any number of connections during the deploy",
      isUnbounded: true,
      isOfDeploy: true,
      remedy:
        "Deploy a second pooler for the other server, and remove this one once its clients have left; or check with --deploy warn",
    })
  }
}

/** Records poolers whose settings are in no document. */
export function noteWithoutFile(poolers: readonly DeployedPooler[], { unknowns }: Findings): void {
  for (const { address, names } of poolers) {
    unknowns.push({
      cause: "type",
      address,
      name: address,
      problem: "is a pooler, whose own connections to the server are not counted",
      between: "0 or any number of connections",
      isUnbounded: true,
      remedy: `Give its file (--pgbouncer pgbouncer.ini), and its host (${names.at(-1)}) in hosts of that pooler under poolers; or reserve what it opens, and exclude it with a reason`,
    })
  }
}
