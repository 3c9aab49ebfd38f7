import type { FoundServer } from "../ceiling.ts"

type Ceiling = Pick<FoundServer, "maxConnections" | "reason" | "assumption">

/** https://docs.digitalocean.com/products/databases/postgresql/how-to/manage-connection-pools/ */
const PER_GIB = 25

/** A cluster has no more, whatever its memory. */
const MOST = 1_000

/** Reads the `max_connections` of a cluster from its size: 25 for each GiB, of which three are kept for maintenance. */
export function ceilingOfSize(size: string | undefined): Ceiling {
  const memory = memoryOf(size)
  if (size === undefined || memory === undefined)
    return { maxConnections: undefined, reason: "has a size whose memory its name does not say" }
  const maxConnections = Math.min(MOST, PER_GIB * memory)
  return {
    maxConnections,
    reason: undefined,
    assumption: {
      assumed: `${maxConnections}, DigitalOcean's ${PER_GIB} for each GiB of ${size}`,
      remedy: "Give what the server answers (SHOW max_connections)",
    },
  }
}

/** In GiB: `db-s-1vcpu-1gb`, `gd-2vcpu-8gb-intel`. */
function memoryOf(size = ""): number | undefined {
  const [, memory] = /-(\d{1,4})gb(-|$)/.exec(size) ?? []
  return memory === undefined || Number(memory) === 0 ? undefined : Number(memory)
}
