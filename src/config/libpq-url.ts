import { PoolConfigError, type PoolConfigIssue } from "../error.ts"
import { type DatabaseUrl, newParameter, parameterOf, type UrlServer, urlText } from "./database-url.ts"
import type { Option } from "./option.ts"
import { optionValue } from "./option-value.ts"
import { parseDatabaseUrl } from "./parse-database-url.ts"
import { startupOptions } from "./startup-options.ts"
import { caFiles, systemCaIssues, tlsPolicy } from "./tls-policy.ts"
import { readUrlValues, type UrlValues } from "./url-values.ts"

/**
 * Parameters that libpq accepts as they are, from PostgreSQL 13 on. An older `psql` would refuse newer ones.
 * https://www.postgresql.org/docs/13/libpq-connect.html#LIBPQ-PARAMKEYWORDS
 */
const LIBPQ = [
  "application_name",
  "channel_binding",
  "connect_timeout",
  "fallback_application_name",
  "keepalives",
  "keepalives_idle",
  "ssl_max_protocol_version",
  "ssl_min_protocol_version",
] as const

const description = "of libpq alone"
const TEXT = { kind: "text", description } as const
const COUNT = { kind: "number", min: 0, max: 2_147_483_647, description } as const

/** Parameters without a row in the option table. Read as strictly as libpq does, which refuses a URL only when it is used. */
const LIBPQ_ONLY: Readonly<Record<string, Option>> = {
  client_encoding: TEXT,
  gssencmode: { kind: "choice", choices: ["disable", "prefer", "require"], description },
  gsslib: TEXT,
  keepalives_count: { ...COUNT, unit: "probes" },
  keepalives_interval: { ...COUNT, unit: "seconds" },
  krbsrvname: TEXT,
  passfile: TEXT,
  requirepeer: TEXT,
  sslcompression: { kind: "choice", choices: ["0", "1"], description },
  sslcrl: TEXT,
  target_session_attrs: {
    kind: "choice",
    choices: ["any", "read-write", "read-only", "primary", "standby", "prefer-standby"],
    description,
  },
  tcp_user_timeout: { ...COUNT, unit: "milliseconds" },
}

/**
 * The same database for `psql`, `pg_dump` and every other program built on libpq, which refuses a URL with
 * Prisma's parameters in it.
 *
 * - Pool parameters are left out.
 * - `schema`, `statement_timeout`, `lock_timeout` and `idle_in_transaction_session_timeout` become start-up `options`.
 *   With `pgbouncer=true` they are left out, and only options that route the connection stay.
 * - `sslcert`, Prisma's name for the CA, becomes `sslrootcert`; `sslaccept=strict` becomes `sslmode=verify-full`.
 * - A bare `sslmode=require` stays, and libpq does not verify it.
 * - Paths stay as they are: libpq does not look in `./prisma`. A PKCS#12 `sslidentity` has no equivalent.
 *
 * The result contains the password: it is a URL to connect with, not one to log.
 *
 * Give `pg_dump` a direct connection: behind a transaction pooler its session settings may stay with the server's
 * connection. The schema does not restrict a dump; `pg_dump -n` does.
 *
 * @param url any PostgreSQL URL that Prisma accepts
 * @throws {PoolConfigError} naming everything that is wrong in the URL, all at once
 * @example
 * ```ts
 * toLibpqUrl("postgresql://app:s3cret@db/core?schema=core&connection_limit=15&connect_timeout=10")
 * // "postgresql://app:s3cret@db:5432/core?options=-c%20search_path%3D%22core%22&connect_timeout=10"
 * ```
 */
export function toLibpqUrl(url: string): string {
  const issues: PoolConfigIssue[] = []
  const parsed = parseDatabaseUrl(url, "url", issues)
  if (parsed === undefined) throw new PoolConfigError(issues)
  return urlText(libpqUrl(parsed))
}

/** {@link toLibpqUrl} for a parsed URL. */
export function libpqUrl(url: DatabaseUrl): DatabaseUrl {
  const issues: PoolConfigIssue[] = []
  const values = readUrlValues(url, issues)
  issues.push(...systemCaIssues(url, values))
  const ofLibpq = libpqParameters(url, issues)
  if (issues.length > 0) throw new PoolConfigError(issues)
  const { server } = url
  const isSocket = server.host.startsWith("/")
  const parameters: [name: string, value: string | undefined][] = [
    ["host", isSocket ? server.host : undefined],
    ["options", startupOptions(url, values) || undefined],
    ...tlsParameters(url, values),
    ...ofLibpq,
  ]
  const set = parameters.flatMap(([name, value]) => (value === undefined ? [] : newParameter(name, value)))
  return {
    base: `postgresql://${authority(server, isSocket)}/${encodeURIComponent(server.database)}`,
    pieces: set.length > 0 ? set : undefined,
    parameters: set,
    server,
  }
}

function libpqParameters(url: DatabaseUrl, issues: PoolConfigIssue[]): [string, string | undefined][] {
  for (const [name, option] of Object.entries(LIBPQ_ONLY)) {
    const value = parameterOf(url, name)
    if (value) optionValue(option, name, value, issues)
  }
  return [...LIBPQ, ...Object.keys(LIBPQ_ONLY)].map((name) => [name, parameterOf(url, name) || undefined])
}

function authority({ user = "", password, host, port }: UrlServer, isSocket: boolean): string {
  const secret = password === undefined ? "" : `:${encodeURIComponent(password)}`
  const login = user === "" && secret === "" ? "" : `${encodeURIComponent(user)}${secret}@`
  const address = isSocket
    ? ""
    : host.includes(":")
      ? `[${host.replaceAll("%", "%25")}]`
      : encodeURIComponent(host)
  return `${login}${address}:${port}`
}

function tlsParameters(url: DatabaseUrl, values: UrlValues): [string, string | undefined][] {
  const { sslcert, sslkey, sslpassword, sslrootcert, sslaccept, sslmode } = values
  const ca = sslrootcert ?? caFiles(values)[0]?.path
  const client =
    sslkey === undefined
      ? []
      : ([
          ["sslcert", sslcert],
          ["sslkey", sslkey],
          ["sslpassword", sslpassword],
        ] as [string, string | undefined][])
  return [["sslmode", libpqMode()], ["sslrootcert", ca], ...client]

  function libpqMode(): string | undefined {
    const { tls, verify } = tlsPolicy(url, values)
    const isSilent = ["sslmode", "ssl", "sslaccept"].every((name) => parameterOf(url, name) === undefined)
    if (isSilent && sslrootcert !== "system") return undefined
    if (tls === "off") return "disable"
    if (verify === "chain") return "verify-ca"
    // Without a CA libpq has nothing to verify with, and refuses. So verify only where the URL asks for it by name.
    const asked = ca !== undefined || sslaccept === "strict" || sslmode.startsWith("verify")
    if (verify === "full" && asked) return "verify-full"
    return tls === "optional" ? "prefer" : "require"
  }
}
