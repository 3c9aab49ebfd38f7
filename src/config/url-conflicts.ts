import type { PoolConfigIssue } from "../error.ts"
import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import { defaultPoolTimeout, OPTIONS } from "./options.ts"
import { isInSearchPath, searchPathIn } from "./startup-options.ts"
import { tlsPolicy } from "./tls-policy.ts"
import type { UrlValues } from "./url-values.ts"

type Rule = readonly [isBroken: boolean, name: string, problem: string, remedy: string]

/** Parameters that contradict each other, so that one of them cannot take effect. */
export function findConflicts(url: DatabaseUrl, values: UrlValues): PoolConfigIssue[] {
  return [...timeoutRules(values), ...tlsRules(url, values), ...otherRules(url, values)]
    .filter(([isBroken]) => isBroken)
    .map(([, name, problem, remedy]) => ({ name, problem, remedy }))
}

function timeoutRules({ poolTimeout, connectTimeout, socketTimeout, queryTimeout = 0 }: UrlValues): Rule[] {
  const connecting = connectTimeout === 0 ? "which has no limit" : `${connectTimeout} s`
  const { poolTimeout: pool, connectTimeout: connect } = OPTIONS
  const longer = defaultPoolTimeout(connectTimeout)
  const shorter = Math.min(connect.default, poolTimeout - 1)
  // A pool_timeout of 1 has no connect_timeout below it.
  const both = connectTimeout === 0 && shorter <= 0
  const remedies = [
    ...(both ? [`Leave out ${pool.parameter} and ${connect.parameter}`] : []),
    ...(connectTimeout === 0
      ? []
      : [`Leave out ${pool.parameter}, or write ${pool.parameter}=${longer} (${pool.variable})`]),
    ...(shorter > 0 ? [`write ${connect.parameter}=${shorter} (${connect.variable})`] : []),
  ]
  return [
    [
      poolTimeout > 0 && (connectTimeout === 0 || connectTimeout >= poolTimeout),
      pool.parameter,
      `(${poolTimeout} s) is not longer than ${connect.parameter} (${connecting}), so that a server that cannot be reached looks like a full pool`,
      capitalised(remedies.join(", or ")),
    ],
    [
      socketTimeout > 0 && queryTimeout > 0,
      "query_timeout",
      "is ignored because socket_timeout is set",
      "Keep one of them",
    ],
  ]
}

const capitalised = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Parameters that have an effect only on a TLS connection. */
const TLS_PARAMETERS = [
  "sslaccept",
  "sslcert",
  "sslrootcert",
  "sslkey",
  "sslidentity",
  "sslpassword",
  "sslnegotiation",
  "ssl_min_protocol_version",
  "ssl_max_protocol_version",
]

function tlsRules(url: DatabaseUrl, values: UrlValues): Rule[] {
  const { tls, verify } = tlsPolicy(url, values)
  const { sslmode, sslaccept, sslMinProtocolVersion: min = "", sslMaxProtocolVersion: max = "~" } = values
  // `sslrootcert=system` names no file, and was refused already where nothing is verified.
  const has = (name: string) => {
    const value = parameterOf(url, name) ?? ""
    return value !== "" && !(name === "sslrootcert" && value === "system")
  }
  const isSocket = url.server.host.startsWith("/")
  const isOff = tls === "off"
  const isUnverified = !isOff && verify === "none"
  const verifies = verify !== "none"
  const hasCa = has("sslrootcert") || (has("sslcert") && !has("sslkey"))
  const caName = has("sslrootcert") ? "sslrootcert" : "sslcert"
  return [
    ...TLS_PARAMETERS.map(
      (name): Rule => [
        isOff && has(name),
        name,
        "has no effect without TLS",
        "Remove it, or sslmode=disable",
      ],
    ),
    [
      has("ssl") && has("sslmode"),
      "ssl",
      "is ignored because sslmode is set",
      "Keep sslmode, which Prisma documents",
    ],
    [
      values.channelBinding === "require" && (isOff || isSocket),
      "channel_binding",
      "is require, and there is no TLS to bind to",
      "Write sslmode=require or stricter, or channel_binding=prefer",
    ],
    [tls === "required" && isSocket, "sslmode", `is ${sslmode}, and a Unix socket has no TLS`, "Remove it"],
    [
      isUnverified && hasCa,
      caName,
      "is ignored because nothing is verified",
      "Write sslmode=verify-full or sslaccept=strict",
    ],
    [
      verifies && sslaccept === "accept_invalid_certs",
      "sslaccept",
      `is ignored because sslmode=${sslmode} verifies`,
      "Remove one of them",
    ],
    [
      verifies && sslmode === "no-verify",
      "sslmode",
      "is ignored because sslaccept=strict verifies",
      "Write sslmode=require",
    ],
    [
      tls === "optional" && values.sslnegotiation === "direct",
      "sslnegotiation",
      "is ignored because TLS is optional",
      "Write sslmode=require or stricter",
    ],
    [!isOff && min > max, "ssl_min_protocol_version", "is newer than ssl_max_protocol_version", "Swap them"],
    [
      !isOff && has("sslkey") && !has("sslcert"),
      "sslkey",
      "has no effect without its certificate",
      "Name the client's certificate in sslcert",
    ],
    [
      !isOff && has("sslkey") && has("sslidentity"),
      "sslkey",
      "is ignored because sslidentity is set, which contains a key too",
      "Keep one of them",
    ],
    [
      !isOff && has("sslpassword") && !has("sslidentity") && !has("sslkey"),
      "sslpassword",
      "has no effect without sslidentity or sslkey",
      "Remove it",
    ],
  ]
}

/** The limit for each instance of Cloud Run, App Engine and Cloud Functions: https://cloud.google.com/sql/docs/quotas */
const MAX_BY_CLOUD_SQL_SOCKET = 100

function otherRules(url: DatabaseUrl, values: UrlValues): Rule[] {
  const { pgbouncer, statementCacheSize, startupOptions = "", schema } = values
  const path = searchPathIn(startupOptions)
  const isCloudSql = url.server.host.startsWith("/cloudsql/")
  return [
    [
      isCloudSql && values.connectionLimit > MAX_BY_CLOUD_SQL_SOCKET,
      OPTIONS.connectionLimit.parameter,
      `(${values.connectionLimit}) is more than the ${MAX_BY_CLOUD_SQL_SOCKET} connections that Google Cloud gives an instance through /cloudsql`,
      `Write ${OPTIONS.connectionLimit.parameter}=${MAX_BY_CLOUD_SQL_SOCKET}, or connect to the server's address`,
    ],
    [
      pgbouncer === true && statementCacheSize > 0,
      "statement_cache_size",
      "has no effect with pgbouncer=true",
      "Remove it",
    ],
    [
      schema !== undefined && path !== undefined && !isInSearchPath(schema, path) && !pgbouncer,
      "options",
      "sets a search_path without schema, which counts",
      "Name the schema in it, or keep one of them",
    ],
    [
      values.keepalives === "0" && parameterOf(url, "keepalives_idle") !== undefined,
      "keepalives_idle",
      "has no effect with keepalives=0",
      "Remove one of them",
    ],
  ]
}
