import type { FleetCheck } from "../../sizing/index.ts"
import { usableConnections } from "../../sizing/usable-connections.ts"
import { withoutVersion } from "./application-name.ts"
import type { ApplicationHolder, ConnectionShare, DatabaseReport } from "./database-report.ts"
import { groupConnections, sum } from "./group-connections.ts"
import { OWN_APPLICATION_NAME } from "./own-name.ts"

/**
 * The owner of an allocation: a reserve outside the fleet, one consumer, all jobs together, or a pooler, whose sessions have
 * the names of the consumers and jobs behind it.
 */
export type AllocationKind = "reserved" | "consumer" | "jobs" | "pooler"

/** A declared number of connections, beside the number in use. */
export interface Allocation {
  readonly name: string
  readonly kind: AllocationKind
  /** Declared for the steady state. */
  readonly declared: number
  /** Declared for the time of a deploy. */
  readonly declaredInDeploy: number
  /**
   * Only of a consumer whose size is `auto`: what its pools share, which is what counts against a limit of its role or its
   * database. `declared` has the logins beside it too.
   */
  readonly budget?: number
  /** In use now. */
  readonly seen: number
  /** The same by role and database. */
  readonly shares: readonly ConnectionShare[]
  /** The names of the applications that use them. */
  readonly applications: readonly string[]
  /** The roles that are declared for it; one that ends with `*` is a prefix. */
  readonly roles: readonly string[]
}

/** Connections without a declared owner. */
export interface Undeclared {
  /** The application. Null for a name that this role may not see. */
  readonly name: string | null
  /** The role, for connections whose application has no name; else undefined. */
  readonly role: string | null | undefined
  readonly connections: number
  readonly shares: readonly ConnectionShare[]
}

/** The connections of a server, attributed to a declared fleet. */
export interface Attribution {
  readonly allocations: readonly Allocation[]
  /** Undeclared applications, the largest first; those without a name by their role. */
  readonly undeclared: readonly Undeclared[]
  /** The declared ceiling, if the server's is another one or leaves fewer usable connections; else undefined. */
  readonly otherCeiling: DeclaredCeiling | undefined
}

/** The ceiling that a declaration assumes. */
export interface DeclaredCeiling {
  readonly maxConnections: number
  readonly usable: number
}

/** A declared fleet, checked. */
export interface DeclaredFleet {
  readonly maxConnections: number | undefined
  readonly reserved: Readonly<Record<string, number>>
  readonly check: Pick<FleetCheck, "consumers" | "jobs" | "poolers" | "bounds" | "usable">
  /** The names of all jobs that connect to the server, running or not. */
  readonly jobs: readonly string[]
  /** The pooler of each other job, by its name. */
  readonly jobsBehind?: Readonly<Record<string, string>>
  /** Owners by application name. A name that ends with `*` matches every name with that prefix. */
  readonly applications: Readonly<Record<string, string>>
  /** Owners by role, for connections whose application has none. */
  readonly roles: Readonly<Record<string, string>>
}

/** What decides to whom an application or a role belongs. */
type Owned = Pick<DeclaredFleet, "reserved" | "jobs" | "jobsBehind" | "applications" | "roles"> & {
  readonly check: Pick<FleetCheck, "consumers" | "poolers">
}

/** The name of the allocation of all jobs: they share the connections of their peak. */
export const JOBS = "jobs"

/** Connections of one application, all with the same owner or all with none. */
interface Part {
  readonly application: string | null
  readonly share: ConnectionShare
}

/**
 * Attributes every connection to its declared owner, by `application_name`. It matches the name of a consumer, a job or
 * a reserve, or the last part of its Terraform address. A version (`api@1.4.2`) and the case are ignored. Connections
 * whose application has no owner go to the owner of their role.
 */
export const attributionOf = (report: DatabaseReport, fleet: DeclaredFleet): Attribution => ({
  ...attribute(report.applications, fleet),
  otherCeiling: otherCeilingOf(report, fleet),
})

/** The same for applications, wherever they are connected. */
export function attribute(
  applications: readonly Pick<ApplicationHolder, "name" | "shares">[],
  fleet: DeclaredFleet,
): Omit<Attribution, "otherCeiling"> {
  const { ofApplication, ofRole, rolesOf } = ownersOf(fleet)
  const parts = applications.flatMap(({ name, shares }) =>
    shares.map((share): Part => ({ application: name, share })),
  )
  const ownerOf = ({ application, share }: Part) => ofApplication(application) ?? ofRole(share.user)
  const owned = groupConnections(parts, ownerOf)
  const allocationOf = (
    name: string,
    kind: AllocationKind,
    declared: number,
    declaredInDeploy: number,
    logins?: number,
  ): Allocation => {
    const own = owned.get(`${kind} ${name}`) ?? []
    return {
      name,
      kind,
      declared,
      declaredInDeploy,
      ...(logins === undefined ? {} : { budget: declaredInDeploy - logins }),
      seen: sum(own, ({ share }) => share.connections),
      shares: own.map(({ share }) => share),
      applications: [...new Set(own.flatMap(({ application }) => application ?? []))],
      roles: rolesOf(`${kind} ${name}`),
    }
  }
  const { reserved, check, jobs } = fleet
  return {
    allocations: [
      ...Object.entries(reserved).map(([name, slots]) => allocationOf(name, "reserved", slots, slots)),
      ...Object.entries(check.consumers).flatMap(([name, { total, deploy, logins, pooler }]) =>
        pooler === undefined ? [allocationOf(name, "consumer", total, deploy.total, logins?.deploy)] : [],
      ),
      ...Object.entries(check.poolers ?? {}).map(([name, { total, deploy }]) =>
        allocationOf(name, "pooler", total, deploy.total),
      ),
      ...(jobs.length > 0
        ? [allocationOf(JOBS, "jobs", check.jobs.connections, check.jobs.connections)]
        : []),
    ],
    undeclared: undeclaredOf(owned.get(undefined) ?? []),
  }
}

/** Groups by name, and what has no name by role. */
function undeclaredOf(parts: readonly Part[]): Undeclared[] {
  const others = parts.filter(({ application }) => application !== OWN_APPLICATION_NAME)
  const roleOf = ({ application, share }: Part) => (application ? undefined : share.user)
  return [...groupConnections(others, ({ application }) => application)]
    .flatMap(([name, own]) =>
      [...groupConnections(own, roleOf)].map(([role, same]) => ({
        name,
        role,
        connections: sum(same, ({ share }) => share.connections),
        shares: same.map(({ share }) => share),
      })),
    )
    .sort((one, other) => other.connections - one.connections)
}

/** A server that keeps more than is declared makes every check of the declaration too generous. */
function otherCeilingOf(
  { ceiling }: DatabaseReport,
  { maxConnections, check: { usable } }: DeclaredFleet,
): DeclaredCeiling | undefined {
  if (maxConnections === undefined) return undefined
  const isSame = maxConnections === ceiling.maxConnections && usable <= usableConnections(ceiling)
  return isSame ? undefined : { maxConnections, usable }
}

/** Returns the fields of `applications` and `roles` whose owner is not declared, by their dotted path. */
export function namesWithoutOwner(fleet: Owned): readonly string[] {
  const owners = ownersByName(fleet)
  return (["applications", "roles"] as const).flatMap((field) =>
    Object.entries(fleet[field]).flatMap(([name, owner]) =>
      owners.has(plainName(owner)) ? [] : [`${field}.${name}`],
    ),
  )
}

/** Maps every name that an application may have to its owner, as `<kind> <name>`. */
function ownersByName({ reserved, check, jobs, jobsBehind = {} }: Owned): Map<string, string> {
  const owners = new Map<string, string>()
  const add = (name: string, owner: string) => {
    const plain = plainName(name)
    if (!owners.has(plain)) owners.set(plain, owner)
  }
  const declared: readonly (readonly [name: string, owner: string])[] = [
    ...Object.entries(check.consumers).map(
      ([name, { pooler }]) => [name, pooler === undefined ? `consumer ${name}` : `pooler ${pooler}`] as const,
    ),
    ...jobs.map((name) => [name, `jobs ${JOBS}`] as const),
    ...Object.entries(jobsBehind).map(([name, pooler]) => [name, `pooler ${pooler}`] as const),
    ...Object.keys(check.poolers ?? {}).map((name) => [name, `pooler ${name}`] as const),
    ...Object.keys(reserved).map((name) => [name, `reserved ${name}`] as const),
  ]
  // The whole names first: the last part of an address may be the name of something else.
  for (const [name, owner] of declared) add(name, owner)
  for (const [name, owner] of declared) add(lastPart(name), owner)
  return owners
}

/** The roles that are declared for an owner; one that ends with `*` is a prefix. */
export const declaredRoles = (fleet: Owned, kind: AllocationKind, name: string): readonly string[] =>
  ownersOf(fleet).rolesOf(`${kind} ${name}`)

type FindOwner = (name: string | null) => string | undefined

/** True for a name that a pattern means: the same, or one with its prefix. */
export const isMeant = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern

/** Finds the owner of an application's or a role's connections, as `<kind> <name>`, and the roles of an owner. */
interface Owners {
  readonly ofApplication: FindOwner
  readonly ofRole: FindOwner
  readonly rolesOf: (owner: string) => string[]
}

function ownersOf(fleet: Owned): Owners {
  const owners = ownersByName(fleet)
  const ownersOfPatterns = (patterns: Readonly<Record<string, string>>, normal: (name: string) => string) => {
    const explicit = Object.entries(patterns)
      .map(([pattern, owner]) => [normal(pattern), owners.get(plainName(owner))] as const)
      // The longest pattern is the most specific.
      .sort(([one], [other]) => other.length - one.length)
    return (name: string) => explicit.find(([pattern]) => isMeant(pattern, name))?.[1]
  }
  const byApplication = ownersOfPatterns(fleet.applications, plainName)
  // PostgreSQL's role names are case-sensitive.
  const byRole = ownersOfPatterns(fleet.roles, (role) => role)
  return {
    ofApplication: (application) => {
      if (application === null || application === "") return undefined
      const name = plainName(withoutVersion(application))
      // A declared name may itself have an @ in it.
      return byApplication(name) ?? owners.get(plainName(application)) ?? owners.get(name)
    },
    ofRole: (role) => (role === null ? undefined : byRole(role)),
    rolesOf: (owner) =>
      Object.entries(fleet.roles).flatMap(([role, name]) =>
        owners.get(plainName(name)) === owner ? [role] : [],
      ),
  }
}

const plainName = (name: string): string => name.trim().toLowerCase()

/** `api` of `module.backend.scaleway_container.api[0]`, `talent` of `scaleway_job_definition.jobs["talent"]`. */
function lastPart(address: string): string {
  const [, key] = /\["([^"]+)"\]$/.exec(address) ?? []
  return key ?? address.replace(/\[\d+\]$/, "").replace(/^.*\./s, "")
}
