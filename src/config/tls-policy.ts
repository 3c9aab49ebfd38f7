import type { PoolConfigIssue } from "../error.ts"
import { type DatabaseUrl, parameterOf } from "./database-url.ts"
import type { UrlValues } from "./url-values.ts"

/** The TLS behaviour that a URL's parameters ask for. */
export interface TlsPolicy {
  /** `optional`: TLS where the server has it, plain text where it has none. */
  readonly tls: "off" | "optional" | "required"
  /** `chain`: the certificate comes from a trusted CA. `full`: it is also for this host. */
  readonly verify: "none" | "chain" | "full"
}

/**
 * Reads `sslmode` together with `sslaccept`, `ssl` and `uselibpqcompat`.
 *
 * A bare `require` verifies, as on plain Prisma 7 and unlike Prisma 6 and libpq. Who asks for TLS wants no one in
 * between; without verifying, a man in the middle can answer in place of the database.
 *
 * Where the CA is private, the error says how to name it (`sslcert`) and how to connect as before (`sslaccept`).
 */
export function tlsPolicy(url: DatabaseUrl, values: UrlValues): TlsPolicy {
  const { sslaccept, uselibpqcompat } = values
  const strict = sslaccept === "strict"
  // A private CA signs for its owner only; a public CA signs for anyone. `chain` alone is safe only with a private CA.
  const verifyCa = !strict && caFiles(values).length > 0 ? "chain" : "full"
  switch (modeOf(url, values)) {
    case "disable":
      return { tls: "off", verify: "none" }
    case "allow":
    case "prefer":
      return { tls: "optional", verify: strict ? "full" : "none" }
    case "no-verify":
      return { tls: "required", verify: strict ? "full" : "none" }
    case "require":
      if (sslaccept === "accept_invalid_certs") return { tls: "required", verify: "none" }
      if (!uselibpqcompat || strict) return { tls: "required", verify: "full" }
      return { tls: "required", verify: caFiles(values).length > 0 ? "chain" : "none" }
    case "verify-ca":
      return { tls: "required", verify: verifyCa }
    case "verify-full":
      return { tls: "required", verify: "full" }
  }
}

/** Rejects `sslrootcert=system` with weaker verification, as libpq 16 does: anyone can get a certificate from a public CA. */
export function systemCaIssues(url: DatabaseUrl, values: UrlValues): PoolConfigIssue[] {
  const { tls, verify } = tlsPolicy(url, values)
  if (values.sslrootcert !== SYSTEM || (tls === "required" && verify === "full")) return []
  const problem = "is system, but the URL's other TLS parameters do not verify the server"
  const remedy = "Write sslmode=verify-full, and no other TLS parameter"
  return [{ name: "sslrootcert", problem, remedy }]
}

const SYSTEM = "system"

function modeOf(url: DatabaseUrl, { sslmode, ssl, sslrootcert }: UrlValues): UrlValues["sslmode"] {
  if (parameterOf(url, "sslmode") !== undefined) return sslmode
  if (ssl === undefined) return sslrootcert === SYSTEM ? "verify-full" : sslmode
  return ssl === "true" || ssl === "1" ? "require" : "disable"
}

/** The files of the CAs that the URL trusts in place of Node's own, by parameter. */
export function caFiles({ sslcert, sslkey, sslrootcert }: UrlValues): readonly CaFile[] {
  const files: CaFile[] = []
  // With a key it has libpq's meaning: the client's own certificate.
  if (sslcert !== undefined && sslkey === undefined) files.push({ parameter: "sslcert", path: sslcert })
  if (sslrootcert !== undefined && sslrootcert !== SYSTEM) {
    files.push({ parameter: "sslrootcert", path: sslrootcert })
  }
  return files
}

export interface CaFile {
  readonly parameter: "sslcert" | "sslrootcert"
  readonly path: string
}
