import { CORE, urlVariable } from "../../config/database-variables.ts"
import { PoolConfigError } from "../../error.ts"
import type { Assumption } from "../../sizing/index.ts"
import { byName } from "../../sizing/names.ts"
import { parseInto } from "../../validation/parse.ts"
import { onlyServer, type ServerTies } from "../database-servers.ts"
import { type Excluded, type ExplicitOverride, type Findings, noFindings, type Unknown } from "../findings.ts"
import { type FleetPart, fleetPart, type OpenFleetPart, openFleetPart } from "../fleet-part.ts"
import type { Platform } from "../platform.ts"
import { googleCloudRun } from "../platforms/google-cloud-run.ts"
import { scaleway } from "../platforms/scaleway.ts"
import type { ResourcePool } from "../resource-pool.ts"
import { noteOtherServers } from "../server-hosts.ts"
import { candidatesOf, ceilingOf, hostsOfOthers, serversOf, type TerraformServer } from "./ceiling.ts"
import { collectPools, unusedAddresses } from "./collect-pools.ts"
import { type Document, type NamedDocument, readDocument } from "./document.ts"
import { keysOf, optionsSchema, type TerraformOptions } from "./read-options.ts"

export type { NamedDocument } from "./document.ts"

/** One reader for each supported provider. */
const PLATFORMS: readonly Platform[] = [scaleway, googleCloudRun]

/** The part of a fleet that Terraform knows, with everything that it leaves unknown. */
export interface TerraformFleet {
  /** The server's ceiling; undefined if the plans do not contain it, with an entry in `unknowns`. */
  readonly maxConnections: number | undefined
  /** Every PostgreSQL server in the plans. */
  readonly servers: readonly TerraformServer[]
  /** Consumers and jobs by address, with every unknown at its lowest. */
  readonly lowest: FleetPart
  /** The same with every unknown at its highest, except for unbounded ones. */
  readonly highest: FleetPart
  /** The same with the pool sizes left open, for `sizeFleet`. */
  readonly open: OpenFleetPart
  /** The variables that set the sizes, by consumer and job. A size without a variable cannot be planned. */
  readonly sizeVariables: Readonly<Record<string, string>>
  /** Values that the sum depends on and that the plans do not contain. */
  readonly unknowns: readonly Unknown[]
  /** The provider's documented defaults, assumed for omitted attributes. */
  readonly assumptions: readonly Assumption[]
  /** Every override that counts, with its reason. */
  readonly explicit: readonly ExplicitOverride[]
  /** Every excluded resource, with its reason. */
  readonly excluded: readonly Excluded[]
  readonly warnings: readonly string[]
  /** The reasons why the plans do not show everything; empty if they do. With any reason, no verdict is possible. */
  readonly incomplete: readonly string[]
  /** The documents that were read, and the variables that were looked for. */
  readonly source: TerraformSource
  /** Every resource that exists after apply; `connects` is true if it certainly connects to this server. */
  readonly resources: readonly { readonly address: string; readonly connects: boolean }[]
}

/** The documents, and the variables that were looked for in them. */
export interface TerraformSource {
  readonly keys: readonly string[]
  /** Documents by the name that their addresses begin with; empty for a single document. */
  readonly documents: readonly { readonly name: string; readonly kind: "plan" | "state" }[]
}

/**
 * Reads which resources connect to a PostgreSQL server, and how large their pools are. The input is the output of
 * `terraform show -json`: a plan or a state. OpenTofu's is the same.
 *
 * A consumer is a resource whose environment has the database's variable: set to a value, to a secret, or to a value
 * that is known only after apply. Its pool size is the one that {@link readPoolSettings} reads from that environment,
 * as the client in it will. Old and new instances run together during a deploy, so instances count twice then.
 * Resources that the plan deletes or replaces also count during the deploy.
 *
 * Supports Scaleway (Serverless Containers, Jobs, Managed Databases) and Google Cloud (Cloud Run, Cloud SQL). A
 * resource of another type that has the variable is reported as unknown, so that nothing connects unseen. Omitted
 * attributes count at the provider's documented default, and are reported as assumed.
 *
 * A plan holds secrets in plain text. The result and the errors contain only addresses, types, counts, schedules, time
 * zones, timeouts, `max_connections`, node types and pool sizes. The time is proportional to the number of resources:
 * under a second for 10,000.
 *
 * @param plans the parsed JSON, or an array of them: several stacks with one server add up
 * @throws PoolConfigError naming every place in the JSON that is not in Terraform's format (`plans[1]: …` if there are
 * several), every bad option, and every `<address>.PRISMA_…` that the client in that resource would refuse
 * @see https://developer.hashicorp.com/terraform/internals/json-format
 * @example
 * ```ts
 * import { checkFleet } from "prisma-pool-config/sizing"
 * import { fleetFromTerraform } from "prisma-pool-config/deployments"
 *
 * declare const plan: unknown // JSON.parse of `terraform show -json tfplan`
 * const { maxConnections = 100, highest, unknowns } = fleetFromTerraform(plan)
 * const { fits } = checkFleet({ maxConnections, ...highest })
 * ```
 */
export function fleetFromTerraform(plans: unknown, options: TerraformOptions = {}): TerraformFleet {
  const list = Array.isArray(plans) ? plans : [plans]
  const findings = noFindings()
  parseInto(findings.issues, optionsSchema, options, "options")
  return fleetOf(
    list.map((json, index) => ({ name: list.length > 1 ? `plans[${index}]` : "", json })),
    options,
    undefined,
    findings,
  )
}

/**
 * The same with options that are already read, for one of several servers if `ties` says which.
 *
 * @param ties by default a single server
 * @param findings problems of the options
 */
export function fleetOf(
  documents: readonly NamedDocument[],
  options: TerraformOptions,
  ties?: ServerTies,
  findings: Findings = noFindings(),
): TerraformFleet {
  const read = documents.map((document) => readDocument(document, findings.issues))
  namedOnce(documents, findings)
  refuseIssues(findings)

  const checked = { ...options, keys: options.keys === undefined ? usualKeys(read) : keysOf(options) }
  const tie = ties ?? onlyServer(checked.hosts ?? [])
  const servers = serversOf(read, PLATFORMS)
  const candidates = candidatesOf(servers, checked.server, tie)
  const server = candidates.length === 1 ? candidates[0] : undefined
  const hosts = [...tie.hosts, ...(server?.hosts ?? [])]
  const otherHosts = [...tie.otherHosts, ...hostsOfOthers(servers, tie)]
  const entries = collectPools(read, PLATFORMS, checked, { ...tie, hosts, otherHosts }, findings)
  for (const warning of unusedAddresses(read, checked)) findings.warnings.push(warning)
  const maxConnections = ceilingOf(servers, candidates, checked, findings)
  // A given ceiling belongs to the host that the pools lead to, whichever server of the plan that is.
  const isGiven = checked.maxConnections !== undefined && checked.server === undefined
  noteOtherServers(entries, server, isGiven, tie, findings)
  refuseIssues(findings)
  const { unknowns, assumptions, explicit, excluded, warnings } = findings
  return {
    maxConnections,
    servers: servers.map(({ address, maxConnections: ceiling, nodeType }) => ({
      address,
      maxConnections: ceiling,
      nodeType,
    })),
    lowest: fleetPart(entries, "lowest"),
    highest: fleetPart(entries, "highest"),
    open: openFleetPart(entries),
    sizeVariables: byName(
      entries.flatMap(({ name, sizeVariable }) => (sizeVariable === undefined ? [] : [[name, sizeVariable]])),
    ),
    unknowns,
    assumptions,
    explicit,
    excluded,
    warnings,
    incomplete: read.flatMap(({ incomplete }) => incomplete),
    source: {
      keys: checked.keys,
      documents: read.map(({ kind }, index) => ({ name: documents[index]?.name ?? "", kind })),
    },
    resources: resourcesOf(read, entries),
  }
}

/** The default variable: Core's if any resource has it, else the one without a suffix. */
function usualKeys(read: readonly Document[]): readonly string[] {
  const resources = read.flatMap((document) => [...document.resources, ...document.gone])
  const has = (variable: string) =>
    resources.some(
      ({ managed, attributes, before }) =>
        managed && (attributes.mentions(variable) || before?.mentions(variable) === true),
    )
  const [core, unnamed] = [urlVariable(CORE), urlVariable(undefined)]
  return [!has(core) && has(unnamed) ? unnamed : core]
}

function resourcesOf(read: readonly Document[], pools: readonly ResourcePool[]): TerraformFleet["resources"] {
  const connecting = new Set(pools.flatMap(({ certain, address = [] }) => (certain ? address : [])))
  return read.flatMap(({ resources }) =>
    resources.flatMap(({ address, managed }) =>
      managed ? [{ address, connects: connecting.has(address) }] : [],
    ),
  )
}

function refuseIssues({ issues }: Findings): void {
  if (issues.length > 0) throw new PoolConfigError(issues)
}

/** Refuses two documents with the same name: their addresses could not be told apart. */
function namedOnce(documents: readonly NamedDocument[], { issues }: Findings): void {
  const names = new Set<string>()
  for (const { name } of documents) {
    if (names.has(name))
      issues.push({ name: name || "terraform", problem: "is given twice", remedy: "Give it once" })
    names.add(name)
  }
}
