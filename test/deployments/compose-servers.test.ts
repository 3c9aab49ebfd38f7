import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromCompose } from "../../src/deployments/index.ts"
import { compose, consumer, postgres, reading, service } from "./compose-file.ts"
import { connecting, unknownNames } from "./resources.ts"

const db = "service/db"

/** The ceiling of a server, or the reason why it is not known. */
function ceiling(values: Record<string, unknown>, options?: DeploymentOptions) {
  const fleet = fleetFromCompose(compose({ db: postgres({ command: null, ...values }) }), options)
  return fleet.maxConnections ?? fleet.unknowns.map(({ name, problem }) => `${name} ${problem}`).join("; ")
}

describe("a PostgreSQL server is", () => {
  test.each([
    "postgres",
    "postgres:17-alpine",
    "docker.io/library/postgres:16@sha256:0123",
    "localhost:5000/mirror/postgres:16",
    "postgis/postgis:16-3.4",
    "bitnami/postgresql:16",
    "bitnamilegacy/postgresql:16",
    "timescale/timescaledb:latest-pg16",
    "timescale/timescaledb-ha:pg16",
    "pgvector/pgvector:pg17",
    "supabase/postgres:15.8.1",
    "ghcr.io/immich-app/postgres:14",
    "ghcr.io/cloudnative-pg/postgresql:17",
  ])("a service of the image %s, and no consumer", (image) => {
    const environment = { POSTGRES_URL: "postgresql://app@db/x", DATABASE_URL: "postgresql://app@db/x" }
    const fleet = fleetFromCompose(compose({ db: postgres({ image, command: null, environment }) }))
    expect(fleet.servers).toEqual([{ address: db, maxConnections: 100, nodeType: undefined }])
    expect([connecting(fleet), unknownNames(fleet)]).toEqual([[], []])
  })

  test.each([
    ["docker-entrypoint.sh", "postgres", "-c", "max_connections=70"],
    ["/usr/local/bin/docker-entrypoint.sh", "postgres", "-N70"],
    ["/usr/lib/postgresql/17/bin/postgres", "--max_connections=70"],
  ])("a service of its own image with the command %s …", (...command) => {
    expect(ceiling({ image: "shop-db:1", command })).toBe(70)
  })

  test.each([
    ["postgres:17", ["pg_dump", "-f", "/backup/db.sql"]],
    ["postgres:17", "psql -f init.sql"],
    ["postgres:17", ["sh", "-c", "until pg_isready -h db; do sleep 1; done; psql -h db -f /init.sql"]],
    ["prodrigestivill/postgres-backup-local", null],
    ["postgres:17", ["bash", "/scripts/backup.sh"]],
    ["shop:1", ["node", "postgres"]],
    ["dpage/pgadmin4", null],
  ])("not a client: %s %j", (image, command) => {
    expect(fleetFromCompose(compose({ db: service({ image, command }) })).servers).toEqual([])
  })

  test("not one that does not run", () => {
    expect(ceiling({ scale: 0 })).toMatch(/^max_connections is not in these documents/)
  })
})

describe("its ceiling is", () => {
  test.each<[command: unknown]>([
    [["postgres", "-c", "max_connections=250"]],
    [["postgres", "-cmax_connections=250"]],
    [["postgres", "-c", "shared_buffers=1GB", "-c", "MAX_CONNECTIONS = 250"]],
    [["postgres", "--max_connections=250"]],
    [["postgres", "--max-connections=250"]],
    [["postgres", "-N", "250"]],
    [["-c", "max_connections=250"]],
    ["postgres -c max_connections=250 -c work_mem=4MB"],
    ["postgres -N 250"],
    ["postgres -c 'max_connections=250'"],
    [["postgres", "-c", "max_connections=50", "-c", "max_connections=250"]],
    [["sh", "-c", "cp /x /y && exec docker-entrypoint.sh postgres -c max_connections=250"]],
    [["postgres", "-c", "config_file=/etc/postgresql.conf", "-c", "max_connections=250"]],
  ])("in its command: %j", (command) => {
    expect(ceiling({ command })).toBe(250)
  })

  test.each<[flags: string, kept: number]>([
    ["", 0],
    ["-c superuser_reserved_connections=10", 7],
    ["-c reserved_connections=5", 5],
    ["--superuser-reserved-connections=6 -c RESERVED_CONNECTIONS=5", 8],
    ["-c superuser_reserved_connections=20 -c superuser_reserved_connections=5", 2],
    ["-c superuser_reserved_connections=1", 0],
  ])("less by the slots that its command keeps beyond three: %j", (flags, kept) => {
    const command = `postgres -c max_connections=250 ${flags}`
    const { maxConnections, providerReserved } = fleetFromCompose(compose({ db: postgres({ command }) }))
    expect([maxConnections, providerReserved]).toEqual([250, kept])
  })

  test("not known where the slots that it keeps are no number, and at most what it says", () => {
    const command = "postgres -c max_connections=250 -c superuser_reserved_connections=many"
    const fleet = fleetFromCompose(compose({ db: postgres({ command }) }))
    expect([fleet.maxConnections, fleet.maxConnectionsAtMost]).toEqual([undefined, 250])
    expect(ceiling({ command })).toBe(
      "service/db has a superuser_reserved_connections in its command that is not a whole number",
    )
  })

  test("in its command, though a file is mounted, because a command takes precedence", () => {
    const volumes = [{ type: "bind", source: "/srv/pg.conf", target: "/etc/postgresql/postgresql.conf" }]
    expect(ceiling({ command: ["postgres", "-c", "max_connections=250"], volumes })).toBe(250)
  })

  test("in a variable of Bitnami's", () => {
    const image = "docker.io/bitnami/postgresql:16"
    expect(ceiling({ image, environment: { POSTGRESQL_MAX_CONNECTIONS: 300 } })).toBe(300)
    expect(ceiling({ image, environment: { POSTGRESQL_EXTRA_FLAGS: "-c max_connections=310" } })).toBe(310)
    expect(ceiling({ image, environment: ["POSTGRESQL_MAX_CONNECTIONS=lots"] })).toBe(
      "service/db has a max_connections in POSTGRESQL_MAX_CONNECTIONS that is not a whole number from 1 to 262143",
    )
    // The official images do not read it.
    expect(ceiling({ environment: { POSTGRESQL_MAX_CONNECTIONS: "300" } })).toBe(100)
  })

  test.each([
    ["registry.redhat.io/rhel9/postgresql-15:1"],
    ["quay.io/sclorg/postgresql-15-c9s"],
    ["registry.access.redhat.com/rhscl/postgresql-12-rhel7"],
    ["quay.io/fedora/postgresql-16:latest"],
  ])("in a variable of Red Hat's %s", (image) => {
    const started = { image, command: null }
    expect(ceiling({ ...started, environment: { POSTGRESQL_MAX_CONNECTIONS: "50" } })).toBe(50)
    expect(ceiling({ ...started, environment: {} })).toBe(100)
    const volumes = [{ type: "bind", source: "/srv/cfg", target: "/opt/app-root/src/postgresql-cfg" }]
    expect(ceiling({ ...started, volumes })).toMatch(/configuration file/)
  })

  test("the image's default, which is assumed where it counts", () => {
    const assumed = {
      name: "service/db.max_connections",
      assumed: "omitted: 100, the image's default",
      remedy: "Set it in the command (postgres -c max_connections=100), or give maxConnections",
    }
    const services = { db: postgres({ command: null }), api: consumer() }
    expect(fleetFromCompose(compose(services)).assumptions).toContainEqual(assumed)
    expect(fleetFromCompose(compose(services), { maxConnections: 90 }).assumptions).not.toContainEqual(
      assumed,
    )
    expect(fleetFromCompose(compose(services), { maxConnections: 90 })).toMatchObject({
      maxConnections: 90,
      warnings: ["service/db: max_connections is 100 here, but 90 was given, which counts"],
    })
    const two = compose({ ...services, other: postgres() })
    expect(fleetFromCompose(two, { server: "service/other" }).assumptions).not.toContainEqual(assumed)
    expect(fleetFromCompose(two, { server: db }).assumptions).toContainEqual(assumed)
    expect(fleetFromCompose(two).assumptions).not.toContainEqual(assumed)
  })

  test.each<[what: string, values: Record<string, unknown>, reason: RegExp]>([
    [
      "in a file of its command",
      { command: ["postgres", "-c", "config_file=/etc/pg.conf"] },
      /configuration file/,
    ],
    ["in a file of its command", { command: "postgres --config-file=/etc/pg.conf" }, /configuration file/],
    [
      "in a mounted file",
      { volumes: [{ type: "bind", source: "/srv/my.conf", target: "/etc/postgresql/postgresql.conf" }] },
      /configuration file/,
    ],
    [
      "in a mounted file",
      { volumes: ["./pg.conf:/var/lib/postgresql/data/postgresql.conf"] },
      /configuration file/,
    ],
    [
      "in a config",
      { configs: [{ source: "pg", target: "/etc/postgresql/conf.d/pg.conf" }] },
      /configuration file/,
    ],
    ["set by a script", { command: ["/start.sh"] }, /starts with a command of its own/],
    ["set by a script", { entrypoint: ["bash", "/start.sh"] }, /starts with a command of its own/],
    ["not a number", { command: ["postgres", "-c", "max_connections=$$MAX"] }, /not a whole number/],
    ["not a number", { command: ["postgres", "-c", "max_connections="] }, /not a whole number/],
    ["too high", { command: ["postgres", "-c", "max_connections=300000"] }, /not a whole number/],
    ["0", { command: ["postgres", "-N", "0"] }, /not a whole number/],
    ["older than its data", { environment: { POSTGRES_INITDB_ARGS: "-c max_connections=9" } }, /is created$/],
    ["older than its data", { environment: { TS_TUNE_MAX_CONNS: "9" } }, /is created$/],
    [
      "in a configuration that a variable has",
      { image: "kartoza/postgis:17", environment: { EXTRA_CONF: "max_connections = 50" } },
      /has EXTRA_CONF, which may set max_connections$/,
    ],
    [
      "in a configuration that a variable has",
      {
        image: "ghcr.io/zalando/spilo-17:4.0",
        environment: { SPILO_CONFIGURATION: "postgresql:\n  parameters: {max_connections: 50}\n" },
      },
      /has SPILO_CONFIGURATION, which may set max_connections$/,
    ],
  ])("not known if it is %s", (_, values, reason) => {
    expect(ceiling(values)).toMatch(reason)
    expect(ceiling(values, { maxConnections: 90 })).toBe(90)
  })
})

describe("a URL leads to the server", () => {
  const at = (host: string, values: Record<string, unknown> = {}, more: Record<string, unknown> = {}) => {
    const environment = { DATABASE_URL: `postgresql://app@${host}/shop`, PRISMA_POOL_SIZE: "3" }
    return unknownNames(
      fleetFromCompose(compose({ db: postgres(values), api: service({ environment, ...more }) })),
    )
  }
  const elsewhere = ["service/api"]

  test("by the name of its service, of its container, its aliases and links", () => {
    const networks = { back: { aliases: ["database", "pg.internal"] }, default: null }
    expect(at("db")).toEqual([])
    expect(at("shop-pg", { container_name: "shop-pg" })).toEqual([])
    expect(at("pghost", { hostname: "pghost" })).toEqual([])
    expect(at("database", { networks })).toEqual([])
    expect(at("PG.internal.", { networks })).toEqual([])
    expect(at("shop-db-1")).toEqual([])
    expect(at("linked", {}, { links: ["db:linked"] })).toEqual([])
    expect(at("db", { networks: ["back"] })).toEqual([])
  })

  test("and by no other name", () => {
    expect(at("database")).toEqual(elsewhere)
    expect(at("linked", {}, { links: ["cache:linked", "db"] })).toEqual(elsewhere)
  })
})

describe("a connection pooler", () => {
  const pooler = (values: Record<string, unknown> = {}) =>
    service({
      image: "edoburu/pgbouncer:v1.24",
      environment: { DATABASE_URL: "postgresql://app@db/shop", POOL_MODE: "transaction" },
      ...values,
    })
  const throughPooler = service({
    environment: { DATABASE_URL: "postgresql://app@pgbouncer:6432/shop", PRISMA_POOL_SIZE: "3" },
  })

  test.each(["edoburu/pgbouncer", "bitnami/pgbouncer:1", "registry.example.org/own-pgbouncer@sha256:0"])(
    "%s is not known, and says what to declare",
    (image) => {
      expect(reading({ pgbouncer: pooler({ image }), api: consumer() }).unknowns).toEqual([
        {
          cause: "type",
          address: "service/pgbouncer",
          name: "service/pgbouncer",
          problem: "is a connection pooler, and the document does not show how many connections it opens",
          between: "0 or any number of connections",
          isUnbounded: true,
          remedy:
            "Count it by hand: add --consumer NAME=INSTANCESxSIZE and --exclude 'ADDRESS=counted by hand', or declare both",
        },
      ])
    },
  )

  test("is one by its command too, and none if it does not run", () => {
    const own = pooler({ image: "shop-pooler", command: ["/usr/bin/pgbouncer", "/etc/pgbouncer.ini"] })
    expect(unknownNames(reading({ pgbouncer: own, api: consumer() }))).toEqual(["service/pgbouncer"])
    expect(unknownNames(reading({ pgbouncer: pooler({ scale: 0 }), api: consumer() }))).toEqual([])
    const exporter = pooler({ image: "prometheuscommunity/pgbouncer-exporter", environment: {} })
    expect(unknownNames(reading({ exporter, api: consumer() }))).toEqual([])
  })

  test("is another host than the server", () => {
    const fleet = reading({ pgbouncer: pooler(), api: throughPooler })
    expect(unknownNames(fleet)).toEqual(["service/pgbouncer", "service/api"])
  })

  test("drops out when it is excluded, together with what goes through it", () => {
    const exclude = { "service/pgbouncer": "20, declared", "service/api": "through the pooler" }
    expect(reading({ pgbouncer: pooler(), api: throughPooler }, { exclude }).unknowns).toEqual([])
  })
})
