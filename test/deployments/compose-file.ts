import { type DeployedFleet, type DeploymentOptions, fleetFromCompose } from "../../src/deployments/index.ts"

type Values = Readonly<Record<string, unknown>>

/** Where every service here finds the server. */
export const URL_OF_DB = "postgresql://app:pw@db:5432/shop"

/** A service as `docker compose config --format json` prints it: a command and an entrypoint are always there. */
export const service = (values: Values = {}): Values => ({
  command: null,
  entrypoint: null,
  image: "shop:1",
  networks: { default: null },
  ...values,
})

/** A service that connects, with a pool of 10. */
export const consumer = (values: Values = {}, more: Values = {}): Values =>
  service({ environment: { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "10", ...more }, ...values })

/** PostgreSQL with a ceiling in its command. */
export const postgres = (values: Values = {}): Values =>
  service({
    image: "postgres:17-alpine",
    command: ["postgres", "-c", "max_connections=200"],
    environment: { POSTGRES_PASSWORD: "pw", POSTGRES_DB: "shop" },
    volumes: [{ type: "volume", source: "data", target: "/var/lib/postgresql/data", volume: {} }],
    ...values,
  })

/** One service waits for another, in the notation that compose prints. */
export const waiting = (condition: string, ...names: readonly string[]): Values => ({
  depends_on: Object.fromEntries(names.map((name) => [name, { condition, required: true }])),
})

/** The document of these services. */
export const compose = (services: Values, fields: Values = {}): Values => ({
  name: "shop",
  networks: { default: { name: "shop_default", ipam: {} } },
  services,
  ...fields,
})

/** The fleet of these services, and of a PostgreSQL of 200. */
export const reading = (services: Values, options?: DeploymentOptions, fields?: Values): DeployedFleet =>
  fleetFromCompose(compose({ db: postgres(), ...services }, fields), options)
