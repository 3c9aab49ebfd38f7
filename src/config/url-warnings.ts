import type { PoolConfigIssue } from "../error.ts"
import { closestParameter } from "./closest-parameter.ts"
import type { DatabaseUrl } from "./database-url.ts"
import { OPTIONS } from "./options.ts"
import { caFiles, tlsPolicy } from "./tls-policy.ts"
import { WITHOUT_EFFECT } from "./url-options.ts"
import { URL_ROWS, type UrlValues } from "./url-values.ts"

/**
 * What a URL has that cannot do what it says: parameters that are misspelt, unknown, given twice, without effect
 * here, or at odds with each other. Warnings at run time, errors in CI.
 */
export function urlWarnings(url: DatabaseUrl, values: UrlValues): PoolConfigIssue[] {
  const names = [...new Set(url.parameters.map(({ name }) => name))]
  return [
    ...names.flatMap((name) => unknown(name) ?? []),
    ...names.filter((name) => isTwice(url, name)).map(twice),
    ...notSentThroughPgbouncer(names, values),
    ...contradictions(url, values),
  ]
}

const KNOWN = new Set(URL_ROWS.map(({ parameter }) => parameter))

function unknown(name: string): PoolConfigIssue | undefined {
  if (KNOWN.has(name)) return undefined
  const reason = Object.hasOwn(WITHOUT_EFFECT, name) ? WITHOUT_EFFECT[name] : undefined
  if (reason !== undefined) return { name, problem: "has no effect here", remedy: reason }
  const meant = closestParameter(name)
  const problem = "is not a parameter that takes effect"
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

function notSentThroughPgbouncer(names: readonly string[], { pgbouncer }: UrlValues): PoolConfigIssue[] {
  if (!pgbouncer) return []
  return URL_ROWS.filter(({ atStartUp, parameter }) => atStartUp && names.includes(parameter)).map(
    ({ parameter }) => ({
      name: parameter,
      problem: "is not sent with pgbouncer=true, since PgBouncer would refuse it",
      remedy: "Set it on the server: ALTER ROLE … IN DATABASE … SET …",
    }),
  )
}

function contradictions(url: DatabaseUrl, values: UrlValues): PoolConfigIssue[] {
  return [...maskedConnectTimeout(values), ...tlsContradictions(url, values)]
}

function maskedConnectTimeout({ poolTimeout, connectTimeout }: UrlValues): PoolConfigIssue[] {
  if (poolTimeout === 0 || (connectTimeout > 0 && connectTimeout < poolTimeout)) return []
  const limit = connectTimeout === 0 ? "which has no limit" : `${connectTimeout} s`
  return [
    {
      name: OPTIONS.poolTimeout.parameter,
      problem: `(${poolTimeout} s) is not longer than ${OPTIONS.connectTimeout.parameter} (${limit}), so that a server that cannot be reached looks like a full pool`,
      remedy: `Set ${OPTIONS.connectTimeout.variable} or the parameter below ${OPTIONS.poolTimeout.variable}`,
    },
  ]
}

function tlsContradictions(url: DatabaseUrl, values: UrlValues): PoolConfigIssue[] {
  const { sslmode, sslaccept, sslkey, sslcert, sslidentity, sslpassword, sslnegotiation } = values
  const { tls, verify } = tlsPolicy(url, values)
  const found: PoolConfigIssue[] = []
  const add = (name: string, problem: string, remedy: string) => found.push({ name, problem, remedy })

  if (tls === "off") {
    const idle = { sslaccept, sslcert, sslkey, sslidentity, sslnegotiation, sslrootcert: values.sslrootcert }
    for (const [name, value] of Object.entries(idle)) {
      if (value !== undefined) add(name, "has no effect without TLS (sslmode=disable)", "Remove one of them")
    }
    return found
  }
  if (verify === "none") {
    for (const { parameter } of caFiles(values)) {
      add(
        parameter,
        "is not used, since nothing is verified",
        "Write sslmode=verify-full or sslaccept=strict",
      )
    }
  } else if (sslaccept === "accept_invalid_certs") {
    add("sslaccept", `is not followed, since sslmode=${sslmode} verifies`, "Remove one of them")
  } else if (sslmode === "no-verify") {
    add("sslmode", "is not followed, since sslaccept=strict verifies", "Write sslmode=require")
  }
  if (tls === "optional" && sslnegotiation === "direct") {
    add("sslnegotiation", "is not followed, since TLS is optional", "Write sslmode=require or stricter")
  }
  if (sslkey !== undefined && sslcert === undefined) {
    add("sslkey", "has no effect without its certificate", "Name the client's certificate in sslcert")
  }
  if (sslkey !== undefined && sslidentity !== undefined) {
    add("sslkey", "is not used beside sslidentity, which holds a key as well", "Keep one of them")
  }
  if (sslpassword !== undefined && sslidentity === undefined && sslkey === undefined) {
    add("sslpassword", "has no effect without sslidentity or sslkey", "Remove it")
  }
  return found
}
