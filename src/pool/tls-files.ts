import { createHash, type Hash, X509Certificate } from "node:crypto"
import type * as tls from "node:tls"
import type { DatabaseUrl } from "../config/database-url.ts"
import { caFiles, systemCaIssues, tlsPolicy } from "../config/tls-policy.ts"
import type { UrlValues } from "../config/url-values.ts"
import { describeValue, type PoolConfigIssue } from "../error.ts"

// Loaded when the first URL needs them: most name no file, and a cold start pays for what is imported.
const nodeTls = () => process.getBuiltinModule("node:tls")
const nodeFs = () => process.getBuiltinModule("node:fs")
const nodePath = () => process.getBuiltinModule("node:path")

/** The options of node-postgres for the TLS parameters of a URL. */
export interface Tls {
  /** Always set, since node-postgres would otherwise read `PGSSLMODE`. */
  readonly ssl: tls.ConnectionOptions | false
  readonly sslnegotiation: "postgres" | "direct"
  /** Allows plain text if the server has no TLS. */
  readonly tlsIsOptional: boolean
}

/** Collects the issues of the files, and a digest that tells these files from others. */
interface TlsFileReader {
  readonly issues: PoolConfigIssue[]
  readonly digest: Hash
}

/** Reads the files that the URL names; each unusable one adds an issue. */
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
    // One for all connections, made when the first one needs it. Printing it shows none of its keys.
    get secureContext() {
      context ??= nodeTls().createSecureContext(options)
      return context
    },
    // The JSON of the configuration identifies a pool.
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

/** Node's own CAs, with `NODE_EXTRA_CA_CERTS`; from Node 22.15 on also the system's. */
function trustedCas(): tls.SecureContextOptions {
  const module = nodeTls()
  if (!("getCACertificates" in module)) return {}
  const of = module.getCACertificates as (type: "default" | "system") => string[]
  return {
    get ca() {
      return [...new Set([...of("default"), ...of("system")])]
    },
  }
}

/** The client's certificate and key. */
function identity(values: UrlValues, { issues, digest }: TlsFileReader): tls.SecureContextOptions {
  const { sslidentity, sslcert, sslkey, sslpassword: passphrase } = values
  // A separate list, since the files are tried only if all of them could be read.
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
      nodeTls().createSecureContext(options)
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

/** Reads a file of certificates. Node would ignore one without any. */
function certificates(parameter: string, path: string, reading: TlsFileReader): string {
  const before = reading.issues.length
  const pem = file(parameter, path, reading).toString("utf8")
  if (reading.issues.length > before) return ""
  try {
    new X509Certificate(pem)
  } catch {
    const problem = `names ${describeValue(path)}, which contains no certificate`
    const remedy = "Name a PEM file (-----BEGIN CERTIFICATE-----)"
    reading.issues.push({ name: parameter, problem, remedy })
  }
  return pem
}

/** Reads a file, from the working directory or from `./prisma`: Prisma 6 looked beside the schema. */
function file(parameter: string, path: string, { issues, digest }: TlsFileReader): Buffer {
  const { isAbsolute, resolve } = nodePath()
  const places = isAbsolute(path) ? [path] : [resolve(path), resolve("prisma", path)]
  let code: string | undefined
  for (const place of places) {
    try {
      const content = nodeFs().readFileSync(place)
      digest.update(content)
      return content
    } catch (error) {
      // A file that exists and cannot be read is a more useful error than a missing one.
      const { code: reason } = error as NodeJS.ErrnoException
      if (code === undefined || reason !== "ENOENT") code = reason
    }
  }
  const problem = `names ${describeValue(path)}, which cannot be read (${code}) at ${places.join(" or ")}`
  issues.push({ name: parameter, problem, remedy: "Check the path, and the file's permissions" })
  return Buffer.alloc(0)
}
