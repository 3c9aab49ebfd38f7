import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import { URL_PARAMETERS, type UrlValues } from "./url-values.ts"

/**
 * The start-up `options` that a URL asks for: its own, the schema as `search_path` for raw SQL, and the settings
 * of the server that it names. Empty with `pgbouncer=true`, since PgBouncer refuses them.
 *
 * A session `SET` would do the same, and behind a transaction pooler show one tenant another tenant's rows.
 */
export function startupOptions(url: DatabaseUrl, values: UrlValues): string {
  if (values.pgbouncer) return ""
  const { startupOptions: own = "", schema } = values
  const settings = SERVER_SETTINGS.flatMap((name) => {
    const value = parameterOf(url, name)
    return value === undefined ? [] : setting(name, value)
  })
  const searchPath = schema === undefined ? [] : setting("search_path", searchPathOf(schema))
  return [own, searchPath, settings].flat().filter(Boolean).join(" ")
}

/** The schema, quoted for SQL, as the server answers to `SHOW search_path`. */
export const searchPathOf = (schema: string) => `"${schema.replaceAll('"', '""')}"`

/** Parameters that are settings of the server, rather than a text of several. */
const SERVER_SETTINGS = URL_PARAMETERS.filter(
  ({ isStartupParameter, kind }) => isStartupParameter && kind === "number",
).map(({ parameter }) => parameter)

/** The server splits options at white space. */
const setting = (name: string, value: string) => `-c ${name}=${value.replace(/[\\\s]/g, "\\$&")}`
