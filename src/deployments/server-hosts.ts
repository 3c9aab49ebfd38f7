import { type Destination, destinationOf } from "./database-servers.ts"
import type { Findings } from "./findings.ts"

/** A pool, and where it leads as far as that can be seen. */
interface Leading {
  readonly name: string
  readonly destination?: Destination
}

/** Undefined where it cannot be seen, and where it says nothing of a server: loopback, a socket, a proxy beside. */
export function remoteDestinationOf(url: string | undefined): Destination | undefined {
  const destination = destinationOf(url)
  if (destination === undefined) return undefined
  const host = normal(destination.host)
  return LOCAL.test(host) ? undefined : { host, port: destination.port }
}

const LOCAL = /^\/|^(.+\.)?localhost$|^127\.|^::1$|^0\.0\.0\.0$/

const normal = (host: string) => host.toLowerCase().replace(/^\[|\]$|\.$/g, "")

/**
 * Names every pool that leads elsewhere than to the server whose ceiling counts: to a host that is none of its own,
 * where these are known; else to another place than most do. No host is named, which a plan keeps to itself.
 *
 * @param server its address in the plan, and the hosts that the plan has for it
 * @param hosts other names of it
 */
export function noteOtherServers(
  pools: readonly Leading[],
  server: { readonly address: string; readonly hosts: readonly string[] } | undefined,
  hosts: readonly string[],
  { unknowns }: Findings,
): void {
  const named = hosts.map(normal)
  const own = server === undefined || server.hosts.length === 0 ? [] : [...server.hosts.map(normal), ...named]
  const leading = pools.flatMap(({ name, destination }) => (destination ? [{ name, ...destination }] : []))
  const usual = mostUsed(leading, named)
  for (const pool of leading) {
    const isOwn = own.length > 0 ? own.includes(pool.host) : isSame(pool, usual, named)
    if (isOwn && (usual === undefined || pool.port === usual.port)) continue
    const where = isOwn ? "another port" : "another host"
    const than = own.length > 0 && !isOwn ? `those of ${server?.address}` : `that of ${usual?.name}`
    unknowns.push({
      name: pool.name,
      problem: `leads to ${where} than ${than}, and one ceiling is that of one server`,
      between: "nothing on this server, and all that it opens",
      isUnbounded: true,
      remedy:
        "Name the host in terraform.hosts where it leads to the same server, or exclude what leads elsewhere",
    })
  }
}

type Pool = Destination & { readonly name: string }

const isSame = (pool: Pool, usual: Pool | undefined, named: readonly string[]) =>
  pool.host === usual?.host || (named.includes(pool.host) && named.includes(usual?.host ?? ""))

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
