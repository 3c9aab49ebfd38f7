import { CORE, databaseOf, urlVariable } from "../config/database-variables.ts"
import { OPTIONS } from "../config/options.ts"
import type { Destination } from "./destination.ts"
import { isPostgresUrl } from "./destination.ts"
import { presence, type ResourceEnvironment } from "./environment.ts"
import { type Findings, noFindings } from "./findings.ts"
import type { Override } from "./override.ts"
import { processesOf } from "./processes.ts"
import { exactly, type PoolQuery, type ResourcePool } from "./resource-pool.ts"
import { isUsualMarker } from "./unmarked-addresses.ts"
import { hasKeywords, urlOfAddress } from "./written-address.ts"

export const ANALYTICS: string = OPTIONS.analyticsUrl.variable

/** The pool size of the Analytics client, which has no setting for it: node-postgres's default. */
export const DRIVER_DEFAULT = 10

/** Variables that Prisma's guides and Vercel use for migrations, which one process runs at a time. */
const MIGRATION_URLS: ReadonlySet<string> = new Set([
  "DIRECT_URL",
  "DIRECT_DATABASE_URL",
  "SHADOW_DATABASE_URL",
  "MIGRATE_DATABASE_URL",
  "POSTGRES_URL_NON_POOLING",
])

/** Names of variables that hold a database URL. */
const URL_NAME = /(^|_)(DATABASE|DB|POSTGRES(QL)?|PG)_(PRISMA_)?UR[IL](_|$)/

/** Names of variables for scripts that wait for a port, and do not log in. */
const WAITING = /WAIT/i

/** Returns every pool to this server that a container may open through a variable that is not counted. */
export function otherPools(
  named: (key: string) => string,
  address: string,
  container: ResourceEnvironment,
  use: ResourcePool["use"],
  { keys, markers, leading, servers }: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const { values, hidden } = container
  const isOther = (name: string) => !leading.includes(name) && name !== ANALYTICS
  const isPresent = (name: string) => presence(container, name) !== "absent" && values.get(name) !== ""
  const isCounted =
    keys.some(
      (key) => isPresent(key) && servers.countedUrl(key, values.get(key), container) !== "elsewhere",
    ) ||
    markers.some((marker) => isPresent(marker) && servers.countedMarker(marker, container) !== "elsewhere")
  // An explicit poolsPerInstance counts every pool of the instance. Unknown processes are recorded once.
  const isStated = isCounted && override?.poolsPerInstance !== undefined
  const processes = () =>
    isStated ? 1 : processesOf(container, address, isCounted ? noFindings() : findings)
  const legacy = keys.includes(ANALYTICS)
    ? []
    : analytics(named(ANALYTICS), address, container, processes, use, servers, findings)
  const counted = new Set(keys.flatMap((key) => values.get(key) ?? []))
  const replicas = new Set(keys.map((key) => `${key}_REPLICA`))
  const seen = [...values].flatMap(([name, value]): ResourcePool[] => {
    if (!isOther(name)) return []
    if (!isPostgresUrl(value)) {
      const isAddress = hasKeywords(value) || !(isCounted || isUsualMarker(name) || WAITING.test(name))
      const url = isAddress ? urlOfAddress(value) : undefined
      if (url !== undefined && !isStated && servers.otherUrl(url, container) === "here")
        noteUncounted(name, address, "leads to this server", [], isCounted, findings)
      return []
    }
    const isCountedUrl = counted.has(value) && name !== urlVariable(CORE)
    // A replica URL that leads to the primary is used by the primary's client.
    if (isCountedUrl && replicas.has(name)) return []
    if (MIGRATION_URLS.has(name) || isCountedUrl)
      return [migrations(name, address, findings, servers.destination(value, container))]
    const leads = servers.otherUrl(value, container)
    if (leads === "elsewhere") {
      if (replicas.has(name)) noteReplica(`${address}.${name}`, findings)
      else noteElsewhere(`${address}.${name}`, findings)
    } else if (!isStated) {
      const where = leads === "here" ? "leads to this server" : "may lead to this server"
      // Our client refuses other libraries' notations, and a URL in a command has no variable to count.
      const isOurs = /^postgres(ql)?:/i.test(value) && !name.includes(" ")
      noteUncounted(name, address, where, isOurs ? [countIt(name)] : [], isCounted, findings)
    }
    return []
  })
  const unseen = [...hidden.keys()].flatMap((name): ResourcePool[] => {
    if (!isOther(name)) return []
    if (MIGRATION_URLS.has(name)) return [migrations(name, address, findings)]
    if (replicas.has(name)) noteReplica(`${address}.${name}`, findings)
    // A name in this package's pattern is another client of this package; any other name may be anything.
    else if (databaseOf(name) !== undefined) {
      if (!isStated) noteUncounted(name, address, "cannot be seen", [countIt(name)], isCounted, findings)
    } else if (URL_NAME.test(name)) {
      findings.assumptions.push({
        name: `${address}.${name}`,
        assumed: "cannot be seen; assumed to be the URL of another server",
        remedy: `If it leads to this server, ${countIt(name)}`,
      })
    }
    return []
  })
  return [...legacy, ...seen, ...unseen]
}

/** Counts one connection during a deploy, however many containers have the variable. */
function migrations(
  name: string,
  address: string,
  { assumptions }: Findings,
  leadsTo?: Destination,
): ResourcePool {
  assumptions.push({
    name: `${address}.${name}`,
    assumed: "a URL for migrations: one connection during a deploy",
    remedy: `If an application connects through it, ${countIt(name)}`,
  })
  return {
    name: `${name} (migrations)`,
    certain: true,
    size: exactly(1),
    poolsPerInstance: 1,
    use: { instances: 0, surge: 1 },
    ...(leadsTo === undefined ? {} : { leadsTo }),
  }
}

function noteElsewhere(name: string, { assumptions }: Findings): void {
  assumptions.push({
    name,
    assumed: "leads to another host than the counted URLs; assumed to be another server",
    remedy: "If it is the same server, add its host to deployments.hosts",
  })
}

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

const ACKNOWLEDGE = "reserve its connections and acknowledge it with `prisma-pool baseline`"

/** Records a replica's URL: a replica has a ceiling of its own. */
function noteReplica(name: string, { assumptions }: Findings): void {
  assumptions.push({
    name,
    assumed: "the URL of a replica: its connections count on the replica's own server",
    remedy: "Check the replica too: declare both under servers, each with its keys",
  })
}

/** The instruction for counting a variable. */
function countIt(variable: string): string {
  const found = databaseOf(variable)
  return found === undefined
    ? `count it: add ${variable} to deployments.keys of the declaration`
    : `count it: add --database ${found.database ?? variable}`
}

function noteUncounted(
  name: string,
  address: string,
  where: string,
  ways: readonly string[],
  isBesideCounted: boolean,
  { unknowns }: Findings,
): void {
  const remedies = [...ways, ...(isBesideCounted ? ["override poolsPerInstance"] : []), ACKNOWLEDGE]
  unknowns.push({
    cause: "variable",
    address,
    attribute: name,
    name: `${address}.${name}`,
    problem: `${where}, and is not a counted variable`,
    between: "0 or any number of connections",
    isUnbounded: true,
    remedy: capitalized(remedies.join(", or ")),
  })
}

/** Counts the legacy Analytics client, which has a pool on this server if its database is here. */
function analytics(
  name: string,
  address: string,
  container: ResourceEnvironment,
  processes: () => number,
  use: ResourcePool["use"],
  servers: PoolQuery["servers"],
  findings: Findings,
): ResourcePool[] {
  if (presence({ ...container, mayHaveMore: undefined }, ANALYTICS) === "absent") return []
  const leads = servers.otherUrl(container.values.get(ANALYTICS), container)
  if (leads === "elsewhere") {
    noteElsewhere(name, findings)
    return []
  }
  if (leads === "perhaps") {
    findings.unknowns.push({
      cause: "analytics",
      address,
      attribute: ANALYTICS,
      name,
      pools: [name],
      problem: "may be on the same server: the URLs cannot be compared",
      between: `0 to ${DRIVER_DEFAULT} connections an instance, the driver's default`,
      remedy:
        "Do nothing if the sum fits with them; if it is another server, acknowledge it with `prisma-pool baseline`",
    })
  }
  return [
    {
      // Without an address: a resource connects only through the counted variables.
      name,
      certain: leads === "here",
      size: exactly(DRIVER_DEFAULT),
      poolsPerInstance: processes(),
      use,
    },
  ]
}
