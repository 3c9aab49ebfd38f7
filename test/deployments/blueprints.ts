import { type DeployedFleet, type DeploymentOptions, fleetFromRender } from "../../src/deployments/index.ts"

export type Values = Readonly<Record<string, unknown>>

/** A variable with the URL that Render makes of a database. */
export const fromDatabase = (
  key = "DATABASE_URL",
  name = "shop-db",
  property = "connectionString",
): Values => ({
  key,
  fromDatabase: { name, property },
})

export const plain = (key: string, value: unknown): Values => ({ key, value })

/** A web service that connects to the database, with a pool of 10. */
export const web = (name: string, values: Values = {}, more: readonly Values[] = []): Values => ({
  type: "web",
  name,
  runtime: "node",
  numInstances: 1,
  envVars: [fromDatabase(), plain("PRISMA_POOL_SIZE", "10"), ...more],
  ...values,
})

/** A cron job that connects, with a pool of 3. */
export const cron = (name: string, schedule: string): Values => ({
  type: "cron",
  name,
  schedule,
  envVars: [fromDatabase(), plain("PRISMA_POOL_SIZE", "3")],
})

/** A database of 100 connections. */
export const database = (name = "shop-db", values: Values = {}): Values => ({
  name,
  plan: "basic-1gb",
  ...values,
})

export const blueprint = (services: readonly Values[], fields: Values = {}): Values => ({
  databases: [database()],
  services,
  ...fields,
})

export const reading = (
  services: readonly Values[],
  fields?: Values,
  options?: DeploymentOptions,
): DeployedFleet => fleetFromRender(blueprint(services, fields), options)
