import { CORE, sizeVariable, urlVariable } from "../config/database-variables.ts"
import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import type { Assumption } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import { candidatesOf, ceilingOf, type DeployedServer, distinctServers, hostsOfOthers } from "./ceiling.ts"
import { collectPools, unusedAddresses } from "./collect-pools.ts"
import { onlyServer, type ServerTies } from "./database-servers.ts"
import { frontOfTier, noteLeaving, noteWithoutFile, tiersOf } from "./deployed-tiers.ts"
import { type DeploymentOptions, keysOf } from "./deployment-options.ts"
import { normalHost } from "./destination.ts"
import { type Excluded, type ExplicitOverride, type Findings, noFindings, type Unknown } from "./findings.ts"
import { type FleetPart, fleetPart, type OpenFleetPart, openFleetPart } from "./fleet-part.ts"
import { type FrontPoolers, NO_FRONT } from "./front-poolers.ts"
import { poolersOf } from "./provided-poolers.ts"
import type { Format, Reader, SourceDocument } from "./reader.ts"
import type { ResourcePool } from "./resource-pool.ts"
import { noteOtherServers } from "./server-hosts.ts"
import { soughtVariables } from "./sought-variables.ts"
import { tierParts } from "./tier-parts.ts"
import type { VariableNotation } from "./variable-notation.ts"

/** The part of a fleet that deployment documents know, with everything that they leave unknown. */
export interface DeployedFleet {
  /** The server's ceiling; undefined if the documents do not contain it, with an entry in `unknowns`. */
  readonly maxConnections: number | undefined
  /**
   * The highest value that the ceiling may have, if it is undefined and the documents bound it. A fleet that is too large
   * even for this one does not fit.
   */
  readonly maxConnectionsAtMost: number | undefined
  /** The most slots that the provider of the server may keep, beyond the three that PostgreSQL keeps for superusers. */
  readonly providerReserved: number
  /** The fewest: another number if it is not known which of several servers the fleet is on. */
  readonly providerReservedAtLeast: number
  /** Every PostgreSQL server in the documents. */
  readonly servers: readonly DeployedServer[]
  /** Consumers and jobs by address, with every unknown at its lowest. */
  readonly lowest: FleetPart
  /** The same with every unknown at its highest, except for unbounded ones. */
  readonly highest: FleetPart
  /** The same with the pool sizes left open, for `sizeFleet`. */
  readonly open: OpenFleetPart
  /** The variables that set the sizes, by consumer and job. A size without a variable cannot be planned. */
  readonly sizeVariables: Readonly<Record<string, string>>
  /** How the documents write the variables of each consumer and job. */
  readonly notations: Readonly<Record<string, VariableNotation>>
  /** The seconds of `pool_timeout` of each consumer and job behind a pooler where they can be seen, 0 for no limit. */
  readonly poolTimeouts?: Readonly<Record<string, number>>
  /** The format of the document that each consumer and job is in. */
  readonly formats: Readonly<Record<string, Format>>
  /** Values that the sum depends on and that the documents do not contain. */
  readonly unknowns: readonly Unknown[]
  /** The platforms' documented defaults, assumed for omitted attributes. */
  readonly assumptions: readonly Assumption[]
  /** Every override that counts, with its reason. */
  readonly explicit: readonly ExplicitOverride[]
  /** Every excluded resource, with its reason. */
  readonly excluded: readonly Excluded[]
  readonly warnings: readonly string[]
  /** What cannot work as it is deployed, whatever the sums are: a fleet with one does not fit. */
  readonly failures: readonly PoolConfigIssue[]
  /** The reasons why the documents do not show everything; empty if they do. With any reason, no verdict is possible. */
  readonly incomplete: readonly string[]
  /** The documents that were read, and the variables that were looked for. */
  readonly source: DeploymentSource
  /** Every resource that exists after the deploy; `connects` is true if it certainly connects to this server. */
  readonly resources: readonly { readonly address: string; readonly connects: boolean }[]
}

/** The documents, and the variables that were looked for in them. */
export interface DeploymentSource {
  readonly keys: readonly string[]
  /** Documents by the name that their addresses begin with; empty for a single document. */
  readonly documents: readonly SourceDocument[]
}

/**
 * Reads the fleet of parsed documents, with options that are already read. All formats add up.
 *
 * @param ties says which of several servers is meant; by default there is a single one
 * @param findings problems of the options
 * @param front the poolers that a declaration has in front of the server
 */
export function fleetOf(
  readers: readonly Reader[],
  options: DeploymentOptions,
  ties?: ServerTies,
  findings: Findings = noFindings(),
  front: FrontPoolers = NO_FRONT,
): DeployedFleet {
  namedOnce(readers, findings)
  refuseIssues(readers, findings)

  const checked = { ...options, keys: options.keys === undefined ? usualKeys(readers) : keysOf(options) }
  const tie = ties ?? onlyServer(checked.hosts ?? [])
  const servers = distinctServers(readers.flatMap((reader) => reader.servers))
  const candidates = candidatesOf(servers, checked.server, tie)
  const server = candidates.length === 1 ? candidates[0] : undefined
  const hosts = [...tie.hosts, ...(server?.hosts ?? [])]
  const others = [...tie.otherHosts, ...hostsOfOthers(servers, tie)]
  const deployed = tiersOf(readers, servers, candidates, { ...tie, otherHosts: others }, front, checked)
  const fronts = { ...front, poolers: [...front.poolers, ...deployed.tiers.map(frontOfTier)] }
  const otherHosts = [...others, ...deployed.otherHosts]
  const poolers = poolersOf(candidates, checked)
  const localHosts = server?.localHosts ?? []
  const frontHosts = fronts.poolers.flatMap((pooler) => pooler.hosts)
  const found = { ...tie, hosts, otherHosts, localHosts, poolers, frontHosts }
  const entries = collectPools(readers, checked, found, fronts, findings)
  // A host of a pooler is none of the server's.
  const direct = entries.filter(({ pooler }) => pooler === undefined)
  if (options.keys === undefined) noteGuessedKey(readers, checked.keys, findings)
  for (const warning of unusedAddresses(readers, checked, front.stated)) findings.warnings.push(warning)
  // A given ceiling belongs to the host that the pools lead to, whichever server of the documents that is.
  const isGiven = checked.maxConnections !== undefined && checked.server === undefined
  const declared = tie.hosts.map(normalHost)
  const leading = isGiven ? direct.flatMap(({ destination }) => destination?.host ?? []) : []
  const undeclared = leading.filter((host) => !declared.includes(host))
  const ceiling = ceilingOf(servers, candidates, checked, findings, undeclared)
  noteOtherServers(direct, server, isGiven, tie, findings)
  noteWithoutFile(deployed.withoutFile, findings)
  noteLeaving(deployed.leaving, findings)
  const most = ceiling.maxConnections ?? ceiling.maxConnectionsAtMost
  const tiers = tierParts(deployed.tiers, entries, front.clients ?? new Map(), most, checked, findings)
  refuseIssues(readers, findings)
  const { assumptions, explicit, excluded, warnings, failures } = findings
  return {
    ...ceiling,
    servers: servers.map(({ address, maxConnections, maxConnectionsAtMost, nodeType }) => ({
      address,
      maxConnections,
      ...(maxConnectionsAtMost === undefined ? {} : { maxConnectionsAtMost }),
      nodeType,
    })),
    lowest: fleetPart(entries, "lowest", tiers.lowest),
    highest: fleetPart(entries, "highest", tiers.highest),
    open: openFleetPart(entries, tiers.highest),
    sizeVariables: byName(
      entries.flatMap(({ name, sizeVariable }) => (sizeVariable === undefined ? [] : [[name, sizeVariable]])),
    ),
    notations: byName(
      entries.flatMap(({ name, notation }) => (notation === undefined ? [] : [[name, notation]])),
    ),
    ...timeoutsOf(entries),
    formats: formatsOf(readers, entries),
    unknowns: withPlaces(findings.unknowns, readers),
    assumptions,
    explicit,
    excluded,
    warnings,
    failures,
    incomplete: readers.flatMap(({ incomplete }) => incomplete),
    source: {
      keys: soughtVariables(checked).leading,
      documents: readers.flatMap(({ documents }) => documents),
    },
    resources: resourcesOf(readers, entries),
  }
}

function formatsOf(readers: readonly Reader[], pools: readonly ResourcePool[]): DeployedFleet["formats"] {
  const formats = new Map(
    readers.flatMap(({ format, lasting }) => lasting.map((address) => [address, format] as const)),
  )
  return byName(
    pools.flatMap(({ name, address = "" }) => {
      const format = formats.get(address)
      return format === undefined ? [] : [[name, format] as const]
    }),
  )
}

/** The default variable: the one without a suffix if only that is named, or its size; else Core's. */
function usualKeys(readers: readonly Reader[]): readonly string[] {
  const [core, unnamed] = [urlVariable(CORE), urlVariable(undefined)]
  const isNamed = (variable: string) => readers.some((reader) => reader.mentions(variable))
  if (isNamed(core)) return [core]
  // Without a URL, the variable of a size tells which database is meant.
  const isUnnamed = isNamed(unnamed) || (!isNamed(sizeVariable(CORE)) && isNamed(sizeVariable(undefined)))
  return [isUnnamed ? unnamed : core]
}

/** Warns that the variable is a guess where the documents have no name of one, and an environment may have it. */
function noteGuessedKey(
  readers: readonly Reader[],
  [key = ""]: readonly string[],
  { unknowns, warnings }: Findings,
): void {
  const either = [urlVariable(CORE), urlVariable(undefined)]
  if (either.some((variable) => readers.some((reader) => reader.mentions(variable)))) return
  if (!unknowns.some(({ cause, attribute }) => cause === "environment" && attribute === key)) return
  const other = either.find((variable) => variable !== key)
  warnings.push(
    `${key} was looked for, because the documents name neither it nor ${other}: if the variable is ${other}, give --database ${other === urlVariable(CORE) ? CORE : other}`,
  )
}

function resourcesOf(readers: readonly Reader[], pools: readonly ResourcePool[]): DeployedFleet["resources"] {
  const connecting = new Set(pools.flatMap(({ certain, address = [] }) => (certain ? address : [])))
  return readers.flatMap(({ lasting }) =>
    lasting.map((address) => ({ address, connects: connecting.has(address) })),
  )
}

/** The file and line of each address, where documents have lines. */
const placesOf = (readers: readonly Reader[]): ReadonlyMap<string, string> =>
  new Map(
    readers.flatMap(({ places }) =>
      places.flatMap(({ address, place }) => (place ? [[address, place]] : [])),
    ),
  )

function withPlaces(unknowns: readonly Unknown[], readers: readonly Reader[]): readonly Unknown[] {
  const places = placesOf(readers)
  if (places.size === 0) return unknowns
  return unknowns.map((unknown) => {
    const place = places.get(unknown.address ?? "")
    return place === undefined ? unknown : { ...unknown, place }
  })
}

function refuseIssues(readers: readonly Reader[], findings: Findings): void {
  const issues = [...findings.issues, ...readers.flatMap((reader) => reader.issues)]
  if (issues.length === 0) return
  const places = placesOf(readers)
  throw new PoolConfigError(
    issues.map((issue) => {
      const place = placeOfName(issue.name, places)
      return place === undefined ? issue : { ...issue, name: `${place}: ${issue.name}` }
    }),
  )
}

/** Finds the place of the longest address that a name begins with: an address may have dots, too. */
function placeOfName(name: string, places: ReadonlyMap<string, string>): string | undefined {
  for (let end = name.lastIndexOf("."); end > 0; end = name.lastIndexOf(".", end - 1)) {
    const place = places.get(name.slice(0, end))
    if (place !== undefined) return place
  }
  return undefined
}

/** Refuses two documents with the same name: their addresses could not be told apart. */
function namedOnce(readers: readonly Reader[], { issues }: Findings): void {
  const names = new Set<string>()
  for (const { name, kind } of readers.flatMap(({ documents }) => documents)) {
    if (names.has(name))
      issues.push({
        name: name || (kind === "plan" || kind === "state" ? "terraform" : kind),
        problem: "is given twice",
        remedy: "Give it once",
      })
    names.add(name)
  }
}

function timeoutsOf(entries: readonly ResourcePool[]): Pick<DeployedFleet, "poolTimeouts"> {
  const known = entries.flatMap(({ name, pooler, poolTimeout }) =>
    pooler === undefined || poolTimeout === undefined ? [] : [[name, poolTimeout] as const],
  )
  return known.length === 0 ? {} : { poolTimeouts: byName(known) }
}
