import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import { textsOf } from "../json-value.ts"
import type { Context, DatabaseServer } from "../platform.ts"
import type { Resource } from "../terraform/resource.ts"

const CONFIGURATION = "azurerm_postgresql_flexible_server_configuration"

/** Reads a flexible server of Azure Database for PostgreSQL, with its configuration. */
export function flexibleServer(attributes: Attributes, server: Resource, context: Context): DatabaseServer {
  const name = attributes.text("name")
  const hosts = textsOf([attributes.get("fqdn"), name && `${name}.postgres.database.azure.com`])
  // The default is computed when the server is created: another size later leaves it as it is.
  const sku = server.before?.text("sku_name") ?? attributes.text("sku_name")
  const known = { hosts: [...new Set(hosts)], ...(sku === undefined ? {} : { nodeType: sku }) }
  const { certain, possible } = context.referrers(server, CONFIGURATION, "server_id")
  const settings = certain.filter(isOfCeiling)
  const own = settings.find(({ attributes: each }) => !each.isUnknown("name")) ?? settings[0]
  if (own !== undefined) {
    const value = own.attributes.text("value") ?? ""
    if (/^[1-9]\d{0,5}$/.test(value) && !own.attributes.isUnknown("name"))
      return { maxConnections: Number(value), ...known }
    const what = ["name", "value"].some((each) => own.attributes.isUnknown(each))
      ? AFTER_APPLY
      : "not a whole number"
    return {
      maxConnections: undefined,
      reason: `is set by ${own.address} to a value that is ${what}`,
      ...known,
    }
  }
  const [other] = possible.filter(isOfCeiling)
  if (other !== undefined)
    return {
      maxConnections: undefined,
      reason: `may be set by ${other.address}, or that is of another server`,
      ...known,
    }
  const most = defaultOf(sku ?? "")
  if (most === undefined)
    return {
      maxConnections: undefined,
      reason: "has no configuration max_connections, and its SKU has no documented default",
      ...known,
    }
  return {
    maxConnections: most,
    assumption: {
      assumed: `omitted: ${most}, Azure's default for a server that was created with ${sku}`,
      remedy: `Set it in an ${CONFIGURATION}, or give what the server answers (SHOW max_connections)`,
    },
    ...known,
  }
}

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
