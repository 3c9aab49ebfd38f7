import type { ServerTies } from "./database-servers.ts"
import { type Destination, normalHost } from "./destination.ts"
import type { Findings, Unknown } from "./findings.ts"

/** A pool with its destination, if that can be seen. */
interface PoolDestination {
  readonly name: string
  readonly destination?: Destination
}

/** The server whose ceiling counts, with what the plan knows of it. */
interface Server {
  readonly address: string
  /** Empty if its addresses are not known. */
  readonly hosts: readonly string[]
}

/**
 * Records every pool that does not lead to the server whose ceiling counts: to a host that is not one of its own, or
 * to another port than most. No host is printed, because a plan is confidential.
 *
 * @param server the server in the plan
 * @param isGiven true if the ceiling was given: it then belongs to the given hosts or, without any, to the host of most
 * pools
 */
export function noteOtherServers(
  pools: readonly PoolDestination[],
  server: Server | undefined,
  isGiven: boolean,
  { hosts, isOnly }: Pick<ServerTies, "hosts" | "isOnly">,
  { unknowns }: Findings,
): void {
  const own = [...hosts, ...(server?.hosts ?? [])].map(normalHost)
  const leading = pools.flatMap(({ name, destination }) => (destination ? [{ name, ...destination }] : []))
  const usual = mostUsed(leading, own)
  const known = isGiven ? undefined : server
  const isCompared = known !== undefined || hosts.length > 0
  for (const pool of leading) {
    const isOwn = own.includes(pool.host) && own.includes(usual?.host ?? "")
    const isHere = isCompared ? own.includes(pool.host) : isOwn || pool.host === usual?.host
    if (isHere && pool.port === usual?.port) continue
    const problem = isHere
      ? anotherPort(usual?.name)
      : known !== undefined && own.length === 0
        ? unaddressed(known.address, isOnly)
        : anotherHost(known?.address, isCompared, usual?.name, isOnly)
    // Without `pools`: the pool is still counted, so that acknowledging this takes nothing out of the sum.
    unknowns.push({
      cause: "host",
      address: pool.name,
      name: pool.name,
      isUnbounded: true,
      between: "nothing on this server or everything that it opens",
      ...problem,
    })
  }
}

type Pool = Destination & { readonly name: string }

type Problem = Pick<Unknown, "problem" | "remedy">

const ONE_CEILING = "and a ceiling belongs to one server"

const anotherPort = (usual: string | undefined): Problem => ({
  problem: `leads to another port than ${usual} does, ${ONE_CEILING}`,
  remedy:
    "If it is the same server, acknowledge it with `prisma-pool baseline`: it then counts there. If it is a pooler, exclude it and declare what the pooler opens",
})

const unaddressed = (address: string, isOnly: boolean): Problem => ({
  problem: `leads to a host, and the documents do not say whether it is ${address}`,
  remedy: isOnly
    ? "If it is, add the host to deployments.hosts, or give --max-connections"
    : "Add the host to the hosts of its server, under servers",
})

function anotherHost(
  address: string | undefined,
  isCompared: boolean,
  usual: string | undefined,
  isOnly: boolean,
): Problem {
  const named = address === undefined ? "the given hosts" : `those of ${address}`
  return {
    problem: `leads to another host than ${isCompared ? named : `${usual} does`}, ${ONE_CEILING}`,
    remedy: isOnly
      ? "If it is the same server, add the host to deployments.hosts; if not, declare each server with its hosts under servers, or exclude the resource"
      : "Add the host to the hosts of its server, under servers, or exclude the resource",
  }
}

/** The first pool of those that share the most frequent destination. A given host takes precedence over others. */
function mostUsed(pools: readonly Pool[], named: readonly string[]): Pool | undefined {
  const weights = new Map<string, number>()
  const keyOf = ({ host, port }: Pool) => `${host} ${port}`
  for (const pool of pools) {
    const least = named.includes(pool.host) ? pools.length : 0
    weights.set(keyOf(pool), (weights.get(keyOf(pool)) ?? least) + 1)
  }
  const weightOf = (pool: Pool) => weights.get(keyOf(pool)) ?? 0
  return pools.reduce<Pool | undefined>(
    (most, pool) => (most === undefined || weightOf(pool) > weightOf(most) ? pool : most),
    undefined,
  )
}
