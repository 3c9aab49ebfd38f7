import {
  type DeployedFleet,
  type DeploymentOptions,
  fleetFromTerraform,
} from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"

export const CORE = "postgresql://app:pw@db.example.org:5432/core"
export const CORE_WITH_LIMIT = `${CORE}?connection_limit=7`

type Values = Readonly<Record<string, unknown>>
type More = Partial<Omit<PlannedResource, "address" | "values">>

/** Every container here is in it, and it has no variable. */
export const NAMESPACE = "fr-par/00000000-0000-0000-0000-000000000000"

export const namespace: PlannedResource = {
  address: "scaleway_container_namespace.empty",
  values: { id: NAMESPACE, environment_variables: {} },
}

export const container = (name: string, values: Values = {}, more: More = {}): PlannedResource => ({
  address: `scaleway_container.${name}`,
  values: { namespace_id: NAMESPACE, max_scale: 1, ...values },
  ...more,
})

/** A container that connects, with a pool of 10. */
export const consumer = (name: string, values: Values = {}, more: More = {}): PlannedResource =>
  container(
    name,
    { environment_variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" }, ...values },
    more,
  )

/** A job that connects, with a pool of 10, each day at three for an hour. */
export const job = (name: string, values: Values = {}, more: More = {}): PlannedResource => ({
  address: `scaleway_job_definition.${name}`,
  values: {
    timeout: "1h0m0s",
    cron: [{ schedule: "0 3 * * *", timezone: "Europe/Paris" }],
    env: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" },
    secret_reference: [],
    ...values,
  },
  ...more,
})

export const server = (name: string, values: Values = {}, more: More = {}): PlannedResource => ({
  address: `scaleway_rdb_instance.${name}`,
  values: {
    engine: "PostgreSQL-15",
    node_type: "db-play2-nano",
    settings: { max_connections: "100" },
    load_balancer: [{ hostname: "db.example.org", port: 5432 }],
    ...values,
  },
  ...more,
})

/** The plan of these resources, a server of 100, and the namespace. */
export const reading = (resources: readonly PlannedResource[], options?: DeploymentOptions): DeployedFleet =>
  fleetFromTerraform(plan([server("main"), namespace, ...resources]), options)

/** Everything that connects, for certain or perhaps. */
export const connecting = ({ highest }: DeployedFleet): string[] => [
  ...Object.keys(highest.consumers),
  ...highest.jobs.map(({ name }) => name),
]

/** The pool size of each consumer and job: one number, or the lowest and the highest. */
export function sizes({ lowest, highest }: DeployedFleet): Record<string, number | string> {
  const at = ({ consumers, jobs }: DeployedFleet["highest"]) =>
    new Map([
      ...Object.entries(consumers).map(([name, { poolSize }]) => [name, poolSize] as const),
      ...jobs.map(({ name, poolSize }) => [name, poolSize] as const),
    ])
  const low = at(lowest)
  return Object.fromEntries(
    [...at(highest)].map(([name, size]) => {
      const least = low.get(name) ?? "nothing"
      return [name, least === size ? size : `${least} to ${size}`]
    }),
  )
}

export const unknownNames = ({ unknowns }: DeployedFleet): string[] => unknowns.map(({ name }) => name)
