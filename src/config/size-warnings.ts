import { type DatabaseName, sizeVariable, urlVariable, withSuffix } from "./database-variables.ts"
import { type Environment, nonEmpty } from "./environment.ts"
import { OPTIONS } from "./options.ts"

/** The variables that have an effect only with `auto`. */
const AUTO_ONLY = [OPTIONS.maxSize.variable, OPTIONS.budget.variable]

/** Warns of variables about the size that are set, and do nothing. */
export function sizeWarnings(env: Environment, database: DatabaseName, isAuto: boolean): string[] {
  return [...unreadWarnings(env, database, isAuto), ...(isAuto ? [] : withoutAuto(env, database))]
}

/** Of those without a suffix, which no database reads: a database with a suffix silently gets the default. */
function unreadWarnings(env: Environment, database: DatabaseName, isAuto: boolean): string[] {
  if (database === undefined || nonEmpty(env, urlVariable(undefined)) !== undefined) return []
  return [OPTIONS.connectionLimit.variable, ...(isAuto ? AUTO_ONLY : [])].flatMap((variable) => {
    const own = withSuffix(variable, database)
    const isUnread = nonEmpty(env, variable) !== undefined && nonEmpty(env, own) === undefined
    return isUnread ? [`${variable} is set, and is not read for ${urlVariable(database)}. Set ${own}.`] : []
  })
}

/** Of the database's own variables: those of a replica's primary may well have their effect there. */
function withoutAuto(env: Environment, database: DatabaseName): string[] {
  return AUTO_ONLY.map((variable) => withSuffix(variable, database))
    .filter((own) => nonEmpty(env, own) !== undefined)
    .map((own) => `${own} is set, and has no effect without ${sizeVariable(database)}=auto.`)
}
