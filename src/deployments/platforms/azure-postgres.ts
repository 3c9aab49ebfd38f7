import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { textsOf } from "../json-value.ts"
import type { Context, DatabaseServer, Referrers } from "../platform.ts"
import { PROVIDER_SLOTS } from "../provider-slots.ts"
import type { Resource } from "../terraform/resource.ts"
import { builtInPooler, POOLER_PORT } from "./azure-pgbouncer.ts"

const CONFIGURATION = "azurerm_postgresql_flexible_server_configuration"

/** Reads a flexible server of Azure Database for PostgreSQL, with its configuration. */
export function flexibleServer(attributes: Attributes, server: Resource, context: Context): DatabaseServer {
  const name = attributes.text("name")
  const hosts = textsOf([attributes.get("fqdn"), name && `${name}.postgres.database.azure.com`])
  // The default is computed when the server is created: another size later leaves it as it is.
  const sku = server.before?.text("sku_name") ?? attributes.text("sku_name")
  const configuration = context.referrers(server, CONFIGURATION, "server_id")
  const pooler = builtInPooler(server, [...new Set(hosts)], attributes.text("sku_name"), configuration)
  return {
    ...ceilingOf(configuration, sku),
    hosts: [...new Set(hosts)],
    providerReserved: PROVIDER_SLOTS.azure,
    ...(sku === undefined ? {} : { nodeType: sku }),
    ...(pooler === undefined ? {} : { poolerPort: POOLER_PORT, builtInPooler: pooler }),
  }
}

function ceilingOf(
  { certain, possible }: Referrers,
  sku = "",
): Pick<DatabaseServer, "maxConnections" | "reason" | "assumption"> {
  const settings = certain.filter(isOfCeiling)
  const own = settings.find(({ attributes }) => !attributes.isUnknown("name")) ?? settings[0]
  if (own !== undefined) return statedBy(own)
  const other = possible.find(isOfCeiling)
  if (other !== undefined) return unseen(`may be set by ${other.address}, or that is of another server`)
  const most = defaultOf(sku)
  if (most === undefined)
    return unseen("has no configuration max_connections, and its SKU has no documented default")
  return {
    maxConnections: most,
    assumption: {
      assumed: `omitted: ${most}, Azure's default for a server that was created with ${sku}`,
      remedy: `Set it in an ${CONFIGURATION}, or give what the server answers (SHOW max_connections)`,
    },
  }
}

function statedBy({ address, attributes }: Resource): Pick<DatabaseServer, "maxConnections" | "reason"> {
  const isHidden = ["name", "value"].some((each) => attributes.isUnknown(each))
  const value = attributes.text("value") ?? ""
  if (!isHidden && /^[1-9]\d{0,5}$/.test(value)) return { maxConnections: Number(value) }
  return unseen(`is set by ${address} to a value that is ${isHidden ? AFTER_APPLY : "not a whole number"}`)
}

const unseen = (reason: string) => ({ maxConnections: undefined, reason })

const isOfCeiling = ({ attributes }: Resource): boolean =>
  attributes.isUnknown("name") || /^max_connections$/i.test(attributes.text("name") ?? "")

/** Memory in GiB and the default from there on: https://learn.microsoft.com/azure/postgresql/configure-maintain/concepts-limits */
const DEFAULTS: readonly (readonly [memory: number, maxConnections: number])[] = [
  [48, 5_000],
  [32, 3_437],
  [16, 1_718],
  [8, 859],
  [4, 429],
  [2, 50],
]

const defaultOf = (sku: string): number | undefined => {
  const memory = memoryOf(sku)
  return memory === undefined ? undefined : DEFAULTS.find(([from]) => memory >= from)?.[1]
}

const BURSTABLE: Readonly<Record<string, number>> = {
  B1ms: 2,
  B2s: 4,
  B2ms: 8,
  B4ms: 16,
  B8ms: 32,
  B12ms: 48,
  B16ms: 64,
  B20ms: 80,
}

/** Of an SKU, in GiB: `GP_Standard_D4ds_v5` has 4 for each of its cores, and `MO_Standard_E4ds_v5` 8. */
function memoryOf(sku: string): number | undefined {
  const [, size = ""] = /^B_Standard_(B\d+m?s)$/.exec(sku) ?? []
  if (Object.hasOwn(BURSTABLE, size)) return BURSTABLE[size]
  const [, series, cores] = /^(?:GP_Standard_D|MO_Standard_E)(?<=_([DE]))(\d{1,3})a?d?s_v\d$/.exec(sku) ?? []
  return cores === undefined ? undefined : Number(cores) * (series === "E" ? 8 : 4)
}
