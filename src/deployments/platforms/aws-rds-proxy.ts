import { textsOf } from "../json-value.ts"
import type { Context, Target } from "../platform.ts"
import type { ProvidedPooler } from "../provided-pooler.ts"
import { type Bounds, exactly } from "../resource-pool.ts"
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
  const targets = context.referrers(server, "aws_db_proxy_target", attribute, servers)
  const proxies = new Map<Resource, boolean>()
  const add = (target: Resource, isTarget: boolean) => {
    const { resources, isCertain } = context.resolve(target, "db_proxy_name", DATABASE_PROXIES)
    for (const proxy of resources)
      proxies.set(proxy, (proxies.get(proxy) ?? false) || (isTarget && isCertain))
  }
  for (const target of targets.certain) add(target, true)
  for (const target of targets.possible) add(target, false)
  return [...proxies].map(([proxy, isCertain]) => ({
    address: proxy.address,
    ownAddress: proxy.ownAddress,
    hosts: textsOf([proxy.attributes.get("endpoint")]),
    holds: { percent: percentOf(proxy, context) },
    setting: PERCENT,
    isCertain,
  }))
}

const PERCENT = "max_connections_percent"

/** The share of a target group that does not set one. */
const MOST_PERCENT = 100

const ANY_SHARE: Bounds = { lowest: 1, highest: MOST_PERCENT }

function percentOf(proxy: Resource, context: Context): Bounds {
  const { certain, possible } = context.referrers(
    proxy,
    "aws_db_proxy_default_target_group",
    "db_proxy_name",
    DATABASE_PROXIES,
  )
  const [group] = certain
  if (group === undefined) return possible.length > 0 ? ANY_SHARE : exactly(MOST_PERCENT)
  const [pool] = group.attributes.blocks("connection_pool_config")
  if (pool?.isUnknown(PERCENT)) return ANY_SHARE
  const percent = pool?.get(PERCENT)
  const isShare = typeof percent === "number" && percent >= 1 && percent <= MOST_PERCENT
  return exactly(isShare ? percent : MOST_PERCENT)
}
