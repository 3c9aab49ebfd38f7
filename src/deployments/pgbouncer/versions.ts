import type { Problem } from "../../validation/problem.ts"

/** A release of PgBouncer, by its second number: 18 is 1.18. */
export type PgBouncerVersion = number

/** The releases whose parameters are known. */
export const PGBOUNCER_VERSIONS = { oldest: 16, newest: 26 } as const

/** The releases that a file may be for. */
export interface Versions {
  readonly least: PgBouncerVersion
  readonly most: PgBouncerVersion
}

/** Any of them, as long as nothing says more; an older one too. */
export const ANY_VERSION: Versions = { least: 0, most: PGBOUNCER_VERSIONS.newest }

/** The release of Debian 12. What is written for it starts on every later one. */
export const USUAL_PGBOUNCER_VERSION: PgBouncerVersion = 18

/** `1.18`. */
export const versionText = (version: PgBouncerVersion): string => `1.${version}`

const KNOWN = `${versionText(PGBOUNCER_VERSIONS.oldest)} to ${versionText(PGBOUNCER_VERSIONS.newest)}`

/** Reads `1.18`, or `1.18.0`: a patch adds no parameter. */
export function readPgBouncerVersion(value: unknown): PgBouncerVersion | Problem {
  const [, minor] = /^1\.(\d{1,3})(?:\.\d{1,3})?$/.exec(`${value}`) ?? []
  const version = Number(minor)
  const { oldest, newest } = PGBOUNCER_VERSIONS
  if (version >= oldest && version <= newest) return version
  const problem = `received ${JSON.stringify(`${value}`.slice(0, 40))}`
  if (version > newest) {
    return {
      problem,
      remedy: `Give ${versionText(newest)}, whose parameters later ones know too. Known are ${KNOWN}`,
    }
  }
  return { problem, remedy: `Give ${KNOWN}, as \`pgbouncer --version\` prints it` }
}
