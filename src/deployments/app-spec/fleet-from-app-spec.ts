import type { PoolConfigIssue } from "../../error.ts"
import { parseInto } from "../../validation/parse.ts"
import { type DeployedFleet, fleetOf } from "../deployed-fleet.ts"
import { type DeploymentOptions, optionsSchema } from "../deployment-options.ts"
import { noFindings } from "../findings.ts"
import { readAppSpecs } from "./app-spec-reader.ts"
import { type NamedSpec, parseAppSpec } from "./parse-app-spec.ts"

/**
 * Reads which components of DigitalOcean apps connect to a PostgreSQL server, and how large their pools are, from app
 * specs (`.do/app.yaml`, `doctl apps spec get`).
 *
 * A consumer is a component whose environment has the database's variable: in its `envs`, or in those of the app. Its pool
 * size is the one that {@link readPoolSettings} reads from that environment, as the client in it will. A variable that is
 * bound to a database (`${db.DATABASE_URL}`) leads there, and has no `connection_limit`.
 *
 * - It has as many instances as `autoscaling.max_instance_count` says, else `instance_count`, else 1. A deploy starts as
 *   many new ones before it stops the old ones.
 * - A job before or after a deploy counts in the deploy; a scheduled one by its schedule, for up to its `timeout`.
 * - A variable of the scope `BUILD_TIME` is not there where a component runs, and a database is not there where it is built.
 * - A database sets the ceiling if its spec has a size. Otherwise the ceiling is unknown: a cluster is in no spec.
 * - Functions, which run as often as they are called, and a connection pooler as a component are unknown, so that nothing
 *   connects unseen.
 *
 * Values of variables never appear in the result or in an error.
 *
 * @param specs the text of an app spec, or the parsed object, or an array of them: they add up
 * @throws PoolConfigError naming every place that is not in DigitalOcean's format, a name that is given twice, every bad
 * option, and every `<address>.PRISMA_…` that the client in that component would refuse
 * @see https://docs.digitalocean.com/products/app-platform/reference/app-spec/
 * @example
 * ```ts
 * import { checkFleet } from "prisma-pool-config/sizing"
 * import { fleetFromAppSpec } from "prisma-pool-config/deployments"
 *
 * declare const spec: string // the text of .do/app.yaml
 * const { highest, unknowns } = fleetFromAppSpec(spec, { maxConnections: 50 })
 * const { fits } = checkFleet({ maxConnections: 50, ...highest })
 * ```
 */
export function fleetFromAppSpec(specs: unknown, options: DeploymentOptions = {}): DeployedFleet {
  const findings = noFindings()
  parseInto(findings.issues, optionsSchema, options, "options")
  const issues: PoolConfigIssue[] = []
  const list = Array.isArray(specs) ? specs : [specs]
  const named = list.flatMap((each, index): readonly NamedSpec[] => {
    const name = list.length > 1 ? `specs[${index}]` : ""
    if (typeof each === "string") return parseAppSpec(name, { name, text: each }, issues)
    const placeOf = (path: string) => [name, path].filter(Boolean).join(".")
    return [{ name, document: { value: each, placeOf }, hasLines: false }]
  })
  return fleetOf([readAppSpecs(named, issues)], options, undefined, findings)
}
