import { CORE, urlVariable } from "../config/database-variables.ts"
import { unknownInstances } from "../deployments/endless-instances.ts"
import { withPoolers } from "../deployments/fleet-part.ts"
import type { DeployedFleet, DeploymentSource, OpenFleetPart, Unknown } from "../deployments/index.ts"
import { longWait, type WaitingClient } from "../deployments/pgbouncer/conflicts.ts"
import { budgetVariableBy, sizeVariableBy } from "../deployments/pool-size.ts"
import type { Reader } from "../deployments/reader.ts"
import { PoolConfigError } from "../error.ts"
import type { Assumption, OpenConsumer, OpenFleet } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import { integer, maxConnectionsRule } from "../validation/numbers.ts"
import { isProblem } from "../validation/problem.ts"
import { type Acknowledged, applyBaseline, type BaselinedFleet } from "./apply-baseline.ts"
import type { Baseline } from "./baseline.ts"
import { openLinks, withBehind } from "./behind-poolers.ts"
import { deployedFleets, serverHosts, withReplicas } from "./deployed-fleets.ts"
import { deployedProcesses } from "./deployed-processes.ts"
import type { FleetConfig } from "./fleet-config.ts"
import { refuseOpenSizes } from "./open-sizes.ts"
import { providerReservedOf } from "./provider-reserved.ts"
import { NO_FILES, type PoolerFiles, type ServerPoolers, serverPoolers } from "./server-poolers.ts"

/** A fleet on one server, from all of its sources, with what remains unknown. */
export interface FleetBounds
  extends Omit<DeployedFleet, "lowest" | "highest" | "open" | "source" | "resources"> {
  /** The dotted path prefix of the fleet's declared fields. */
  readonly prefix: string
  /** With every unknown at its lowest. Sizes that the declaration leaves open are open. */
  readonly lowest: Omit<OpenFleet, "maxConnections">
  /** With every unknown at its highest: the same object if nothing is unknown. */
  readonly highest: Omit<OpenFleet, "maxConnections">
  /** Like `highest`, with the pool sizes that can be planned left open: the same object if no plan was read. */
  readonly open: Omit<OpenFleet, "maxConnections">
  /** Undefined if no plan was read. */
  readonly source: DeploymentSource | undefined
  /** The unknowns for which a baseline has a reason. */
  readonly acknowledged: readonly Acknowledged[]
  /** The owner of each `application_name` that is not itself the name of an owner. */
  readonly applications: Readonly<Record<string, string>>
  /** The owner of each role's connections that have no owner by `application_name`. */
  readonly roles: Readonly<Record<string, string>>
  /** The variable that sets each pool's size, or the budget that it shares. Pools of a legacy client, and pools that this plan removes, have none. */
  readonly sizeVariables: Readonly<Record<string, string>>
}

const NO_PART = { consumers: {}, jobs: [] }

const NO_DEPLOYMENT: Omit<BaselinedFleet, "maxConnections" | "source" | "resources"> = {
  maxConnectionsAtMost: undefined,
  providerReserved: 0,
  providerReservedAtLeast: 0,
  acknowledged: [],
  sizeVariables: {},
  notations: {},
  formats: {},
  servers: [],
  lowest: NO_PART,
  highest: NO_PART,
  open: NO_PART,
  unknowns: [],
  assumptions: [],
  explicit: [],
  excluded: [],
  warnings: [],
  failures: [],
  incomplete: [],
}

/** The origin of a ceiling that the declaration and the documents lack: none, or a server that is asked later. */
export type CeilingSource = "declaration" | "server"

/**
 * Combines a declaration and deployment documents into bounds for each server, by its name. The name is empty if there is
 * just one server.
 *
 * @param baseline acknowledges some of the plans' unknowns
 * @param ceiling `server` if it may be missing, because a server will be asked: `onServer` fills it in
 * @param poolerFiles the files of poolers in front of the servers
 * @throws PoolConfigError for names that are in both, open sizes without a ceiling, and everything that the reader of
 * the plans refuses
 */
export function findFleetBounds(
  given: FleetConfig,
  readers: readonly Reader[],
  baseline?: Baseline,
  ceiling: CeilingSource = "declaration",
  poolerFiles: PoolerFiles = NO_FILES,
): readonly (readonly [server: string, range: FleetBounds])[] {
  const { config: behind, stated } = withBehind(given, poolerFiles, readers)
  const config = readers.length > 0 ? withReplicas(behind) : behind
  const { servers, deployments = {}, applications = {}, roles = {}, $schema: _, ...fleet } = config
  const declared: (readonly [server: string, DeclaredFleet])[] =
    servers === undefined
      ? [["", fleet]]
      : Object.entries(servers).map(([name, { hosts: _1, keys: _2, markers: _3, server: _4, ...each }]) => [
          name,
          each,
        ])
  const poolers = declared.map(([name, { poolers: own = {} }]) => {
    const names = new Set([...poolerFiles.files.map((file) => file.name), ...Object.keys(own)])
    const processes = deployedProcesses([...names], own, readers, deployments)
    return serverPoolers(own, poolerFiles, serverHosts(config, name), prefixOf(config, name), processes)
  })
  const matched = new Set(poolers.flatMap((own) => own.matched))
  const fronts = poolers.map((own, index) => ({
    poolers: own.fronts,
    stated,
    matched,
    clients: clientCounts(declared[index]?.[1] ?? {}),
  }))
  const read = applyBaseline(deployedFleets(config, readers, fronts), baseline)
  return declared.map(([name, each], index) => {
    const others = read.filter((_, other) => other !== index)
    // Declared consumers have the variables of those that were read.
    const [key = urlVariable(CORE)] =
      servers?.[name]?.keys ?? deployments.keys ?? read[index]?.source.keys ?? []
    const variables = { size: sizeVariableBy(key), budget: budgetVariableBy(key) }
    const own = { ...(poolers[index] ?? NO_POOLERS), prefix: prefixOf(config, name) }
    return [name, boundsOf(each, read[index], others, { applications, roles }, variables, own, ceiling)]
  })
}

type DeclaredFleet = Partial<Omit<OpenFleet, "poolers">> & Pick<FleetConfig, "poolers">

/** Counts the declared consumers and jobs that connect through each pooler. */
function clientCounts({ consumers = {}, jobs = [] }: DeclaredFleet): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { pooler } of [...Object.values(consumers), ...jobs])
    if (pooler !== undefined) counts.set(pooler, (counts.get(pooler) ?? 0) + 1)
  return counts
}

const prefixOf = ({ servers }: FleetConfig, server: string): string =>
  servers === undefined ? "" : `servers.${server}.`

const NO_POOLERS: ServerPoolers = {
  lowest: {},
  highest: {},
  fronts: [],
  files: [],
  unknowns: [],
  assumptions: [],
  failures: [],
  warnings: [],
  incomplete: [],
  explicit: [],
  matched: [],
}

/** Returns the clients of a pooler. What is declared has no `pool_timeout`. */
const clientsOf = (
  { consumers, jobs = [] }: Pick<OpenFleet, "consumers" | "jobs">,
  poolTimeouts: Readonly<Record<string, number>>,
  name: string,
): WaitingClient[] =>
  [...Object.entries(consumers), ...jobs.map((job) => [job.name, job] as const)]
    .filter(([, { pooler }]) => pooler === name)
    .map(([client]) => ({
      name: client,
      poolTimeout: Object.hasOwn(poolTimeouts, client) ? poolTimeouts[client] : undefined,
    }))

function boundsOf(
  { maxConnections, consumers = {}, jobs = [], poolers: _, fill, ...rest }: DeclaredFleet,
  plans: BaselinedFleet | undefined,
  others: readonly BaselinedFleet[],
  owners: Pick<FleetBounds, "applications" | "roles">,
  variables: { readonly size: string; readonly budget: string },
  { prefix, ...poolers }: ServerPoolers & { readonly prefix: string },
  ceiling: CeilingSource,
): FleetBounds {
  // With several servers, one may have only declared consumers, while the plans' pools lead to the others.
  const isDeclared = Object.keys(consumers).length + jobs.length > 0 && others.some(connectsSomething)
  const read =
    plans === undefined
      ? { ...NO_DEPLOYMENT, maxConnections, source: undefined }
      : withConsumers(plans, isDeclared)
  if (ceiling === "declaration" && plans === undefined && maxConnections === undefined)
    throw missingCeiling(prefix)
  const { consumers: withSurge, assumptions } = assumedSurge(consumers, prefix)
  const own: OpenFleetPart = { consumers: withSurge, jobs }
  refuseTwice(own, read.highest)
  if (ceiling === "declaration" && read.maxConnections === undefined) {
    refuseOpenSizes({ ...own, poolers: poolers.highest }, prefix)
  }
  const most = providerReservedOf(read.providerReserved, rest)
  const least = providerReservedOf(read.providerReservedAtLeast, rest)
  const filled = (providerReserved: number, end: "lowest" | "highest") => ({
    ...rest,
    ...(providerReserved > 0 ? { providerReserved } : {}),
    ...(fill === undefined ? {} : { fill }),
    ...withPoolers({ ...poolers[end], ...read[end].poolers }),
  })
  const highest = joined(filled(most, "highest"), own, read.highest)
  const unknowns = [
    ...read.unknowns,
    ...poolers.unknowns,
    ...openLinks(highest, poolers, plans !== undefined, prefix),
    ...(least < most && read.maxConnections !== undefined ? [unknownReserved(least, most)] : []),
  ]
  return {
    ...read,
    unknowns,
    prefix,
    // A range that no unknown names counts at its highest.
    lowest: unknowns.length === 0 ? highest : joined(filled(least, "lowest"), own, read.lowest),
    highest,
    open: plans === undefined ? highest : joined(filled(most, "highest"), own, read.open),
    assumptions: [...read.assumptions, ...assumptions, ...poolers.assumptions],
    failures: [...read.failures, ...poolers.failures],
    warnings: [
      ...read.warnings,
      ...poolers.files.flatMap((file) =>
        longWait(file, clientsOf(highest, read.poolTimeouts ?? {}, file.name)),
      ),
      ...poolers.warnings,
    ],
    incomplete: [...read.incomplete, ...poolers.incomplete],
    explicit: [...read.explicit, ...poolers.explicit],
    ...owners,
    sizeVariables: byName([
      ...Object.entries(consumers).map(
        ([name, { poolSize }]) => [name, poolSize === "auto" ? variables.budget : variables.size] as const,
      ),
      ...jobs.map(({ name }) => [name, variables.size] as const),
      ...Object.entries(read.sizeVariables),
    ]),
  }
}

/** The slots that a provider keeps, where it is not known on which server the fleet is. */
const unknownReserved = (least: number, most: number): Unknown => ({
  cause: "ceiling",
  name: "providerReserved",
  problem: "depends on the server, and the given ceiling may be that of another than in the documents",
  between: `${least} to ${most} slots that the provider keeps`,
  remedy: "Choose the server by its address, or give providerReserved (--provider-reserved)",
})

/** The slots of a server that was asked. */
export type ServerSlots = Pick<OpenFleet, "maxConnections"> &
  Required<Pick<OpenFleet, "superuserReserved" | "reservedConnections" | "providerReserved">>

/** Fills in the ceiling of a server that was asked, and the slots that it keeps where none are declared. */
export function onServer(bounds: FleetBounds, slots: ServerSlots): FleetBounds {
  const { maxConnections, superuserReserved, reservedConnections, providerReserved } = slots
  const kept = { superuserReserved, reservedConnections, providerReserved }
  const lowest = { ...kept, ...bounds.lowest }
  const highest = bounds.highest === bounds.lowest ? lowest : { ...kept, ...bounds.highest }
  return { ...bounds, maxConnections, lowest, highest }
}

/** Adds an unknown if nothing in the plans connects: most likely their variable is not the one that was read. */
function withConsumers(
  { resources: _, ...fleet }: BaselinedFleet,
  mayHaveNone: boolean,
): Omit<BaselinedFleet, "resources"> {
  const { excluded, unknowns, acknowledged, source } = fleet
  const isRead = connectsSomething(fleet) || excluded.length + acknowledged.length > 0
  if (isRead || mayHaveNone || unknowns.some(({ isUnbounded }) => isUnbounded)) return fleet
  const nothing = {
    cause: "consumers",
    name: source.keys.join(", "),
    problem: "is in no resource of the documents, so nothing in them connects",
    between: "0 or any number of connections",
    remedy: "Name the database, with --database or deployments.keys, or leave them out",
    isUnbounded: true,
  } as const
  return { ...fleet, unknowns: [...unknowns, nothing] }
}

const connectsSomething = ({ highest }: Pick<BaselinedFleet, "highest">): boolean =>
  Object.keys(highest.consumers).length + highest.jobs.length > 0

function missingCeiling(prefix: string): PoolConfigError {
  const missing = integer(maxConnectionsRule)(undefined)
  return new PoolConfigError(isProblem(missing) ? [{ name: `${prefix}maxConnections`, ...missing }] : [])
}

interface Part<Consumer, Job> {
  readonly consumers: Readonly<Record<string, Consumer>>
  readonly jobs: readonly Job[]
}

function joined<Rest extends object, Consumer, Job>(
  rest: Rest,
  own: Part<Consumer, Job>,
  read: Part<NoInfer<Consumer>, NoInfer<Job>>,
) {
  return {
    ...rest,
    consumers: Object.fromEntries([...Object.entries(own.consumers), ...Object.entries(read.consumers)]),
    jobs: [...own.jobs, ...read.jobs],
  }
}

/** Refuses consumers that are both in a plan and declared: they count once, and it is unclear with which numbers. */
function refuseTwice(own: OpenFleetPart, read: OpenFleetPart): void {
  const jobs = new Set(read.jobs.map(({ name }) => name))
  const twice = [
    ...Object.keys(own.consumers)
      .filter((name) => Object.hasOwn(read.consumers, name))
      .map((name) => `consumers.${name}`),
    ...own.jobs.filter(({ name }) => jobs.has(name)).map(({ name }) => `jobs.${name}`),
  ]
  if (twice.length === 0) return
  throw new PoolConfigError(
    twice.map((name) => ({
      name,
      problem: "is declared, and is also in what is deployed",
      remedy: "Declare only what the documents do not have, and correct the rest under deployments.override",
    })),
  )
}

type Consumers = Readonly<Record<string, OpenConsumer>>

/**
 * Fills in the surge of a deploy. Most platforms start every new instance before they stop an old one, and a total that
 * ignores this is the usual cause of a full server. Without a `surge`, the instances therefore count twice.
 */
export function assumedSurge(
  consumers: Consumers,
  prefix: string,
): { readonly consumers: Consumers; readonly assumptions: readonly Assumption[] } {
  const assumptions: Assumption[] = []
  const entries = Object.entries(consumers).map(([name, consumer]) => {
    const { instances, surge } = consumer
    if (instances === undefined) {
      assumptions.push({ name: `${prefix}consumers.${name}.instances`, ...unknownInstances(consumer.budget) })
      return [name, consumer] as const
    }
    if (surge !== undefined || instances === 0) return [name, consumer] as const
    assumptions.push({
      name: `${prefix}consumers.${name}.surge`,
      assumed: `a deploy runs ${instances} old + ${instances} new instances`,
      remedy: "If the old ones stop first, set surge to 0 (such as api=4x20+0)",
    })
    return [name, { ...consumer, surge: instances }] as const
  })
  return { consumers: Object.fromEntries(entries), assumptions }
}
