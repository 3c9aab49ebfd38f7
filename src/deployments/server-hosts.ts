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
  /** Its own port; by default PostgreSQL's. */
  readonly port?: number
  /** The port of a pooler on its hosts, which leads to it. */
  readonly poolerPort?: number
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
  { unknowns, assumptions }: Findings,
): void {
  const own = [...hosts, ...(server?.hosts ?? [])].map(normalHost)
  const leading = pools.flatMap(({ name, destination }) => (destination ? [{ name, ...destination }] : []))
  const usual = mostUsed(leading, own)
  if (server !== undefined) notePooler(leading, server, { assumptions })
  const known = isGiven ? undefined : server
  const isCompared = known !== undefined || hosts.length > 0
  for (const pool of leading) {
    const isOwn = own.includes(pool.host) && own.includes(usual?.host ?? "")
    const isHere = isCompared ? own.includes(pool.host) : isOwn || pool.host === usual?.host
    if (isHere && isSamePort(pool.port, usual?.port, server)) continue
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

/** True if two ports lead to one server: they are one, or one is that of its pooler. */
function isSamePort(one: number, other: number | undefined, server: Server | undefined): boolean {
  if (one === other) return true
  if (server?.poolerPort === undefined) return false
  const known = [server.port ?? DEFAULT_PORT, server.poolerPort]
  return known.includes(one) && other !== undefined && known.includes(other)
}

const DEFAULT_PORT = 5432

/** Clients of a pooler on the server itself. It opens no more connections than it has clients. */
function notePooler(
  pools: readonly Pool[],
  { address, hosts, poolerPort }: Server,
  { assumptions }: Pick<Findings, "assumptions">,
): void {
  const own = hosts.map(normalHost)
  if (!pools.some(({ host, port }) => port === poolerPort && own.includes(host))) return
  assumptions.push({
    name: `${address}.pooler`,
    assumed: `its clients, on port ${poolerPort}, count as if each of their connections were one of the server`,
    remedy: "If it opens fewer, exclude them, and declare what it opens for them in reserved",
  })
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
