import type { FleetCheck } from "../../sizing/index.ts"
import type { ApplicationHolder, DatabaseReport } from "./database-report.ts"
import { withoutVersion } from "./deploys.ts"
import { sum } from "./group-connections.ts"
import { OWN_APPLICATION_NAME } from "./own-name.ts"

/** The owner of an allocation: a reserve outside the fleet, one consumer, or all jobs together. */
export type AllocationKind = "reserved" | "consumer" | "jobs"

/** A declared number of connections, beside the number in use. */
export interface Allocation {
  readonly name: string
  readonly kind: AllocationKind
  /** Declared for the steady state. */
  readonly declared: number
  /** Declared for the time of a deploy. */
  readonly declaredInDeploy: number
  /** In use now. */
  readonly seen: number
  /** The number of these that count against a `CONNECTION LIMIT` of the report's database and role. */
  readonly against: ApplicationHolder["against"]
  /** The names of the applications that use them. */
  readonly applications: readonly string[]
}

/** The connections of a server, attributed to a declared fleet. */
export interface Attribution {
  readonly allocations: readonly Allocation[]
  /** Undeclared applications, the largest first. A null name is one that this role may not see. */
  readonly undeclared: readonly ApplicationHolder[]
  /** The declared ceiling if it differs from the server's, else undefined. */
  readonly otherCeiling: number | undefined
}

/** A declared fleet, checked. */
export interface DeclaredFleet {
  readonly maxConnections: number | undefined
  readonly reserved: Readonly<Record<string, number>>
  readonly check: Pick<FleetCheck, "consumers" | "jobs" | "bounds">
  /** The names of all jobs, running or not. */
  readonly jobs: readonly string[]
  /** Owners by application name. A name that ends with `*` matches every name with that prefix. */
  readonly applications: Readonly<Record<string, string>>
}

/** The name of the allocation of all jobs: they share the connections of their peak. */
export const JOBS = "jobs"

/**
 * Attributes every connection to its declared owner, by `application_name`. It matches the name of a consumer, a job or
 * a reserve, or the last part of its Terraform address. A version (`api@1.4.2`) and the case are ignored.
 */
export function attributionOf(report: DatabaseReport, fleet: DeclaredFleet): Attribution {
  const ownerOf = ownersOf(fleet)
  const owned = new Map<string, ApplicationHolder[]>()
  const undeclared: ApplicationHolder[] = []
  for (const application of report.applications) {
    const owner = ownerOf(application.name)
    if (owner === undefined) undeclared.push(application)
    else owned.set(owner, [...(owned.get(owner) ?? []), application])
  }
  const allocationOf = (
    name: string,
    kind: AllocationKind,
    declared: number,
    declaredInDeploy: number,
  ): Allocation => {
    const own = owned.get(`${kind} ${name}`) ?? []
    return {
      name,
      kind,
      declared,
      declaredInDeploy,
      seen: sum(own, ({ connections }) => connections),
      against: {
        database: sum(own, ({ against }) => against.database),
        role: sum(own, ({ against }) => against.role),
      },
      applications: own.flatMap(({ name: application }) => application ?? []),
    }
  }
  const { maxConnections, reserved, check, jobs } = fleet
  const isOther = maxConnections !== undefined && maxConnections !== report.ceiling.maxConnections
  return {
    allocations: [
      ...Object.entries(reserved).map(([name, slots]) => allocationOf(name, "reserved", slots, slots)),
      ...Object.entries(check.consumers).map(([name, { total, deploy }]) =>
        allocationOf(name, "consumer", total, deploy.total),
      ),
      ...(jobs.length > 0
        ? [allocationOf(JOBS, "jobs", check.jobs.connections, check.jobs.connections)]
        : []),
    ],
    undeclared: undeclared.filter(({ name }) => name !== OWN_APPLICATION_NAME),
    otherCeiling: isOther ? maxConnections : undefined,
  }
}

/** Returns the names in `applications` whose owner is not declared. */
export function applicationsWithoutOwner(fleet: DeclaredFleet): readonly string[] {
  const owners = ownersByName(fleet)
  return Object.entries(fleet.applications).flatMap(([name, owner]) =>
    owners.has(plainName(owner)) ? [] : [name],
  )
}

/** Maps every name that an application may have to its owner, as `<kind> <name>`. */
function ownersByName({ reserved, check, jobs }: DeclaredFleet): Map<string, string> {
  const owners = new Map<string, string>()
  const add = (name: string, owner: string) => {
    const plain = plainName(name)
    if (!owners.has(plain)) owners.set(plain, owner)
  }
  const declared: readonly (readonly [name: string, owner: string])[] = [
    ...Object.keys(check.consumers).map((name) => [name, `consumer ${name}`] as const),
    ...jobs.map((name) => [name, `jobs ${JOBS}`] as const),
    ...Object.keys(reserved).map((name) => [name, `reserved ${name}`] as const),
  ]
  // The whole names first: the last part of an address may be the name of something else.
  for (const [name, owner] of declared) add(name, owner)
  for (const [name, owner] of declared) add(lastPart(name), owner)
  return owners
}

/** Returns a function that finds an application's owner, as `<kind> <name>`. */
function ownersOf(fleet: DeclaredFleet) {
  const owners = ownersByName(fleet)
  const stated = Object.entries(fleet.applications)
    .map(([pattern, name]) => [plainName(pattern), owners.get(plainName(name))] as const)
    // The longest pattern is the most specific.
    .sort(([one], [other]) => other.length - one.length)

  return (application: string | null): string | undefined => {
    if (application === null || application === "") return undefined
    const name = plainName(withoutVersion(application))
    const own = stated.find(([pattern]) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    )
    // A declared name may itself have an @ in it.
    return own === undefined ? (owners.get(plainName(application)) ?? owners.get(name)) : own[1]
  }
}

const plainName = (name: string): string => name.trim().toLowerCase()

/** `api` of `module.backend.scaleway_container.api[0]`, `talent` of `scaleway_job_definition.jobs["talent"]`. */
function lastPart(address: string): string {
  const [, key] = /\["([^"]+)"\]$/.exec(address) ?? []
  return key ?? address.replace(/\[\d+\]$/, "").replace(/^.*\./s, "")
}
