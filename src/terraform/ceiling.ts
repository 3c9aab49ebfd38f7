import type { Document } from "./document.ts"
import type { Findings } from "./findings.ts"
import type { Platform } from "./platform.ts"

/** A PostgreSQL server of the document, to be shown. */
export interface TerraformServer {
  readonly address: string
  /** Undefined where the plan does not say. */
  readonly maxConnections: number | undefined
  /** The node type or tier, as it is written. */
  readonly nodeType: string | undefined
}

interface FoundServer extends TerraformServer {
  readonly reason: string | undefined
  readonly warnings: readonly string[]
}

/** The PostgreSQL servers of a document, its data sources included. */
export function serversOf({ resources }: Document, platforms: readonly Platform[]): FoundServer[] {
  return resources.flatMap(({ type, address, attributes }) => {
    const platform = platforms.find(({ servers }) => Object.hasOwn(servers, type))
    const server = platform?.servers[type]?.(attributes)
    if (server === undefined) return []
    const { maxConnections, nodeType, reason, warnings = [] } = server
    return [{ address, maxConnections, nodeType, reason, warnings }]
  })
}

/**
 * The `max_connections` of the server that the fleet connects to; undefined, with the reason among the unknown, where
 * the document does not tell. No table of node types can: the setting is frozen when a server is created.
 *
 * @param stated what somebody has read from the server itself
 * @param chosen the address of the server, where there are several
 */
export function ceilingOf(
  servers: readonly FoundServer[],
  stated: number | undefined,
  chosen: string | undefined,
  findings: Findings,
): number | undefined {
  const candidates = servers.filter(({ address }) => chosen === undefined || address === chosen)
  const [server, ...others] = candidates
  if (chosen !== undefined && server === undefined) {
    findings.issues.push({
      name: "server",
      problem: "is not the address of a PostgreSQL server in these plans",
      remedy:
        servers.length > 0 ? `Use one of ${addresses(servers)}` : "Leave it out, and give maxConnections",
    })
    return undefined
  }
  const only = others.length === 0 ? server : undefined
  if (only !== undefined) {
    findings.warnings.push(...only.warnings.map((warning) => `${only.address}: ${warning}`))
  }
  if (stated !== undefined) {
    const read = only?.maxConnections
    if (only !== undefined && read !== undefined && read !== stated) {
      findings.warnings.push(
        `${only.address}: max_connections is ${read} here, and ${stated} was given, which counts`,
      )
    }
    return stated
  }
  if (only?.maxConnections !== undefined) return only.maxConnections
  findings.unknowns.push(
    only !== undefined
      ? unknownCeiling(only.address, only.reason ?? "is not there")
      : server === undefined
        ? unknownCeiling("max_connections", "is in none of these plans: no PostgreSQL server is in them")
        : {
            ...unknownCeiling("max_connections", `is one of ${candidates.length}: ${addresses(candidates)}`),
            remedy: "Choose the server by its address",
          },
  )
  return undefined
}

const addresses = (servers: readonly FoundServer[]): string =>
  servers
    .map(({ address, maxConnections }) =>
      maxConnections === undefined ? address : `${address} (${maxConnections})`,
    )
    .join(", ")

const unknownCeiling = (name: string, problem: string) => ({
  name,
  problem,
  between: "1 and 262143 connections",
  remedy: "Ask the server (SHOW max_connections), and give its answer as maxConnections",
})
