import { createHash, type Hash, X509Certificate } from "node:crypto"
import { readFileSync } from "node:fs"
import { isAbsolute, resolve } from "node:path"
import * as tls from "node:tls"
import type { DatabaseUrl } from "../config/database-url.ts"
import { caFiles, systemCaIssues, tlsPolicy } from "../config/tls-policy.ts"
import type { UrlValues } from "../config/url-values.ts"
import { describeValue, type PoolConfigIssue } from "../error.ts"

/** What node-postgres needs for the TLS parameters of a URL. */
export interface Tls {
  /** Always set, since node-postgres would otherwise ask `PGSSLMODE`. */
  readonly ssl: tls.ConnectionOptions | false
  readonly sslnegotiation: "postgres" | "direct"
  /** Plain text will do where the server has no TLS. */
  readonly tlsIsOptional: boolean
}

/** What is found on the way: what is wrong, and what tells these files from others. */
interface TlsFileReader {
  readonly issues: PoolConfigIssue[]
  readonly digest: Hash
}

/** Reads the files that the URL names; each that cannot be used adds an issue. */
export function readTlsFiles(url: DatabaseUrl, values: UrlValues, issues: PoolConfigIssue[]): Tls {
  const { tls: use, verify } = tlsPolicy(url, values)
  issues.push(...systemCaIssues(url, values))
  const reading: TlsFileReader = { issues, digest: createHash("sha256") }
  const options = contextOptions(values, verify !== "none", reading)
  if (use === "off") {
    return { ssl: false, sslnegotiation: "postgres", tlsIsOptional: false }
  }
  const digest = reading.digest.digest("hex")
  let context: tls.SecureContext | undefined
  const ssl: tls.ConnectionOptions & { toJSON(): unknown } = {
    rejectUnauthorized: verify !== "none",
    ...(verify === "chain" ? { checkServerIdentity: () => undefined } : {}),
    // One for all connections, made when the first one needs it. It shows nothing of the keys in it.
    get secureContext() {
      context ??= tls.createSecureContext(options)
      return context
    },
    // Pools are told apart by their configuration's JSON.
    toJSON: () => ({ verify, digest }),
  }
  const isDirect = use === "required" && values.sslnegotiation === "direct"
  return { ssl, sslnegotiation: isDirect ? "direct" : "postgres", tlsIsOptional: use === "optional" }
}

function contextOptions(
  values: UrlValues,
  verifies: boolean,
  reading: TlsFileReader,
): tls.SecureContextOptions {
  const { sslMinProtocolVersion: minVersion, sslMaxProtocolVersion: maxVersion } = values
  reading.digest.update(`${minVersion} ${maxVersion} `)
  const own = caFiles(values).map(({ parameter, path }) => certificates(parameter, path, reading))
  return {
    ...identity(values, reading),
    ...(own.length > 0 ? { ca: own.join("\n") } : verifies ? trustedCas() : {}),
    ...(minVersion === undefined ? {} : { minVersion }),
    ...(maxVersion === undefined ? {} : { maxVersion }),
  }
}

/** Node's own and the system's, from Node 22.15 on; before, Node's own. Both with `NODE_EXTRA_CA_CERTS`. */
function trustedCas(): tls.SecureContextOptions {
  if (!("getCACertificates" in tls)) return {}
  const of = tls.getCACertificates as (type: "default" | "system") => string[]
  return {
    get ca() {
      return [...new Set([...of("default"), ...of("system")])]
    },
  }
}

/** The client's certificate and key. */
function identity(values: UrlValues, { issues, digest }: TlsFileReader): tls.SecureContextOptions {
  const { sslidentity, sslcert, sslkey, sslpassword: passphrase } = values
  // Its own list, since the files are tried only when all of them could be read.
  const reading: TlsFileReader = { issues: [], digest }
  const name = sslidentity === undefined ? "sslkey" : "sslidentity"
  let options: tls.SecureContextOptions = {}
  if (sslidentity !== undefined) {
    options = { pfx: file("sslidentity", sslidentity, reading) }
  } else if (sslkey !== undefined && sslcert !== undefined) {
    options = { cert: file("sslcert", sslcert, reading), key: file("sslkey", sslkey, reading) }
  } else {
    return options
  }
  if (passphrase !== undefined) options.passphrase = passphrase
  digest.update(passphrase ?? "")
  if (reading.issues.length === 0) {
    try {
      tls.createSecureContext(options)
    } catch (error) {
      const problem = `names a file that cannot be used: ${(error as Error).message}`
      const remedy =
        "Check the file and sslpassword; a PKCS#12 file encrypted with RC2 has to be exported anew"
      issues.push({ name, problem, remedy })
    }
  }
  issues.push(...reading.issues)
  return options
}

/** A file of certificates. Node would ignore one that holds none. */
function certificates(parameter: string, path: string, reading: TlsFileReader): string {
  const before = reading.issues.length
  const pem = file(parameter, path, reading).toString("utf8")
  if (reading.issues.length > before) return ""
  try {
    new X509Certificate(pem)
  } catch {
    const problem = `names ${describeValue(path)}, which holds no certificate`
    const remedy = "Name a PEM file (-----BEGIN CERTIFICATE-----)"
    reading.issues.push({ name: parameter, problem, remedy })
  }
  return pem
}

/** Prisma 6 looked beside the schema, everything else looks in the working directory. */
function file(parameter: string, path: string, { issues, digest }: TlsFileReader): Buffer {
  const places = isAbsolute(path) ? [path] : [resolve(path), resolve("prisma", path)]
  let code: string | undefined
  for (const place of places) {
    try {
      const content = readFileSync(place)
      digest.update(content)
      return content
    } catch (error) {
      // A file that is there and cannot be read says more than one that is not there.
      const { code: reason } = error as NodeJS.ErrnoException
      if (code === undefined || reason !== "ENOENT") code = reason
    }
  }
  const problem = `names ${describeValue(path)}, which cannot be read (${code}) at ${places.join(" or ")}`
  issues.push({ name: parameter, problem, remedy: "Check the path, and the rights on the file" })
  return Buffer.alloc(0)
}
