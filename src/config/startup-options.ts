import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import { URL_PARAMETERS, type UrlValues } from "./url-values.ts"

/**
 * The start-up `options` of a URL: its own, the schema as `search_path` for raw SQL, and the settings of the server that
 * it names. With `pgbouncer=true` only what routes the connection is left, since PgBouncer refuses the rest.
 *
 * A `search_path` of the user's own that names the schema is wider, and stays as it is. A session `SET` would do the
 * same, and behind a transaction pooler show one tenant another tenant's rows.
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

/** Parameters that are settings of the server, rather than a text of several. */
const SERVER_SETTINGS = URL_PARAMETERS.filter(
  ({ isStartupParameter, kind }) => isStartupParameter && kind === "number",
).map(({ parameter }) => parameter)

/** The server splits options at white space. */
const setting = (name: string, value: string) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`

/** One of several start-up options. */
export interface StartupOption {
  /** As it stands in the text. */
  readonly raw: string
  /** A switch is for the server; anything else (`endpoint=…`, `reference=…`) tells a pooler where to connect to. */
  readonly isSwitch: boolean
  /** What a switch sets, as the server spells it; undefined where it is no `-c name=value` or `--name=value`. */
  readonly name: string | undefined
  readonly value: string | undefined
}

// A backslash escapes white space, and some switches have their value in the next word:
// process_postgres_switches in https://github.com/postgres/postgres/blob/master/src/backend/tcop/postgres.c
const OPTION = /(?:-[cBCDdfhkNprStvW][ \t-\r]+)?(?:\\.?|[^\\ \t-\r])+/gs
const SETTING = /^-(?:-|c\s*)([^=]+)=(.*)$/s

/** Takes start-up options apart as the server does. */
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

/** The search_path that start-up options set, as the server answers to `SHOW search_path`. */
export const searchPathIn = (options: string) =>
  readStartupOptions(options).findLast(({ name }) => name === "search_path")?.value

/** Whether a search_path names this schema, alone or among others. */
export function isInSearchPath(schema: string, searchPath = ""): boolean {
  const names = searchPath.match(/"(?:[^"]|"")*"|[^,\s"]+/g) ?? []
  return names.some((name) => unquoted(name) === schema)
}

/** The server folds the ASCII letters of a name without quotes. */
const unquoted = (name: string) =>
  name.startsWith('"')
    ? name.slice(1, -1).replaceAll('""', '"')
    : name.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
