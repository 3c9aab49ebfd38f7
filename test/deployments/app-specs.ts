import { type DeployedFleet, type DeploymentOptions, fleetFromAppSpec } from "../../src/deployments/index.ts"

export type Values = Readonly<Record<string, unknown>>

export const plain = (key: string, value: unknown, more: Values = {}): Values => ({ key, value, ...more })

/** The value of something else in the app. */
export const ref = (name: string): string => `\${${name}}`

/** A variable with the URL of the database. */
export const bound = (name = "db.DATABASE_URL", key = "DATABASE_URL", more: Values = {}): Values =>
  plain(key, ref(name), more)

export const size = (connections: number): Values => plain("PRISMA_POOL_SIZE", String(connections))

/** A component that connects, with a pool of 10. */
export const component = (name: string, values: Values = {}, more: readonly Values[] = []): Values => ({
  name,
  github: { repo: "acme/shop", branch: "main", deploy_on_push: true },
  instance_count: 1,
  instance_size_slug: "apps-s-1vcpu-1gb",
  envs: [bound(), size(10), ...more],
  ...values,
})

/** A scheduled job that connects, with a pool of 3. */
export const cron = (name: string, expression: string, values: Values = {}): Values =>
  component(name, {
    kind: "SCHEDULED",
    schedule: { cron: expression, time_zone: "Europe/Paris" },
    envs: [bound(), size(3)],
    ...values,
  })

/** The cluster `main`, which no spec says more of. */
export const database = (name = "db", values: Values = {}): Values => ({
  name,
  engine: "PG",
  production: true,
  cluster_name: "main",
  ...values,
})

/** A database of 100 connections. */
export const sized = (name = "db", values: Values = {}): Values =>
  database(name, { size: "db-s-2vcpu-4gb", ...values })

export const spec = (fields: Values): Values => ({
  name: "shop",
  region: "fra",
  databases: [sized()],
  ...fields,
})

export const services = (...components: readonly Values[]): Values => ({ services: components })

export const reading = (fields: Values, options?: DeploymentOptions): DeployedFleet =>
  fleetFromAppSpec(spec(fields), options)
