import type { PoolConfigIssue } from "../../error.ts"
import { MAX_POOL_SIZE } from "../../validation/numbers.ts"
import type { Unknown } from "../findings.ts"
import type { FilePools } from "./file-pools.ts"
import type { PgBouncerFile } from "./read-pgbouncer.ts"
import { type ResolvedPool, UNLIMITED_SINCE } from "./resolve-pools.ts"
import { nameOf } from "./settings.ts"
import { versionText } from "./versions.ts"

/** True for a pool whose size is 0. */
export const isUnlimited = ({ size }: ResolvedPool): boolean =>
  size.highest === MAX_POOL_SIZE && size.lowest === 1

/** In session mode the smallest pool decides, and a number of pools does not say which of the entries they are of. */
export function unevenSizes(file: PgBouncerFile, { highest }: FilePools, path: string): Unknown[] {
  const sizes = new Set(
    highest.flatMap(({ size, reserve }) => [size.lowest + reserve, size.highest + reserve]),
  )
  if (sizes.size <= 1) return []
  return [
    {
      cause: "size",
      name: nameOf(file, "pool_mode"),
      problem:
        "is session, in which each client has a connection of its own pool, and the pools have several sizes",
      between: `${Math.min(...sizes)} to ${Math.max(...sizes)} clients of each pool`,
      remedy: `Declare ${path}.pools as an array of { database, user }`,
      isUnbounded: true,
    },
  ]
}

/** Records pools without a size of their own. */
export function noteUnlimited(
  file: PgBouncerFile,
  { highest }: FilePools,
  unknowns: Unknown[],
  failures: PoolConfigIssue[],
): void {
  const unlimited = highest.filter(isUnlimited)
  const uncertain = highest.filter(
    ({ size }) => size.lowest < size.highest && !(size.highest === MAX_POOL_SIZE),
  )
  for (const { database, size } of uncertain) {
    unknowns.push({
      cause: "size",
      name: `${file.file}: ${database}.pool_size`,
      problem: `is for the forced user of the entry another one than in [users], which counts from ${versionText(UNLIMITED_SINCE)} on`,
      between: `${size.lowest} to ${size.highest} connections in each process`,
      remedy: "Give --pgbouncer-version, or the same in both",
    })
  }
  const databases = [...new Set(unlimited.map(({ database }) => database))]
  if (databases.length === 0) return
  const name = `${nameOf(file, "default_pool_size")} of ${databases.join(", ")}`
  if (file.versions.most < UNLIMITED_SINCE) {
    failures.push({
      name,
      problem: `is 0, which before ${versionText(UNLIMITED_SINCE)} is no connection at all`,
      remedy: "Set it, or pool_size of each entry",
    })
    return
  }
  unknowns.push({
    cause: "size",
    name,
    problem: `is 0, which is no limit from ${versionText(UNLIMITED_SINCE)} on`,
    between: `1 to ${MAX_POOL_SIZE} connections in each pool`,
    remedy: "Set it, pool_size of each entry, or max_db_connections",
  })
}
