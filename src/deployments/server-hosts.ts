import type { ServerTies } from "./database-servers.ts"
import { type Destination, normalHost } from "./destination.ts"
import type { Findings, Unknown } from "./findings.ts"

/** A pool, and where it leads as far as that can be seen. */
interface Leading {
  readonly name: string
  readonly destination?: Destination
}

/** The server whose ceiling counts, as far as the plan has it. */
interface Server {
  readonly address: string
  /** Empty where its addresses are not known. */
  readonly hosts: readonly string[]
}

/**
 * Names every pool that leads elsewhere than to the server whose ceiling counts: to a host that is none of its own, or
 * to another port than most. No host is named, which a plan keeps to itself.
 *
 * @param server the one that the plan has
 * @param isGiven whether its ceiling was given: it is then that of the hosts that somebody named, or else of the host
 * where most pools lead
 */
export function noteOtherServers(
  pools: readonly Leading[],
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
    // Without `pools`: it is counted all the same, and whoever acknowledges this takes nothing out of the sum.
    unknowns.push({
      cause: "host",
      address: pool.name,
      name: pool.name,
      isUnbounded: true,
      between: "nothing on this server, and all that it opens",
      ...problem,
    })
  }
}

type Pool = Destination & { readonly name: string }

type Problem = Pick<Unknown, "problem" | "remedy">

const ONE_CEILING = "and one ceiling is that of one server"

const anotherPort = (usual: string | undefined): Problem => ({
  problem: `leads to another port than that of ${usual}, ${ONE_CEILING}`,
  remedy:
    "Acknowledge it with `prisma-pool baseline` where it is the same server, on which it then counts, or exclude it where it is a pooler's, and declare what that opens",
})

const unaddressed = (address: string, isOnly: boolean): Problem => ({
  problem: `leads to a host, and the plan does not say whether that is ${address}`,
  remedy: isOnly
    ? "Name the host in terraform.hosts if it is, or give --max-connections"
    : "Name the host in the hosts of its server, under servers",
})

function anotherHost(
  address: string | undefined,
  isCompared: boolean,
  usual: string | undefined,
  isOnly: boolean,
): Problem {
  const named = address === undefined ? "those that are named" : `those of ${address}`
  return {
    problem: `leads to another host than ${isCompared ? named : `that of ${usual}`}, ${ONE_CEILING}`,
    remedy: isOnly
      ? "Name the host in terraform.hosts where it is the same server, give each server its own hosts in servers, or exclude what leads elsewhere"
      : "Name the host in the hosts of its server, under servers, or exclude what leads elsewhere",
  }
}

/** The first of those that lead where most do; a host that is named counts before others. */
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
