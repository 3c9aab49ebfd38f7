import { CORE, databaseOf, urlVariable } from "../config/database-variables.ts"
import { OPTIONS } from "../config/options.ts"
import { isPostgresUrl } from "./destination.ts"
import { presence, type ResourceEnvironment } from "./environment.ts"
import { type Findings, noFindings } from "./findings.ts"
import type { Override } from "./override.ts"
import { processesOf } from "./processes.ts"
import { exactly, type PoolQuery, type ResourcePool } from "./resource-pool.ts"

export const ANALYTICS: string = OPTIONS.analyticsUrl.variable

/** Of the Analytics client, whose pool has no setting of any kind: the default of node-postgres. */
export const DRIVER_DEFAULT = 10

/** Variables that Prisma's guides and Vercel have for migrations, which one process runs at a time. */
const MIGRATION_URLS: ReadonlySet<string> = new Set([
  "DIRECT_URL",
  "DIRECT_DATABASE_URL",
  "SHADOW_DATABASE_URL",
  "MIGRATE_DATABASE_URL",
  "POSTGRES_URL_NON_POOLING",
])

/** How a variable is called that holds the URL of some database. */
const URL_NAME = /(^|_)(DATABASE|DB|POSTGRES(QL)?|PG)_(PRISMA_)?UR[IL](_|$)/

/** Every pool to this server that a container may open by a variable that is not among those counted. */
export function otherPools(
  named: (key: string) => string,
  address: string,
  container: ResourceEnvironment,
  use: ResourcePool["use"],
  { keys, servers }: PoolQuery,
  override: Override | undefined,
  findings: Findings,
): ResourcePool[] {
  const { values, hidden } = container
  const isOther = (name: string) => !keys.includes(name) && name !== ANALYTICS
  const isCounted = keys.some(
    (key) =>
      presence(container, key) !== "absent" &&
      values.get(key) !== "" &&
      servers.countedUrl(key, values.get(key)) !== "elsewhere",
  )
  // Whoever states how many pools an instance has, has counted every one of them; what is unknown is noted once.
  const isStated = isCounted && override?.poolsPerInstance !== undefined
  const processes = () =>
    isStated ? 1 : processesOf(container, address, isCounted ? noFindings() : findings)
  const legacy = keys.includes(ANALYTICS)
    ? []
    : analytics(named(ANALYTICS), address, container, processes, use, servers, findings)
  const counted = new Set(keys.flatMap((key) => values.get(key) ?? []))
  const replicas = new Set(keys.map((key) => `${key}_REPLICA`))
  const seen = [...values].flatMap(([name, value]): ResourcePool[] => {
    if (!isOther(name) || !isPostgresUrl(value)) return []
    const isCountedUrl = counted.has(value) && name !== urlVariable(CORE)
    // The client of a replica that leads to the primary is the primary's.
    if (isCountedUrl && replicas.has(name)) return []
    if (MIGRATION_URLS.has(name) || isCountedUrl) return [migrations(name, address, findings)]
    const leads = servers.otherUrl(value)
    if (leads === "elsewhere") {
      if (replicas.has(name)) noteReplica(`${address}.${name}`, findings)
      else noteElsewhere(`${address}.${name}`, findings)
    } else if (!isStated) {
      const where = leads === "here" ? "leads to this server" : "may lead to this server"
      // The client refuses what other libraries write, and what stands in a command has no variable.
      const isOurs = /^postgres(ql)?:/i.test(value) && !name.includes(" ")
      noteUncounted(name, address, where, isOurs ? [`${countIt(name)} too`] : [], isCounted, findings)
    }
    return []
  })
  const unseen = [...hidden.keys()].flatMap((name): ResourcePool[] => {
    if (!isOther(name)) return []
    if (MIGRATION_URLS.has(name)) return [migrations(name, address, findings)]
    if (replicas.has(name)) noteReplica(`${address}.${name}`, findings)
    // A name of this package's is another client's of it; any other may be anything's.
    else if (databaseOf(name) !== undefined) {
      if (!isStated) noteUncounted(name, address, "cannot be seen", [countIt(name)], isCounted, findings)
    } else if (URL_NAME.test(name)) {
      findings.assumptions.push({
        name: `${address}.${name}`,
        assumed: "cannot be seen, and is taken for the URL of another server",
        remedy: `${capitalized(countIt(name))} where it leads to this one`,
      })
    }
    return []
  })
  return [...legacy, ...seen, ...unseen]
}

/** One connection while a deploy rolls, however many containers have the variable. */
function migrations(name: string, address: string, { assumptions }: Findings): ResourcePool {
  assumptions.push({
    name: `${address}.${name}`,
    assumed: "a URL for migrations: one connection while a deploy rolls",
    remedy: `${capitalized(countIt(name))} where an application connects by it`,
  })
  return {
    name: `${name} (migrations)`,
    certain: true,
    size: exactly(1),
    poolsPerInstance: 1,
    use: { instances: 0, surge: 1 },
  }
}

function noteElsewhere(name: string, { assumptions }: Findings): void {
  assumptions.push({
    name,
    assumed: "leads to another host than the URLs that are counted, and is taken for another server",
    remedy: "Name its host in terraform.hosts where it is the same server",
  })
}

const capitalized = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1)

const ACKNOWLEDGE = "reserve what it opens and acknowledge it with `prisma-pool baseline`"

/** A replica has a ceiling of its own. */
function noteReplica(name: string, { assumptions }: Findings): void {
  assumptions.push({
    name,
    assumed: "the URL of a replica, whose connections count on its own server",
    remedy: "Check that server too: give both their keys in servers of the declaration",
  })
}

/** How to count a variable. */
function countIt(variable: string): string {
  const found = databaseOf(variable)
  return found === undefined
    ? `count it, with ${variable} among terraform.keys of the declaration`
    : `count it, with --database ${found.database ?? variable}`
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
    problem: `${where}, and is not among the variables that are counted`,
    between: "nothing, and any number of connections",
    isUnbounded: true,
    remedy: capitalized(remedies.join(", or ")),
  })
}

/** The legacy client, which has a pool on this server where its database is here too. */
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
  const leads = servers.otherUrl(container.values.get(ANALYTICS))
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
      between: `0 and ${DRIVER_DEFAULT} connections an instance, the default of the driver`,
      remedy:
        "Nothing has to be done where the sum fits with them; acknowledge it with `prisma-pool baseline` where it is another server's",
    })
  }
  return [
    {
      // Without an address: the resource is counted for the variables that are looked for.
      name,
      certain: leads === "here",
      size: exactly(DRIVER_DEFAULT),
      poolsPerInstance: processes(),
      use,
    },
  ]
}
