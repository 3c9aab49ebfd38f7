import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromKubernetes } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { autoscaler, client, deployment, env, object, unknown, type Values, yaml } from "./manifests.ts"

const cluster = (name = "main", more: Values = {}) =>
  object("postgresql.cnpg.io/v1", "Cluster", name, {
    spec: { instances: 3, postgresql: { parameters: { max_connections: "200" } } },
    ...more,
  })
const pooler = (spec: Values = {}, pgbouncer: Values = {}, name = "pooler-rw") =>
  object("postgresql.cnpg.io/v1", "Pooler", name, {
    metadata: { namespace: "prod" },
    spec: {
      cluster: { name: "main" },
      instances: 2,
      type: "rw",
      pgbouncer: {
        poolMode: "transaction",
        parameters: { max_client_conn: "1000", default_pool_size: "10" },
        ...pgbouncer,
      },
      ...spec,
    },
  })
const api = (url: string, name = "api", replicas = 4) =>
  deployment(name, {
    metadata: { namespace: "prod" },
    spec: { replicas },
    containers: [client({ env: env({ DATABASE_URL: url, PRISMA_POOL_SIZE: "5" }) })],
  })
const at = (host: string, user = "app", database = "shop") =>
  `postgresql://${user}:pw@${host}:5432/${database}`
const MAIN = cluster("main", { metadata: { namespace: "prod" } })
const read = (objects: readonly unknown[], options: DeploymentOptions = {}) =>
  fleetFromKubernetes(yaml(objects), { keys: ["DATABASE_URL"], ...options })
const NAME = "prod/pooler/pooler-rw"

describe("a Pooler of CloudNativePG is a tier", () => {
  test("with one pool for the database and the user of its clients, and one that looks up users", () => {
    const fleet = read([MAIN, pooler(), api(at("pooler-rw"))])
    expect(unknown(fleet)).toEqual([])
    expect(fleet.highest.consumers["prod/deployment/api"]?.pooler).toBe(NAME)
    const { poolers, total, deploy } = checkFleet({ maxConnections: 200, ...fleet.highest })
    // 2 processes × (10 + 10), and as many backends without a client as an instance has connections.
    expect(poolers?.[NAME]).toMatchObject({ total: 45, clients: { total: 20, capacity: 1600 } })
    expect([total, deploy?.total]).toEqual([45, 85])
    expect(fleet.assumptions.map(({ name }) => name)).toContain(`${NAME}.surge`)
  })

  test.each(["pooler-rw.prod", "pooler-rw.prod.svc", "pooler-rw.prod.svc.cluster.local"])(
    "whose clients name it %s",
    (host) => {
      const fleet = read([MAIN, pooler(), api(at(host))])
      expect(unknown(fleet)).toEqual([])
      expect(fleet.highest.consumers["prod/deployment/api"]?.pooler).toBe(NAME)
    },
  )

  test.each([
    { "cnpg.io/poolerName": "pooler-rw" },
    { "cnpg.io/poolerName": "pooler-rw", "cnpg.io/podRole": "pooler" },
    { tier: "pool" },
  ])("whose clients name a Service of one's own that selects %j", (selector) => {
    const service = object("v1", "Service", "pool", { metadata: { namespace: "prod" }, spec: { selector } })
    const labelled = pooler({ template: { metadata: { labels: { tier: "pool" } } } })
    for (const [objects, open] of [
      [[MAIN], []],
      [[], ["max_connections: ceiling"]],
    ] as const) {
      const fleet = read([...objects, labelled, service, api(at("pool.prod"))])
      expect(unknown(fleet)).toEqual(open)
      expect(fleet.highest.consumers["prod/deployment/api"]?.pooler).toBe(NAME)
    }
    const other = read([MAIN, pooler({ template: {} }, {}, "other"), service, api(at("pool.prod"))])
    expect(other.highest.poolers).toBeUndefined()
  })

  test("with a pool for each pair, and what connects to the server itself beside it", () => {
    const fleet = read([
      MAIN,
      pooler(),
      api(at("pooler-rw")),
      api(at("pooler-rw"), "web"),
      api(at("pooler-rw", "report"), "report"),
      api(at("pooler-rw", "report", "audit"), "audit"),
      api(at("main-rw"), "direct", 1),
    ])
    expect(unknown(fleet)).toEqual([])
    expect(fleet.highest.poolers?.[NAME]).toMatchObject({ pools: 3, databases: 2, users: 2 })
    const { total } = checkFleet({ maxConnections: 200, ...fleet.highest })
    expect(total).toBe(2 * (3 + 1) * 10 + 5 + 5)
  })

  test("with PgBouncer's defaults where it says nothing: session mode, 20 in a pool and 100 clients", () => {
    const plain = pooler({ instances: undefined, pgbouncer: {} })
    const fleet = read([MAIN, plain, api(at("pooler-rw"), "api", 2)])
    expect(fleet.highest.poolers?.[NAME]).toMatchObject({
      instances: 1,
      surge: 1,
      poolMode: "session",
      poolSize: 20,
      maxClientConnections: 100,
      authUser: "cnpg_pooler_pgbouncer",
      authDbname: "postgres",
    })
  })

  test("with its caps and its reserve", () => {
    const parameters = { reserve_pool_size: "3", max_db_connections: "12", max_user_connections: "11" }
    const fleet = read([MAIN, pooler({}, { parameters }), api(at("pooler-rw"))])
    expect(fleet.highest.poolers?.[NAME]).toMatchObject({
      reservePoolSize: 3,
      maxDbConnections: 12,
      maxUserConnections: 11,
    })
  })

  test("whose deploy stops the old pods first, or which an autoscaler scales", () => {
    const recreated = read([
      MAIN,
      pooler({ deploymentStrategy: { type: "Recreate" } }),
      autoscaler("pooler", { kind: "Pooler", name: "pooler-rw" }, 6, { metadata: { namespace: "prod" } }),
      api(at("pooler-rw")),
    ])
    expect(recreated.highest.poolers?.[NAME]).toMatchObject({ instances: 6, surge: 0 })
  })

  test("whose clients have the room of the fewest pods that an autoscaler leaves", () => {
    const scaled = (spec: Values, kind = "HorizontalPodAutoscaler", metadata: Values = {}) => {
      const scaler = object(kind === "ScaledObject" ? "keda.sh/v1alpha1" : "autoscaling/v2", kind, "pooler", {
        metadata: { namespace: "prod", ...metadata },
        spec: {
          scaleTargetRef: { apiVersion: "postgresql.cnpg.io/v1", kind: "Pooler", name: "pooler-rw" },
          ...spec,
        },
      })
      const { highest } = read([MAIN, pooler(), scaler, api(at("pooler-rw"))])
      const { poolers } = checkFleet({ maxConnections: 200, ...highest })
      return [highest.poolers?.[NAME]?.instances, poolers?.[NAME]?.clients.capacity]
    }
    expect(scaled({ minReplicas: 3, maxReplicas: 6 })).toEqual([6, 2_400])
    expect(scaled({ maxReplicas: 6 })).toEqual([6, 800])
    expect(scaled({ minReplicaCount: 4, maxReplicaCount: 6 }, "ScaledObject")).toEqual([6, 3_200])
    expect(scaled({ minReplicaCount: 4, idleReplicaCount: 0, maxReplicaCount: 6 }, "ScaledObject")).toEqual([
      6, 800,
    ])
    expect(scaled({ maxReplicaCount: 6 }, "ScaledObject")).toEqual([6, 800])
    const annotations = { "autoscaling.keda.sh/paused-replicas": "5" }
    expect(scaled({ maxReplicaCount: 6 }, "ScaledObject", { annotations })).toEqual([6, 4_000])
  })

  test("in session mode with a pool for each pair, whose clients have no other", () => {
    const parameters = { max_client_conn: "1000", default_pool_size: "10" }
    const fleetOf = (one: number, other: number, more: Values = {}) =>
      read([
        MAIN,
        pooler({ instances: 1 }, { poolMode: "session", parameters: { ...parameters, ...more } }),
        api(at("pooler-rw"), "api", one),
        api(at("pooler-rw", "report"), "report", other),
      ])
    const fits = ({ highest }: ReturnType<typeof fleetOf>) =>
      checkFleet({ maxConnections: 200, ...highest }).poolers?.[NAME]?.clients.deploy.fits
    const roomy = { default_pool_size: "20" }
    expect([unknown(fleetOf(2, 2, roomy)), fits(fleetOf(2, 2, roomy))]).toEqual([[], true])
    const uneven = fleetOf(3, 1, roomy)
    expect([unknown(uneven), fits(uneven)]).toEqual([[`${NAME}.poolMode: count`], false])
    expect(checkFleet({ maxConnections: 200, ...uneven.lowest }).poolers?.[NAME]?.clients.fits).toBe(true)
    expect(fits(fleetOf(2, 2, { ...roomy, max_db_connections: "30" }))).toBe(false)
  })

  test("by an override of its pods", () => {
    const override = { [NAME]: { instances: 5, surge: 1, poolSize: 4, reason: "measured" } }
    const fleet = read([MAIN, pooler(), api(at("pooler-rw"))], { override })
    expect(fleet.highest.poolers?.[NAME]).toMatchObject({ instances: 5, surge: 1, poolSize: 4 })
    expect(fleet.explicit.map(({ name }) => name)).toContain(`${NAME}.instances`)
  })

  test("of the server that is declared by its host, where its Cluster is not in the documents", () => {
    const hosts = ["main-rw.prod"]
    const fleet = read([pooler(), api(at("pooler-rw"))], { hosts, maxConnections: 200 })
    expect([unknown(fleet), fleet.highest.poolers?.[NAME]?.pools]).toEqual([[], 1])
    const alone = read([pooler(), api(at("pooler-rw"))], { maxConnections: 200 })
    expect([unknown(alone), alone.highest.poolers?.[NAME]?.pools]).toEqual([[], 1])
  })
})

describe("the clients of a Pooler", () => {
  const hidden = (name: string, secret: string) =>
    deployment(name, {
      metadata: { namespace: "prod" },
      spec: { replicas: 3 },
      containers: [
        client({
          env: [
            { name: "DB_USER", valueFrom: { secretKeyRef: { name: secret, key: "user" } } },
            ...env({ DATABASE_URL: at("pooler-rw", "$(DB_USER)"), PRISMA_POOL_SIZE: "5" }),
          ],
        }),
      ],
    })

  test("have a pool each, where their users come from Secrets", () => {
    const fleet = read([MAIN, pooler(), hidden("api", "one"), hidden("web", "two")])
    expect(unknown(fleet)).toEqual([`${NAME}.pools: count`])
    expect([fleet.lowest.poolers?.[NAME]?.pools, fleet.highest.poolers?.[NAME]?.pools]).toEqual([1, 2])
  })

  test("are one pool, where there is one of them", () => {
    const fleet = read([MAIN, pooler(), hidden("api", "one")])
    expect([unknown(fleet), fleet.highest.poolers?.[NAME]?.pools]).toEqual([[], 1])
  })

  test("may all be in one pool, whose connections are then too few for them in session mode", () => {
    const session = pooler({}, { poolMode: "session" })
    const { highest, lowest } = read([MAIN, session, hidden("api", "one"), hidden("web", "two")])
    const clientsAt = (part: typeof highest) =>
      checkFleet({ maxConnections: 200, ...part }).poolers?.[NAME]?.clients.fits
    // 30 clients of 2 × 10 or 2 × 20 connections.
    expect([clientsAt(lowest), clientsAt(highest)]).toEqual([true, false])
  })
})

describe("a Pooler of CloudNativePG without a process", () => {
  test("is none, if nothing connects through it", () => {
    const fleet = read([MAIN, pooler({ instances: 0 }), api(at("main-rw"))])
    expect([unknown(fleet), fleet.failures, fleet.highest.poolers]).toEqual([[], [], undefined])
  })

  test("cannot work with clients, unless these have no process either", () => {
    const fleet = read([MAIN, pooler({ instances: 0 }), api(at("pooler-rw"))])
    expect(fleet.failures).toMatchObject([{ name: NAME, problem: expect.stringContaining("no process") }])
    const off = read([MAIN, pooler({ instances: 0 }), api(at("pooler-rw"), "api", 0)])
    expect([unknown(off), off.failures]).toEqual([[], []])
    expect(checkFleet({ maxConnections: 200, ...off.highest }).total).toBe(1)
  })
})

describe("a Pooler of CloudNativePG leaves open", () => {
  const open = (spec: Values, pgbouncer: Values = {}, url = at("pooler-rw")) =>
    read([MAIN, pooler(spec, pgbouncer), api(url)]).unknowns.filter(({ address }) => address === NAME)

  test("what connects through it, if nothing is known to", () => {
    const [own] = open({}, {}, at("main-rw"))
    expect(own).toMatchObject({ isUnbounded: true, problem: expect.stringContaining("nothing is known to") })
  })

  test("the server of replicas, and databases of its own", () => {
    expect(open({ type: "ro" })).toMatchObject([{ isUnbounded: true }])
    expect(open({ type: "r" })).toMatchObject([{ isUnbounded: true }])
    expect(open({}, { databases: [{ name: "shop" }] })).toMatchObject([{ isUnbounded: true }])
  })

  test("when it goes on, if it is paused", () => {
    expect(open({}, { paused: true })).toMatchObject([{ isUnbounded: true }])
  })

  test("which pool a client has whose URL cannot be seen, of which it is said that it is behind it", () => {
    const hidden = deployment("api", {
      metadata: { namespace: "prod" },
      containers: [
        client({
          env: [
            { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "db", key: "url" } } },
            { name: "PRISMA_POOL_SIZE", value: "5" },
          ],
        }),
      ],
    })
    const unsaid = read([MAIN, pooler(), hidden, api(at("pooler-rw"), "web")])
    expect(unsaid.unknowns.filter(({ isUnbounded }) => isUnbounded).map(({ name }) => name)).toEqual([
      "prod/deployment/api.pooler",
    ])
    const override = { "prod/deployment/api": { pooler: "pooler/pooler-rw", reason: "its Secret" } }
    const said = read([MAIN, pooler(), hidden, api(at("pooler-rw"), "web")], { override })
    expect(unknown(said)).toEqual([`${NAME}.pools: count`])
    expect([said.lowest.poolers?.[NAME]?.pools, said.highest.poolers?.[NAME]?.pools]).toEqual([1, 2])
  })

  test("which of two Poolers is in front of the server, where the Clusters are not in the documents", () => {
    const other = pooler({ cluster: { name: "other" } }, {}, "pooler-other")
    const clients = [api(at("pooler-rw")), api(at("pooler-other"), "web")]
    const { lowest, highest } = read([pooler(), other, ...clients], { maxConnections: 50 })
    expect([Object.keys(lowest.poolers ?? {}), Object.keys(highest.poolers ?? {})]).toEqual([
      [],
      [NAME, "prod/pooler/pooler-other"],
    ])
    const hosts = ["main-rw.prod"]
    const known = read([pooler(), other, clients[0]], { maxConnections: 50, hosts })
    expect(Object.keys(known.lowest.poolers ?? {})).toEqual([NAME])
  })

  test("which of two clusters it is in front of, unless one is chosen", () => {
    const other = cluster("other", { metadata: { namespace: "prod" } })
    const both = [MAIN, other, pooler(), api(at("pooler-rw"))]
    expect(unknown(read(both, { maxConnections: 100 }))).toContain("prod/deployment/api: server")
    expect(unknown(read(both, { server: "prod/cluster/main" }))).toEqual([])
    const elsewhere = read(both, { server: "prod/cluster/other" })
    expect(elsewhere.highest.poolers).toBeUndefined()
    expect(unknown(elsewhere)).toContain("prod/deployment/api: host")
  })
})

test("templates that were not rendered leave a Pooler open", () => {
  const template = { parameters: { default_pool_size: "{{ .Values.size }}" } }
  for (const changed of [pooler({}, template), pooler({ type: "{{ .Values.type }}" })]) {
    const { unknowns } = read([MAIN, changed, api(at("main-rw"))])
    expect(unknowns.filter(({ isUnbounded }) => isUnbounded)).toMatchObject([
      { address: NAME, isUnbounded: true, problem: expect.stringContaining("a template") },
    ])
  }
})

test("a parameter may have blanks around it, as in PgBouncer's file", () => {
  const fleet = read([MAIN, pooler({}, { parameters: { default_pool_size: " 7 " } }), api(at("pooler-rw"))])
  expect(fleet.highest.poolers?.[NAME]?.poolSize).toBe(7)
})

test("a PgBouncer beside each client is seen as a sidecar that starts before it, too", () => {
  const sidecar = { name: "pgbouncer", image: "edoburu/pgbouncer:v1.24.1-p1", restartPolicy: "Always" }
  const beside = (initContainers: readonly Values[]) =>
    read([
      MAIN,
      deployment("api", {
        metadata: { namespace: "prod" },
        containers: [client({ env: env({ DATABASE_URL: at("main-rw"), PRISMA_POOL_SIZE: "5" }) })],
        pod: { initContainers },
      }),
    ])
  expect(unknown(beside([{ ...sidecar, restartPolicy: undefined }]))).toEqual([])
  expect(beside([sidecar]).unknowns).toMatchObject([{ address: "prod/deployment/api", isUnbounded: true }])
})

describe("a pooler that an operator runs beside its server is open", () => {
  const ofZalando = (spec: Values) => object("acid.zalan.do/v1", "postgresql", "db", { spec })
  const ofCrunchy = (proxy: Values) =>
    object("postgres-operator.crunchydata.com/v1beta1", "PostgresCluster", "db", { spec: { proxy } })

  test.each([
    ofZalando({ enableConnectionPooler: true }),
    ofZalando({ connectionPooler: { numberOfInstances: 2 } }),
    ofCrunchy({ pgBouncer: { replicas: 2 } }),
    ofCrunchy({ pgBouncer: {} }),
  ])("$kind %#", (server) => {
    expect(read([server]).unknowns).toContainEqual(
      expect.objectContaining({
        isUnbounded: true,
        problem: expect.stringContaining("a pooler of its operator"),
      }),
    )
  })

  test.each([
    ofZalando({}),
    ofZalando({ enableConnectionPooler: false, connectionPooler: { numberOfInstances: 2 } }),
    ofCrunchy({}),
    ofCrunchy({ pgBouncer: { replicas: 0 } }),
  ])("unless it has none: $kind %#", (server) => {
    expect(read([server]).unknowns.filter(({ isUnbounded }) => isUnbounded)).toEqual([])
  })
})

test("a parameter of a Pooler that PgBouncer refuses is named", () => {
  const broken = { parameters: { default_pool_size: "many" } }
  expect(() => read([MAIN, pooler({}, broken), api(at("pooler-rw"))])).toThrow(
    `${NAME}.spec.pgbouncer.parameters: default_pool_size`,
  )
})

test("an excluded Pooler is none", () => {
  const exclude = { [NAME]: "scaled to none" }
  const fleet = read([MAIN, pooler(), api(at("main-rw"))], { exclude })
  expect([unknown(fleet), fleet.highest.poolers]).toEqual([[], undefined])
})
