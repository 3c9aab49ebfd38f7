import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import { URL_PARAMETERS, type UrlValues } from "./url-values.ts"

/**
 * The start-up `options` of a URL: its own, the schema as `search_path` for raw SQL, and the server settings that
 * it names. With `pgbouncer=true` only options that route the connection are left, since PgBouncer refuses the rest.
 *
 * A `search_path` in the URL that includes the schema is wider, and stays as it is.
 *
 * A session `SET` would have the same effect. Behind a transaction pooler, however, the next client of that server
 * connection would inherit it, and one tenant would see another tenant's rows.
 */
export function startupOptions(url: DatabaseUrl, values: UrlValues): string {
  const { startupOptions: own = "", schema, pgbouncer } = values
  if (pgbouncer) return routing(own)
  const settings = SERVER_SETTINGS.flatMap((name) => {
    const value = parameterOf(url, name)
    return value === undefined ? [] : setting(name, value)
  })
  const isNamed = schema === undefined || isInSearchPath(schema, searchPathIn(own))
  const searchPath = isNamed ? [] : setting("search_path", `"${schema.replaceAll('"', '""')}"`)
  return [own, searchPath, settings].flat().filter(Boolean).join(" ")
}

/** Parameters that are one setting of the server each; `options` is a string of several. */
const SERVER_SETTINGS = URL_PARAMETERS.filter(
  ({ isStartupParameter, kind }) => isStartupParameter && kind === "number",
).map(({ parameter }) => parameter)

/** The server splits options at white space. */
const setting = (name: string, value: string) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`

/** One of several start-up options. */
export interface StartupOption {
  /** As written in the string. */
  readonly raw: string
  /** True for a switch, which is for the server. Anything else (`endpoint=…`, `reference=…`) routes a pooler's connection. */
  readonly isSwitch: boolean
  /** The setting that a switch sets, in the server's spelling; undefined unless it is `-c name=value` or `--name=value`. */
  readonly name: string | undefined
  readonly value: string | undefined
}

// A backslash escapes white space, and some switches have their value in the next word:
// process_postgres_switches in https://github.com/postgres/postgres/blob/master/src/backend/tcop/postgres.c
const OPTION = /(?:-[cBCDdfhkNprStvW][ \t-\r]+)?(?:\\.?|[^\\ \t-\r])+/gs
const SETTING = /^-(?:-|c\s*)([^=]+)=(.*)$/s

/** Splits start-up options as the server does. */
export function readStartupOptions(text: string): StartupOption[] {
  return (text.match(OPTION) ?? []).map((raw) => {
    const [, name, value] = SETTING.exec(raw.replace(/\\(.?)/gs, "$1")) ?? []
    return { raw, isSwitch: raw.startsWith("-"), name: name?.replaceAll("-", "_").toLowerCase(), value }
  })
}

const routing = (options: string) =>
  readStartupOptions(options)
    .filter(({ isSwitch }) => !isSwitch)
    .map(({ raw }) => raw)
    .join(" ")

/** The search_path that start-up options set, in the form of the server's answer to `SHOW search_path`. */
export const searchPathIn = (options: string) =>
  readStartupOptions(options).findLast(({ name }) => name === "search_path")?.value

/** Tells whether a search_path names this schema, alone or among others. */
export const isInSearchPath = (schema: string, searchPath = "") => schemasIn(searchPath).includes(schema)

/** Tells whether two search_paths name the same schemas. A pooler that sends it on may have written it anew. */
export const isSameSearchPath = (one: string, other: string) =>
  JSON.stringify(schemasIn(one)) === JSON.stringify(schemasIn(other))

const schemasIn = (searchPath: string) => (searchPath.match(/"(?:[^"]|"")*"|[^,\s"]+/g) ?? []).map(unquoted)

/** Removes the quotes of a name. The server folds the ASCII letters of a name without quotes to lower case. */
const unquoted = (name: string) =>
  name.startsWith('"')
    ? name.slice(1, -1).replaceAll('""', '"')
    : name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
