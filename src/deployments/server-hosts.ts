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
 * @param server the one whose ceiling the plan has; undefined where the ceiling was given, which is that of the host
 * where most pools lead
 * @param hosts other names of the server, and of the plan's
 */
export function noteOtherServers(
  pools: readonly Leading[],
  server: Server | undefined,
  hosts: readonly string[],
  { unknowns }: Findings,
): void {
  const own = [...hosts, ...(server?.hosts ?? [])].map(normalHost)
  const leading = pools.flatMap(({ name, destination }) => (destination ? [{ name, ...destination }] : []))
  const usual = mostUsed(leading, own)
  for (const pool of leading) {
    const isOwn = server === undefined ? isSame(pool, usual, own) : own.includes(pool.host)
    if (isOwn && (usual === undefined || pool.port === usual.port)) continue
    // Without `pools`: it is counted all the same, and whoever acknowledges this takes nothing out of the sum.
    unknowns.push(problemOf(pool, isOwn, server, own, usual))
  }
}

type Pool = Destination & { readonly name: string }

function problemOf(
  { name }: Pool,
  isOwn: boolean,
  server: Server | undefined,
  own: readonly string[],
  usual: Pool | undefined,
): Unknown {
  const unknown = { cause: "host", address: name, name, isUnbounded: true } as const
  const between = "nothing on this server, and all that it opens"
  if (server !== undefined && own.length === 0) {
    return {
      ...unknown,
      between,
      problem: `leads to a host, and the plan does not say whether that is ${server.address}`,
      remedy: "Name the host in terraform.hosts if it is, or give --max-connections",
    }
  }
  const where = isOwn ? "another port" : "another host"
  const than = server !== undefined && !isOwn ? `those of ${server.address}` : `that of ${usual?.name}`
  return {
    ...unknown,
    between,
    problem: `leads to ${where} than ${than}, and one ceiling is that of one server`,
    remedy:
      "Name the host in terraform.hosts where it is the same server, give each server its own hosts in servers, or exclude what leads elsewhere",
  }
}

const isSame = (pool: Pool, usual: Pool | undefined, own: readonly string[]) =>
  pool.host === usual?.host || (own.includes(pool.host) && own.includes(usual?.host ?? ""))

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
