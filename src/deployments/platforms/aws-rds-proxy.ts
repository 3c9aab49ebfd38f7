import { textsOf } from "../json-value.ts"
import type { Context, Target } from "../platform.ts"
import type { ProvidedPooler } from "../provided-pooler.ts"
import type { Resource } from "../terraform/resource.ts"
import { DATABASE_PROXIES } from "./aws-names.ts"

/**
 * Finds the RDS Proxies in front of a server. One holds up to a share of the server's connections, however many clients
 * it has.
 *
 * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connections.html
 */
export function proxiesOf(
  server: Resource,
  attribute: string,
  servers: Target,
  context: Context,
): readonly ProvidedPooler[] {
  const targets = context.referrers(server, "aws_db_proxy_target", attribute, servers).certain
  const proxies = targets.flatMap((target) => {
    const { resources, isCertain } = context.resolve(target, "db_proxy_name", DATABASE_PROXIES)
    return isCertain ? resources : []
  })
  return [...new Set(proxies)].map((proxy) => ({
    address: proxy.address,
    hosts: textsOf([proxy.attributes.get("endpoint")]),
    holds: { percent: percentOf(proxy, context) },
    setting: "max_connections_percent",
  }))
}

/** The share of a target group that does not set one. */
const MOST_PERCENT = 100

function percentOf(proxy: Resource, context: Context): number {
  const groups = context.referrers(
    proxy,
    "aws_db_proxy_default_target_group",
    "db_proxy_name",
    DATABASE_PROXIES,
  )
  const [pool] = groups.certain[0]?.attributes.blocks("connection_pool_config") ?? []
  const percent = pool?.get("max_connections_percent")
  return typeof percent === "number" && percent >= 1 && percent <= MOST_PERCENT ? percent : MOST_PERCENT
}
