import type { FleetCheck } from "../../sizing/index.ts"
import type { ApplicationHolder, DatabaseReport } from "./database-report.ts"
import { withoutVersion } from "./deploys.ts"
import { sum } from "./group-connections.ts"
import { OWN_APPLICATION_NAME } from "./own-name.ts"

/** Whose a share is: what is reserved outside the fleet, one consumer, or all jobs together. */
export type AllocationKind = "reserved" | "consumer" | "jobs"

/** What somebody declared to hold, beside what the server sees. In connections. */
export interface Allocation {
  readonly name: string
  readonly kind: AllocationKind
  /** What may be held steadily, and while a deploy rolls. */
  readonly declared: number
  readonly declaredInDeploy: number
  /** What is held now. */
  readonly seen: number
  /** How many of these count against a `CONNECTION LIMIT` of the database and the role of the report. */
  readonly against: ApplicationHolder["against"]
  /** The names of the applications that hold it. */
  readonly applications: readonly string[]
}

/** A declared fleet beside what the server sees of it. */
export interface Attribution {
  readonly allocations: readonly Allocation[]
  /** Applications that nobody declared, the largest first. Null is what this role may not see. */
  readonly undeclared: readonly ApplicationHolder[]
  /** The declared ceiling, where it is not the server's; undefined when it is. */
  readonly otherCeiling: number | undefined
}

/** What is declared. */
export interface DeclaredFleet {
  readonly maxConnections: number | undefined
  readonly reserved: Readonly<Record<string, number>>
  readonly check: Pick<FleetCheck, "consumers" | "jobs" | "bounds">
  /** Every job, at work or not. */
  readonly jobs: readonly string[]
  /** Whose an application is, by its name; one that ends with `*` is for all that begin so. */
  readonly applications: Readonly<Record<string, string>>
}

/** The name of all jobs' share: they have the connections of their peak between them. */
export const JOBS = "jobs"

/**
 * Puts every connection to the account of whoever declared it, by `application_name`. That is the name of a consumer, of
 * a job or of something reserved, or the last part of its Terraform address; with a version (`api@1.4.2`) or without,
 * and in whatever case.
 */
export function attributionOf(report: DatabaseReport, fleet: DeclaredFleet): Attribution {
  const ownerOf = ownersOf(fleet)
  const held = new Map<string, ApplicationHolder[]>()
  const undeclared: ApplicationHolder[] = []
  for (const application of report.applications) {
    const owner = ownerOf(application.name)
    if (owner === undefined) undeclared.push(application)
    else held.set(owner, [...(held.get(owner) ?? []), application])
  }
  const share = (
    name: string,
    kind: AllocationKind,
    declared: number,
    declaredInDeploy: number,
  ): Allocation => {
    const own = held.get(`${kind} ${name}`) ?? []
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
      ...Object.entries(reserved).map(([name, slots]) => share(name, "reserved", slots, slots)),
      ...Object.entries(check.consumers).map(([name, { total, deploy }]) =>
        share(name, "consumer", total, deploy.total),
      ),
      ...(jobs.length > 0 ? [share(JOBS, "jobs", check.jobs.connections, check.jobs.connections)] : []),
    ],
    undeclared: undeclared.filter(({ name }) => name !== OWN_APPLICATION_NAME),
    otherCeiling: isOther ? maxConnections : undefined,
  }
}

/** The names in `applications` that are said to belong to somebody who is not declared. */
export function applicationsWithoutOwner(fleet: DeclaredFleet): readonly string[] {
  const owners = ownersByName(fleet)
  return Object.entries(fleet.applications).flatMap(([name, owner]) =>
    owners.has(plainName(owner)) ? [] : [name],
  )
}

/** Whoever is declared, as `<kind> <name>`, by the names that its applications may have. */
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

/** Tells whose an application is, as `<kind> <name>`. */
function ownersOf(fleet: DeclaredFleet) {
  const owners = ownersByName(fleet)
  const stated = Object.entries(fleet.applications)
    .map(([pattern, name]) => [plainName(pattern), owners.get(plainName(name))] as const)
    // The longest one says most.
    .sort(([one], [other]) => other.length - one.length)

  return (application: string | null): string | undefined => {
    if (application === null || application === "") return undefined
    const name = plainName(withoutVersion(application))
    const own = stated.find(([pattern]) =>
      pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
    )
    return own === undefined ? owners.get(name) : own[1]
  }
}

const plainName = (name: string): string => name.trim().toLowerCase()

/** `api` of `module.backend.scaleway_container.api[0]`, `talent` of `scaleway_job_definition.jobs["talent"]`. */
function lastPart(address: string): string {
  const [, key] = /\["([^"]+)"\]$/.exec(address) ?? []
  return key ?? address.replace(/\[\d+\]$/, "").replace(/^.*\./s, "")
}
