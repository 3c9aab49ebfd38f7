import { label } from "../../error.ts"
import type { AutoProblem, AutoResult, RoleUse } from "../../monitor/inspect/auto-preflight.ts"
import { sum } from "../../monitor/inspect/group-connections.ts"
import type { RoleRights } from "../../monitor/inspect/limit-rights.ts"
import type { ReportSection } from "./report-sections.ts"
import { identifier } from "./sql-identifier.ts"

/** From this version on, CREATEROLE alone does not alter every role. */
const ADMIN_OPTION_SINCE = 160_000

/** The role that asks, and the version of its server. */
export interface Asker {
  readonly role: string
  readonly isSuperuser: boolean
  readonly versionNumber: number
}

/**
 * Renders what a server does for the consumers whose size is `auto`; nothing where there are none.
 *
 * @param others warnings of their declaration, which are the first
 */
export function autoSections(
  { failures, warnings, rights }: AutoResult,
  asker: Asker,
  others: readonly string[] = [],
): ReportSection[] {
  return [
    { heading: "The budgets of auto do not hold", lines: [], problems: failures },
    { heading: "Warnings", lines: others, problems: warnings },
  ]
    .map(
      ({ heading, lines, problems }): ReportSection => ({
        heading,
        lines: [...lines, ...problems.map(textOf)],
        sql: problems.flatMap(statementOf),
      }),
    )
    .concat({
      heading: "Who may set the CONNECTION LIMIT",
      lines: rights.filter(({ isSuperuser }) => !isSuperuser).map((each) => setterLine(each, asker)),
    })
}

function textOf(problem: AutoProblem): string {
  switch (problem.kind) {
    case "pooler":
      return `${problem.consumers.map(label).join(", ")}: auto is off behind a pooler, and the URL leads to one. Connect to the server itself, or declare a number`
    case "superuser":
      return `${named(problem.uses)}: auto is off, since role ${label(problem.role)} is a superuser, whom no CONNECTION LIMIT binds. Connect as an ordinary role`
    case "no such role":
      return `${named(problem.uses)}: role ${label(problem.role)} is not on this server. Create it, or correct it under roles`
    case "other limit":
      return `role ${label(problem.role)} has CONNECTION LIMIT ${problem.limit}, but ${declared(problem.uses)}: set one to the other`
    case "small database":
      return `database ${label(problem.database)} has CONNECTION LIMIT ${problem.limit}, but ${declared(problem.uses)} for role ${label(problem.role)}: raise it, with room for its owner, monitoring and migrations`
    case "no limit":
      return `role ${label(problem.role)} has no CONNECTION LIMIT, so that nothing but the pools keeps to the budget: ${declared(problem.uses)}`
    case "unknown role":
      return `${label(problem.consumer)}: roles has only the beginning of its role's name, and it is not connected, so that its limit is not known`
    case "assumed role":
      return `${problem.consumers.map(label).join(", ")}: no role is declared or connected, so that ${label(problem.role)}, which asks, counts as theirs. Name it under roles`
    case "several roles":
      return `${label(problem.consumer)}: connects with ${problem.roles.length} roles (${problem.roles.map(label).join(", ")}), each of which allows the whole budget. Use one`
    default:
      return problem satisfies never
  }
}

/** The statement that makes a limit what is declared. */
function statementOf(problem: AutoProblem): string[] {
  if (problem.kind !== "other limit" && problem.kind !== "no limit") return []
  const role = identifier(problem.role)
  return role === undefined ? [] : [`ALTER ROLE ${role} CONNECTION LIMIT ${connectionsOf(problem.uses)};`]
}

const connectionsOf = (uses: readonly RoleUse[]): number => sum(uses, ({ connections }) => connections)

const named = (uses: readonly RoleUse[]): string => uses.map(({ name }) => label(name)).join(", ")

/** `60 are declared (api 40, worker 20)`. */
const declared = (uses: readonly RoleUse[]): string =>
  `${connectionsOf(uses)} are declared (${uses.map(({ name, connections }) => `${label(name)} ${connections}`).join(", ")})`

function setterLine(
  { role, mayLimit, hasCreateRole, others }: RoleRights,
  { role: asking, isSuperuser, versionNumber }: Asker,
): string {
  const own = label(asking)
  const who = `of role ${label(role)}: ${["a superuser", ...others.map(label)].join(", ")}`
  if (mayLimit) return isSuperuser ? who : `${who}, and ${own}, which asks`
  const why =
    hasCreateRole && versionNumber >= ADMIN_OPTION_SINCE
      ? `which has CREATEROLE without ADMIN OPTION on ${label(role)}`
      : "which asks"
  return `${who}; not ${own}, ${why}`
}
