import { type Problem, refused } from "../../validation/problem.ts"
import { NEWEST_VERSION, OLDEST_VERSION } from "./parameters.ts"

/** The minor versions of PgBouncer 1 that a file may be for. */
export interface Versions {
  readonly least: number
  readonly most: number
}

/** Reads a version, of which the minor part counts: `1.18` or `1.18.0`. */
export function readPgBouncerVersion(value: unknown): number | Problem {
  const [, minor] = (typeof value === "string" && /^1\.(\d{1,3})(?:\.\d{1,3})?$/.exec(value)) || []
  return minor !== undefined && Number(minor) >= OLDEST_VERSION
    ? Number(minor)
    : refused(value, `Give the version of PgBouncer, 1.${OLDEST_VERSION} or later, such as 1.24`)
}

/** Any version, as long as nothing says more. */
export const ANY_VERSION: Versions = { least: 0, most: NEWEST_VERSION }

export const versionText = (minor: number): string => `1.${minor}`
