import leven from "leven"
import type { PoolConfigIssue } from "../error.ts"
import type { DatabaseUrl } from "./database-url.ts"
import { OPTIONS } from "./options.ts"
import { readStartupOptions } from "./startup-options.ts"
import { findConflicts } from "./url-conflicts.ts"
import { isMinimumSize, MARKERS, UNSUPPORTED_PARAMETERS } from "./url-options.ts"
import { URL_PARAMETERS, type UrlValues } from "./url-values.ts"

/**
 * Parameters of a URL that do not do what they say: misspelt, unknown, given twice, without effect here, or
 * contradicting each other. Warnings at run time, errors in CI.
 */
export function urlWarnings(url: DatabaseUrl, values: UrlValues): PoolConfigIssue[] {
  const names = [...new Set(url.parameters.map(({ name }) => name))]
  return [
    ...names.flatMap((name) => unknown(name) ?? []),
    ...names.filter((name) => isTwice(url, name)).map(twice),
    ...notSentThroughPgbouncer(names, values),
    ...findConflicts(url, values),
  ]
}

const KNOWN = new Set([...URL_PARAMETERS.map(({ parameter }) => parameter), ...MARKERS])
const NO_MINIMUM_SIZE =
  "connection_limit is the maximum. For connections that are open in advance set PRISMA_POOL_MIN_IDLE, or minIdle in the options of createPool"

function unknown(name: string): PoolConfigIssue | undefined {
  if (KNOWN.has(name)) return undefined
  const reason = Object.hasOwn(UNSUPPORTED_PARAMETERS, name)
    ? UNSUPPORTED_PARAMETERS[name]
    : isMinimumSize(name)
      ? NO_MINIMUM_SIZE
      : undefined
  if (reason !== undefined) return { name, problem: "has no effect here", remedy: reason }
  const meant = closestParameter(name)
  const problem = "is not a known parameter"
  return {
    name,
    problem,
    remedy: meant === undefined ? "Remove it" : `Did you mean ${meant}? If not, remove it`,
  }
}

const isTwice = (url: DatabaseUrl, name: string) =>
  url.parameters.filter((parameter) => parameter.name === name).length > 1

const twice = (name: string): PoolConfigIssue => ({
  name,
  problem: "is given more than once, and the last one counts",
  remedy: "Keep one of them",
})

function notSentThroughPgbouncer(names: readonly string[], values: UrlValues): PoolConfigIssue[] {
  if (!values.pgbouncer) return []
  const settings = readStartupOptions(values.startupOptions ?? "").flatMap(({ isSwitch, name, raw }) =>
    isSwitch ? (name ?? raw.slice(0, 2)) : [],
  )
  const notSent = "not sent with pgbouncer=true, since PgBouncer would refuse it"
  return URL_PARAMETERS.filter(
    ({ isStartupParameter, parameter }) => isStartupParameter && names.includes(parameter),
  ).flatMap(({ parameter }) => {
    // The rest of `options` routes the connection, and is sent.
    const isOptions = parameter === OPTIONS.startupOptions.parameter
    if (isOptions && settings.length === 0) return []
    const problem = isOptions ? `sets ${settings.join(", ")}, which is ${notSent}` : `is ${notSent}`
    return { name: parameter, problem, remedy: "Set it on the server: ALTER ROLE … IN DATABASE … SET …" }
  })
}

/** Normalises a spelling: `connectionTimeoutMillis`, `connection-timeout-millis` and `connection_timeout_millis` are one name. */
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "")

/** The known parameter that is closest to `name`; undefined where none is close enough. */
export function closestParameter(name: string): string | undefined {
  const written = plain(name)
  let closest: string | undefined
  // A third of the name may be wrong: connection_timeout is three letters away from connect_timeout.
  let distance = Math.floor(written.length / 3) + 1
  for (const { parameter, aliases = [] } of URL_PARAMETERS) {
    for (const candidate of [parameter, ...aliases]) {
      const letters = leven(written, plain(candidate), { maxDistance: distance })
      if (letters < distance) [closest, distance] = [parameter, letters]
    }
  }
  return closest
}
