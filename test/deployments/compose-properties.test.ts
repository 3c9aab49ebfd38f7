import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { readCompose } from "../../src/deployments/compose/compose-reader.ts"
import type { Reader } from "../../src/deployments/reader.ts"
import { runs } from "../support/properties.ts"
import { compose, consumer, postgres, service, URL_OF_DB, waiting } from "./compose-file.ts"

type Services = Readonly<Record<string, Readonly<Record<string, unknown>>>>

function judged(config: FleetConfig, readers: readonly Reader[]) {
  const [[, bounds] = []] = findFleetBounds(config, readers)
  if (bounds === undefined) throw new Error("no server")
  const { verdict, highest, lowest } = verdictOf(bounds, { deploy: "fail" })
  return {
    verdict,
    sums: [lowest, highest].map((check) => [check?.usable, check?.total, check?.deploy.total]),
  }
}

const read = (services: Services) => [readCompose([{ name: "", json: compose(services) }])]
const verdict = (services: Services) => judged({}, read(services)).verdict

interface Drawn {
  readonly count: number
  readonly size: number
  readonly order: "compose" | "stop-first" | "start-first"
  readonly parallelism: number
  readonly isJob: boolean
}

const drawn: fc.Arbitrary<Drawn> = fc.record({
  count: fc.integer({ min: 0, max: 6 }),
  size: fc.integer({ min: 1, max: 20 }),
  order: fc.constantFrom("compose", "stop-first", "start-first"),
  parallelism: fc.integer({ min: 0, max: 4 }),
  isJob: fc.boolean(),
})

const fleet = fc.record({
  ceiling: fc.integer({ min: 10, max: 300 }),
  services: fc.array(drawn, { maxLength: 6 }),
  oneShots: fc.array(drawn, { maxLength: 2 }),
})

const sized = (size: number) => ({ environment: { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: String(size) } })

/** All at once: with fewer, those that are ending make a range, which no declaration has. */
const atOnce = (count: number, parallelism: number) => (parallelism === 0 ? 0 : count + parallelism - 1)

/** The same fleet as a compose file and as a declaration. */
function written({ ceiling, services, oneShots }: typeof fleet extends fc.Arbitrary<infer T> ? T : never) {
  const names = oneShots.map((_, index) => `once-${index}`)
  const last = waiting("service_completed_successfully", ...names)
  const file = {
    db: postgres({ command: ["postgres", "-c", `max_connections=${ceiling}`] }),
    // It waits for the services that run once, and connects nothing.
    web: service(last),
    ...Object.fromEntries(
      services.map(({ count, size, order, parallelism, isJob }, index) => [
        `app-${index}`,
        service({
          ...sized(size),
          ...(isJob
            ? { deploy: { mode: "replicated-job", replicas: count } }
            : order === "compose"
              ? { scale: count }
              : {
                  deploy: {
                    replicas: count,
                    update_config: { order, parallelism: atOnce(count, parallelism) },
                  },
                }),
        }),
      ]),
    ),
    ...Object.fromEntries(
      oneShots.map(({ count, size }, index) => [`once-${index}`, service({ ...sized(size), scale: count })]),
    ),
  }
  const surge = ({ count, order }: Drawn) => (order === "start-first" ? count : 0)
  const declared: FleetConfig = {
    maxConnections: ceiling,
    consumers: Object.fromEntries([
      ...services.flatMap((each, index) =>
        each.isJob && each.count > 0
          ? []
          : [
              [
                `service/app-${index}`,
                { instances: each.count, poolSize: each.size, surge: each.isJob ? 0 : surge(each) },
              ],
            ],
      ),
      ...oneShots.map(({ count, size }, index) => [
        `service/once-${index}`,
        { instances: 0, poolSize: size, surge: count },
      ]),
    ]),
    jobs: services.flatMap(({ isJob, count, size }, index) =>
      isJob && count > 0 ? [{ name: `service/app-${index}`, poolSize: size, replicas: count }] : [],
    ),
  }
  return { file, declared }
}

test("a fleet has one verdict and the same sums, as a declaration and as a compose file", () => {
  const seen = new Set<string>()
  fc.assert(
    fc.property(fleet, (each) => {
      fc.pre(each.services.length + each.oneShots.length > 0)
      const { file, declared } = written(each)
      const result = judged({}, read(file))
      expect(result).toEqual(judged(declared, []))
      seen.add(result.verdict)
    }),
    runs(300),
  )
  expect([...seen].toSorted()).toEqual(["does not fit", "fits"])
})

const ordinary = fc
  .record({
    ceiling: fc.integer({ min: 20, max: 100 }),
    size: fc.integer({ min: 1, max: 20 }),
    count: fc.integer({ min: 1, max: 4 }),
  })
  .map(
    ({ ceiling, size, count }): Services => ({
      db: postgres({ command: ["postgres", "-c", `max_connections=${ceiling}`] }),
      api: consumer(
        { scale: count, ...waiting("service_completed_successfully", "migrate") },
        { PRISMA_POOL_SIZE: size },
      ),
      worker: consumer({ deploy: { replicas: count } }),
      migrate: consumer({}, { PRISMA_POOL_SIZE: size }),
    }),
  )

type Change = (services: Services) => Services

const change =
  (name: string, values: Readonly<Record<string, unknown>>): Change =>
  (services) => ({ ...services, [name]: { ...services[name], ...values } })

const without =
  (name: string): Change =>
  (services) =>
    Object.fromEntries(Object.entries(services).filter(([each]) => each !== name))

const command = `DATABASE_URL=${URL_OF_DB} node main.js`

const HIDING: readonly [what: string, how: Change][] = [
  ["a URL, in a secret", change("api", { environment: {}, secrets: [{ source: "url" }] })],
  [
    "a URL, in a secret of its own",
    change("api", { environment: { DATABASE_URL_FILE: "/run/secrets/url" } }),
  ],
  ["a URL, in a config", change("api", { environment: {}, configs: [{ source: "env", target: "/.env" }] })],
  ["a URL, in a file", change("api", { environment: {}, volumes: ["/srv/.env:/app/.env"] })],
  [
    "a URL, in the code's directory",
    change("api", { environment: {}, build: "/srv", volumes: ["/srv:/app"] }),
  ],
  ["a URL, in a command", change("api", { environment: {}, command: ["sh", "-c", command] })],
  ["a URL, under another name", change("api", { environment: { BILLING_URL: URL_OF_DB } })],
  [
    "a size, in a command",
    change("api", { environment: { DATABASE_URL: URL_OF_DB }, command: "PRISMA_POOL_SIZE=90 x" }),
  ],
  ["the number of containers", change("api", { scale: null, deploy: { mode: "global" } })],
  ["the number of a job's containers", change("api", { scale: null, deploy: { mode: "global-job" } })],
  ["the ceiling, in a file", change("db", { command: ["postgres", "-c", "config_file=/x"] })],
  ["the ceiling, in a script", change("db", { command: ["/start.sh"] })],
  ["the server, in an image of one's own", change("db", { image: "own:1", command: null })],
  ["the server", without("db")],
  ["a pooler", change("db", { image: "edoburu/pgbouncer" })],
]

describe("what is hidden never makes a verdict better:", () => {
  test.each(HIDING)("%s", (_, how) => {
    let notFitting = 0
    fc.assert(
      fc.property(ordinary, (services) => {
        if (verdict(services) === "fits") return
        notFitting += 1
        expect(verdict(how(services))).not.toBe("fits")
      }),
      runs(40),
    )
    expect(notFitting, "there are fleets that do not fit").toBeGreaterThan(0)
  })
})

const BESIDE: Services = {
  proxy: service({ image: "traefik:v3", volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"] }),
  web: service({ image: "nginx:1.29", volumes: ["/srv/nginx.conf:/etc/nginx/nginx.conf:ro"] }),
  frontend: service({ build: { context: "/srv/web", args: { DATABASE_URL: "x" } }, ports: [] }),
  cache: service({ image: "redis:7", command: ["redis-server", "--appendonly", "yes"] }),
  queue: service({ image: "rabbitmq:4-management", secrets: [{ source: "cookie" }] }),
  mail: service({ image: "axllent/mailpit", environment: { MP_MAX_MESSAGES: 500 } }),
  search: service({ image: "opensearchproject/opensearch:2", environment: ["discovery.type=single-node"] }),
  storage: service({ image: "minio/minio", command: "server /data", volumes: ["files:/data"] }),
  metrics: service({ image: "prom/prometheus", configs: [{ source: "prometheus" }] }),
  grafana: service({ image: "grafana/grafana", secrets: ["password"] }),
  admin: service({ image: "dpage/pgadmin4", environment: { PGADMIN_DEFAULT_PASSWORD: "x" } }),
  legacy: service({ image: "mysql:8", environment: { MYSQL_DATABASE: "old" } }),
  tls: service({ image: "own:1", secrets: [{ source: "tls", target: "/run/secrets/tls.key" }] }),
}

test("what stands beside the applications in an ordinary file never makes it worse", () => {
  fc.assert(
    fc.property(ordinary, fc.subarray(Object.entries(BESIDE)), (services, others) => {
      expect(verdict({ ...services, ...Object.fromEntries(others) })).toBe(verdict(services))
    }),
    runs(60),
  )
})
