import type { Leads } from "./database-servers.ts"
import { isSet, type ResourceEnvironment } from "./environment.ts"
import type { Findings } from "./findings.ts"
import type { PoolQuery } from "./resource-pool.ts"
import type { Workload } from "./workload.ts"

/**
 * The host of a PostgreSQL server, as libpq, images and frameworks name it: `PGHOST`, `DB_HOST`, `MB_DB_HOST`,
 * `KC_DB_URL_HOST`, `POSTGRES_SERVER`.
 */
const USUAL_MARKER =
  /(^|_)(PG|PG_|DB_|DB_URL_|DATABASE_|POSTGRES_|POSTGRESDB_|POSTGRESQL_|RDS_|TYPEORM_)(HOST(NAME|ADDR)?|SERVER|ADDR(ESS)?|ENDPOINT)$/

export const isUsualMarker = (variable: string): boolean => USUAL_MARKER.test(variable)

/** A variable that has the host of a database in its parts, and is no marker. */
export interface UnmarkedAddress {
  readonly address: string
  readonly variable: string
  readonly leads: Leads
}

/**
 * Finds the usual markers of a workload, in containers without a variable that is counted.
 *
 * @param hasPools true if something else in it is counted, so that only what certainly connects is missing
 */
export function unmarkedAddresses(
  address: string,
  { containers }: Workload,
  { leading, servers }: PoolQuery,
  hasPools: boolean,
): readonly UnmarkedAddress[] {
  return containers.flatMap((container): UnmarkedAddress[] => {
    const variable = usualMarker(container)
    if (variable === undefined || leading.some((name) => isSet(container, name))) return []
    const leads = servers.otherMarker(variable, container)
    return leads === "here" || !hasPools ? [{ address, variable, leads }] : []
  })
}

/** Finds the host of a PostgreSQL server, by the usual names. */
export const usualMarker = (container: ResourceEnvironment): string | undefined =>
  [...container.values.keys(), ...container.hidden.keys()].find(
    (name) => isUsualMarker(name) && isSet(container, name),
  )

/**
 * Records addresses in parts that are not counted.
 *
 * @param isAll true if nothing else in the documents connects
 */
export function noteUnmarked(
  found: readonly UnmarkedAddress[],
  isAll: boolean,
  { unknowns, assumptions }: Findings,
): void {
  for (const { address, variable, leads } of found) {
    const name = `${address}.${variable}`
    if (leads === "here" || (isAll && leads === "perhaps")) {
      unknowns.push({
        cause: "variable",
        address,
        attribute: variable,
        name,
        problem:
          leads === "here"
            ? "leads to this server, and is not a marker"
            : "is a part of a database's address, and nothing in the documents has a URL that is counted",
        between: "0 or any number of connections",
        isUnbounded: true,
        remedy: `Count it: add --marker ${variable}, or exclude it with a reason`,
      })
    } else {
      assumptions.push({
        name,
        assumed: "the host of another server",
        remedy: `If it leads to this server, count it: add --marker ${variable}`,
      })
    }
  }
}
