import type { PoolConfigIssue } from "../../error.ts"
import { parseInto } from "../../validation/parse.ts"
import { type DeployedFleet, fleetOf } from "../deployed-fleet.ts"
import { type DeploymentOptions, optionsSchema } from "../deployment-options.ts"
import { noFindings } from "../findings.ts"
import { type NamedBlueprint, parseBlueprint } from "./parse-blueprint.ts"
import { readRender } from "./render-reader.ts"

/**
 * Reads which services of a Render Blueprint (`render.yaml`) connect to a PostgreSQL server, and how large their pools
 * are.
 *
 * A consumer is a service whose environment has the database's variable: in `envVars`, from a group, from a database or
 * from another service. Its pool size is the one that {@link readPoolSettings} reads from that environment, as the client
 * in it will. A URL that Render makes of a database has no parameters, and leads to that database.
 *
 * - It has as many instances as `scaling.maxInstances` says, else `numInstances`, else 1. A deploy starts as many new ones
 *   before it stops the old ones, or none for a service with a disk, and one more for a `preDeployCommand`.
 * - A cron job has at most one run at a time, for up to 12 hours, by its schedule in UTC.
 * - A database sets the ceiling by its plan, which is reported as assumed.
 * - A connection pooler as a service, previews that lead to the same server and a group that is not in the file are
 *   unknown, so that nothing connects unseen.
 *
 * Values of variables never appear in the result or in an error.
 *
 * @param blueprints the text of a `render.yaml`, or the parsed object, or an array of them: they add up
 * @throws PoolConfigError naming every place that is not in Render's format, a name that is given twice, every bad
 * option, and every `<address>.PRISMA_…` that the client in that service would refuse
 * @see https://render.com/docs/blueprint-spec
 * @example
 * ```ts
 * import { checkFleet } from "prisma-pool-config/sizing"
 * import { fleetFromRender } from "prisma-pool-config/deployments"
 *
 * declare const blueprint: string // the text of render.yaml
 * const { maxConnections = 100, highest, unknowns } = fleetFromRender(blueprint)
 * const { fits } = checkFleet({ maxConnections, ...highest })
 * ```
 */
export function fleetFromRender(blueprints: unknown, options: DeploymentOptions = {}): DeployedFleet {
  const findings = noFindings()
  parseInto(findings.issues, optionsSchema, options, "options")
  const issues: PoolConfigIssue[] = []
  const list = Array.isArray(blueprints) ? blueprints : [blueprints]
  const named = list.flatMap((each, index): readonly NamedBlueprint[] => {
    const name = list.length > 1 ? `blueprints[${index}]` : ""
    if (typeof each === "string") return parseBlueprint(name, { name, text: each }, issues)
    const placeOf = (path: string) => [name, path].filter(Boolean).join(".")
    return [{ name, document: { value: each, placeOf }, hasLines: false }]
  })
  return fleetOf([readRender(named, issues)], options, undefined, findings)
}
