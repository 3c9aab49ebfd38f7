import type { TerraformOptions } from "../deployments/index.ts"
import type { OpenFleet } from "../sizing/index.ts"

/**
 * What `pool.config.json` holds, or what `pool.config.js` exports by default: a fleet whose pool sizes may be open, or
 * one for each of several servers, and how to read a Terraform plan beside it.
 *
 * Beside a plan, `maxConnections` and `consumers` may be left out: they come from there. A consumer without `surge`
 * counts its instances twice while a deploy rolls, and is named as assumed.
 *
 * @example
 * ```ts
 * import type { FleetConfig } from "prisma-pool-config"
 *
 * export default {
 *   maxConnections: 100,
 *   reserved: { metabase: 10 },
 *   consumers: { api: { instances: 3, weight: 2 }, worker: { instances: 2, poolSize: 5, surge: 0 } },
 *   terraform: { exclude: { "scaleway_job_definition.backup": "copies files, and does not connect" } },
 * } satisfies FleetConfig
 * ```
 */
export interface FleetConfig<Name extends string = string> extends Partial<OpenFleet<Name>> {
  /** For editors: `./node_modules/prisma-pool-config/docs/pool.config.schema.json`. */
  readonly $schema?: string
  /**
   * Whose connections an application's are, by its `application_name`, where that is not the name of a consumer, a job
   * or something reserved; `"job-*": "import"` is for all names that begin so.
   */
  readonly applications?: Readonly<Record<string, string>>
  /** One fleet for each of several servers, in place of all the fields of a fleet. */
  readonly servers?: Readonly<Record<string, ServerFleet>>
  /** How to read a Terraform plan. */
  readonly terraform?: Omit<TerraformOptions, "maxConnections">
}

/** One of several servers, and how to tell in a plan which pools lead to it. */
export interface ServerFleet extends Partial<OpenFleet> {
  /** Names and addresses that lead to it, without a port, such as those of private DNS. */
  readonly hosts?: readonly string[]
  /** The variables whose URLs lead to it, where a plan hides these: secrets, or values known only after apply. */
  readonly keys?: readonly string[]
  /** Its address in the plan, where that cannot be told by its hosts. */
  readonly server?: string
}
