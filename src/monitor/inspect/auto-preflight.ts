import { type Allocation, type Attribution, isMeant } from "./attribution.ts"
import type { DatabaseReport } from "./database-report.ts"
import { sum } from "./group-connections.ts"
import type { RoleRights } from "./limit-rights.ts"

/** A consumer, or the jobs, and the most connections that are declared for it. */
export interface RoleUse {
  readonly name: string
  readonly connections: number
}

/** Why the budgets of consumers whose size is `auto` do not hold on a server. */
export type AutoProblem =
  /** Behind a pooler, `auto` is off. */
  | { readonly kind: "pooler"; readonly consumers: readonly string[] }
  /** No limit binds a superuser, for whom `auto` is off. */
  | { readonly kind: "superuser"; readonly role: string; readonly uses: readonly RoleUse[] }
  | { readonly kind: "no such role"; readonly role: string; readonly uses: readonly RoleUse[] }
  /** The role's limit is another number than what is declared for all that use it. */
  | {
      readonly kind: "other limit"
      readonly role: string
      readonly limit: number
      readonly uses: readonly RoleUse[]
    }
  | {
      readonly kind: "small database"
      readonly database: string
      readonly limit: number
      readonly role: string
      readonly uses: readonly RoleUse[]
    }
  /** Only the pools keep to the budget. */
  | { readonly kind: "no limit"; readonly role: string; readonly uses: readonly RoleUse[] }
  /** Only the beginning of its role's name is declared, and it is not connected. */
  | { readonly kind: "unknown role"; readonly consumer: string }
  /** No role is declared or seen for them: that of the inspection counts as theirs. */
  | { readonly kind: "assumed role"; readonly role: string; readonly consumers: readonly string[] }
  /** Its pools share among those of their role: each role allows the whole budget. */
  | { readonly kind: "several roles"; readonly consumer: string; readonly roles: readonly string[] }

/** What a server does for the consumers whose size is `auto`. */
export interface AutoResult {
  /** A deploy must not go on with these. */
  readonly failures: readonly AutoProblem[]
  readonly warnings: readonly AutoProblem[]
  /** Who may set the limit of each of their roles. */
  readonly rights: readonly RoleRights[]
}

/** Returns the roles with which the consumers connect whose size is `auto`. */
export function autoRoles(attribution: Attribution, report: DatabaseReport): string[] {
  const own = attribution.allocations.filter(isAuto)
  return [...new Set(own.flatMap((allocation) => rolesOf(allocation, report)))]
}

/**
 * Judges whether the server enforces the declared budgets.
 *
 * @param rights of the roles of {@link autoRoles}
 */
export function judgeAuto(
  attribution: Attribution,
  report: DatabaseReport,
  rights: readonly RoleRights[],
): AutoResult {
  const own = attribution.allocations.filter(isAuto)
  const failures: AutoProblem[] = []
  const warnings: AutoProblem[] = []
  if (own.length > 0 && report.session.behindPooler === true) {
    // The roles and limits of the server are not those of a pooler's clients.
    failures.push({ kind: "pooler", consumers: own.map(({ name }) => name) })
    return { failures, warnings, rights: [] }
  }
  for (const allocation of own) {
    const roles = rolesOf(allocation, report)
    const consumer = allocation.name
    if (roles.length === 0) warnings.push({ kind: "unknown role", consumer })
    if (roles.length > 1) warnings.push({ kind: "several roles", consumer, roles })
  }
  for (const role of autoRoles(attribution, report)) {
    const users = attribution.allocations.filter(
      (allocation) => allocation.kind !== "reserved" && rolesOf(allocation, report).includes(role),
    )
    const found = rights.find((each) => each.role === role)
    const problems = problemsOf(role, users, found, report)
    failures.push(...problems.filter(({ kind }) => kind !== "no limit"))
    warnings.push(...problems.filter(({ kind }) => kind === "no limit"))
    const assumed = users.filter(isAssumed)
    if (problems.length > 0 && assumed.length > 0)
      warnings.push({ kind: "assumed role", role, consumers: assumed.map(({ name }) => name) })
  }
  return { failures, warnings, rights }
}

/** What is wrong with a role, for all that is declared to use it. */
function problemsOf(
  role: string,
  users: readonly Allocation[],
  rights: RoleRights | undefined,
  report: DatabaseReport,
): AutoProblem[] {
  const uses = users.map(({ name, budget, declaredInDeploy }) => ({
    name,
    connections: budget ?? declaredInDeploy,
  }))
  const declared = sum(uses, ({ connections }) => connections)
  if (rights === undefined) return [{ kind: "no such role", role, uses }]
  const { isSuperuser, limit } = rights
  if (isSuperuser) return [{ kind: "superuser", role, uses }]
  const ofRole: AutoProblem[] =
    limit < 0
      ? [{ kind: "no limit", role, uses }]
      : limit === declared
        ? []
        : [{ kind: "other limit", role, limit, uses }]
  return [
    ...ofRole,
    ...smallDatabases(users, declared, report).map((each): AutoProblem => ({ ...each, role, uses })),
  ]
}

/** One without instances has no budget either. */
const isAuto = ({ budget = 0 }: Allocation): boolean => budget > 0

/**
 * The roles of an allocation: those that are declared for it, else those with which it is seen, else that of the inspection.
 * Of a declared prefix only what is seen has a whole name.
 */
function rolesOf({ roles, shares }: Allocation, { session }: DatabaseReport): string[] {
  const seen = [...new Set(shares.flatMap(({ user }) => user ?? []))]
  if (roles.length > 0) {
    const whole = roles.filter((role) => !role.endsWith("*"))
    const others = roles.filter((role) => role.endsWith("*"))
    return [...new Set([...whole, ...seen.filter((role) => others.some((each) => isMeant(each, role)))])]
  }
  return seen.length > 0 ? seen : [session.role]
}

const isAssumed = ({ roles, seen }: Allocation): boolean => roles.length === 0 && seen === 0

/** The databases whose limit is below what is declared for a role. */
function smallDatabases(
  users: readonly Allocation[],
  declared: number,
  { session, ceiling: { databaseLimits } }: DatabaseReport,
): { readonly kind: "small database"; readonly database: string; readonly limit: number }[] {
  const seen = new Set(users.flatMap(({ shares }) => shares.flatMap(({ database }) => database ?? [])))
  return [...(seen.size > 0 ? seen : [session.database])].flatMap((database) => {
    const limit = Object.hasOwn(databaseLimits, database) ? databaseLimits[database] : undefined
    return limit === undefined || limit >= declared ? [] : [{ kind: "small database", database, limit }]
  })
}
