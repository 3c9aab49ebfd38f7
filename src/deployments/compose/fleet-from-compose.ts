import { parseInto } from "../../validation/parse.ts"
import { type DeployedFleet, fleetOf } from "../deployed-fleet.ts"
import { type DeploymentOptions, optionsSchema } from "../deployment-options.ts"
import { noFindings } from "../findings.ts"
import { readCompose } from "./compose-reader.ts"

/**
 * Reads which services of a compose file connect to a PostgreSQL server, and how large their pools are. The input is the
 * output of `docker compose --profile '*' config --format json`. A file as it is written is refused, because its
 * variables, `env_file`, `extends` and `include` are not filled in. Without the profiles, services are missing.
 *
 * A consumer is a service whose environment has the database's variable. Its pool size is the one that
 * {@link readPoolSettings} reads from that environment, as the client in it will. It has as many instances as `scale` or
 * `deploy.replicas` says, or 1. A deploy adds none, because `docker compose up` stops a container before it starts the
 * new one; with `deploy.update_config.order: start-first`, Swarm adds from `parallelism` to as many again. A service that
 * others wait for with `service_completed_successfully` counts only during a deploy.
 *
 * A service of a PostgreSQL image is the server. Its `max_connections` is the one of its command (`postgres -c
 * max_connections=200`), or else the image's default, 100, which is reported as assumed. A connection pooler, a service
 * on every node and a file that may set the variable are reported as unknown, so that nothing connects unseen.
 *
 * A compose file holds secrets in plain text. The result and the errors contain only addresses, paths in the document,
 * counts, `max_connections` and pool sizes. The time is proportional to the number of services: under a second for
 * 10,000.
 *
 * @param files the parsed JSON, or an array of them: several projects with one server add up
 * @throws PoolConfigError naming every place in the JSON that is not in compose's format (`files[1]: …` if there are
 * several), every bad option, and every `<address>.PRISMA_…` that the client in that service would refuse
 * @see https://docs.docker.com/reference/cli/docker/compose/config/
 * @example
 * ```ts
 * import { checkFleet } from "prisma-pool-config/sizing"
 * import { fleetFromCompose } from "prisma-pool-config/deployments"
 *
 * declare const file: unknown // JSON.parse of `docker compose --profile '*' config --format json`
 * const { maxConnections = 100, highest, unknowns } = fleetFromCompose(file)
 * const { fits } = checkFleet({ maxConnections, ...highest })
 * ```
 */
export function fleetFromCompose(files: unknown, options: DeploymentOptions = {}): DeployedFleet {
  const list = Array.isArray(files) ? files : [files]
  const findings = noFindings()
  parseInto(findings.issues, optionsSchema, options, "options")
  const named = list.map((json, index) => ({ name: list.length > 1 ? `files[${index}]` : "", json }))
  return fleetOf([readCompose(named)], options, undefined, findings)
}
