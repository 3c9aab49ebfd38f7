import type { DeploymentOptions } from "../deployments/index.ts"
import type { OpenFleet, OpenPooler } from "../sizing/index.ts"

/**
 * The content of `pool.config.json`, or the default export of `pool.config.js`. It declares a fleet whose pool sizes
 * may be open, or one for each of several servers, and how to read deployment documents beside it.
 *
 * Beside a plan, `maxConnections` and `consumers` may be left out: they come from the plan. A consumer without `surge`
 * counts its instances twice during a deploy, and this is reported as assumed.
 *
 * @example
 * ```ts
 * import type { FleetConfig } from "prisma-pool-config"
 *
 * export default {
 *   maxConnections: 100,
 *   reserved: { metabase: 10 },
 *   consumers: { api: { instances: 3, weight: 2 }, worker: { instances: 2, poolSize: 5, surge: 0 } },
 *   deployments: { exclude: { "scaleway_job_definition.backup": "copies files, and does not connect" } },
 * } satisfies FleetConfig
 * ```
 */
export interface FleetConfig<Name extends string = string> extends Partial<Omit<OpenFleet<Name>, "poolers">> {
  /** By name. Beside `pgbouncer.ini`, what the file does not say of the pooler of its name. */
  readonly poolers?: Readonly<Record<string, DeclaredPooler>>
  /** For editors: `./node_modules/prisma-pool-config/docs/pool.config.schema.json`. */
  readonly $schema?: string
  /**
   * The owner of each `application_name` that is not itself the name of a consumer, a job, a pooler or something reserved.
   * `"job-*": "import"` is for all names with this prefix.
   */
  readonly applications?: Readonly<Record<string, string>>
  /**
   * The owner of each role's connections that `application_name` leads to no owner: `{ "supabase_*": "supabase" }`
   * beside `reserved: { supabase: 20 }` declares those of a provider's own roles, and `{ api: "api" }` those of a service
   * that sets no name.
   */
  readonly roles?: Readonly<Record<string, string>>
  /** One fleet for each of several servers, in place of all the fields of a fleet. */
  readonly servers?: Readonly<Record<string, ServerFleet>>
  /** How to read Terraform plans, Kubernetes manifests, compose files, Render Blueprints and app specs. */
  readonly deployments?: Omit<DeploymentOptions, "maxConnections">
}

/** A pooler, and how to identify the pools that connect through it in what is deployed. */
export interface DeclaredPooler extends OpenPooler {
  /** Names and addresses that lead to it, without a port. */
  readonly hosts?: readonly string[]
}

/** One of several servers, and how to identify the pools that lead to it in a plan. */
export interface ServerFleet extends Partial<Omit<OpenFleet, "poolers">> {
  readonly poolers?: Readonly<Record<string, DeclaredPooler>>
  /** Names and addresses that lead to it, without a port, such as those of private DNS. */
  readonly hosts?: readonly string[]
  /** The variables whose URLs lead to it, if a plan hides the URLs: secrets, or values known only after apply. */
  readonly keys?: readonly string[]
  /** The markers that lead to it, if a plan hides the hosts. */
  readonly markers?: readonly string[]
  /** Its address in the plan, if its hosts do not identify it. */
  readonly server?: string
}
