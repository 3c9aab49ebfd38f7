import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { stringify } from "yaml"
import { type DeployedFleet, fleetFromAppSpec, PoolConfigError } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { runs } from "../support/properties.ts"
import {
  bound,
  component,
  cron,
  database,
  plain,
  reading,
  ref,
  services,
  size,
  sized,
  spec,
  type Values,
} from "./app-specs.ts"

const problems = (value: unknown): string => {
  try {
    fleetFromAppSpec(value)
  } catch (error) {
    if (error instanceof PoolConfigError) return error.message
  }
  return ""
}

const named = ({ unknowns }: DeployedFleet) => unknowns.map(({ name }) => name)
const assumed = ({ assumptions }: DeployedFleet) => assumptions.map(({ name }) => name)

describe("how many instances", () => {
  test.each<[what: string, fields: Values, address: string, instances: number, surge: number]>([
    [
      "instance_count, as many again in a deploy",
      services(component("api", { instance_count: 3 })),
      "service/api",
      3,
      3,
    ],
    ["1 by default", services(component("api", { instance_count: undefined })), "service/api", 1, 1],
    [
      "1 for a 0, which the API leaves out",
      services(component("api", { instance_count: 0 })),
      "service/api",
      1,
      1,
    ],
    [
      "autoscaling over instance_count",
      services(component("api", { autoscaling: { min_instance_count: 1, max_instance_count: 5 } })),
      "service/api",
      5,
      5,
    ],
    ["of a worker", { workers: [component("mails", { instance_count: 2 })] }, "worker/mails", 2, 2],
    ["of a job before a deploy", { jobs: [component("m", { kind: "PRE_DEPLOY" })] }, "job/m", 0, 1],
    ["of a job after a deploy", { jobs: [component("m", { kind: "POST_DEPLOY" })] }, "job/m", 0, 1],
    ["of a job after a failed deploy", { jobs: [component("m", { kind: "FAILED_DEPLOY" })] }, "job/m", 0, 1],
    ["of a job without a kind", { jobs: [component("m", { instance_count: 2 })] }, "job/m", 0, 2],
  ])("%s", (_, fields, address, instances, surge) => {
    const { highest, unknowns } = reading(fields)
    expect(highest.consumers).toEqual({ [address]: { instances, surge, poolSize: 10, poolsPerInstance: 1 } })
    expect(unknowns).toEqual([])
  })

  test("of functions no spec says", () => {
    const functions = [component("f", { instance_count: undefined })]
    const { unknowns, highest } = reading({ functions })
    expect(unknowns).toMatchObject([{ name: "function/f.concurrency", isUnbounded: true }])
    expect(highest.consumers).toHaveProperty("function/f")
    const override = { "function/f": { instances: 20, reason: "measured" } }
    const stated = reading({ functions }, { override })
    expect([named(stated), stated.highest.consumers["function/f"]?.instances]).toEqual([[], 20])
  })

  test("what has no variable is nothing", () => {
    const { highest, unknowns } = reading({
      services: [component("api"), component("web", { envs: [plain("API_URL", ref("api.PUBLIC_URL"))] })],
      functions: [{ name: "f" }],
      static_sites: [{ name: "site", envs: [plain("API_URL", ref("APP_URL"))] }],
    })
    expect([Object.keys(highest.consumers), unknowns]).toEqual([["service/api"], []])
  })
})

describe("a scheduled job", () => {
  test("runs by its schedule in its zone, and for up to half an hour", () => {
    const fleet = reading({ jobs: [cron("import", "0 3 * * *")] })
    expect(fleet.highest.jobs).toEqual([
      {
        name: "job/import",
        schedule: "0 3 * * *",
        timezone: "Europe/Paris",
        timeout: "30m",
        poolSize: 3,
        poolsPerInstance: 1,
      },
    ])
    expect(assumed(fleet)).toContain("job/import.timeout")
  })

  test("runs in UTC by default, for its timeout, in each of its instances", () => {
    const job = cron("import", "*/10 * * * *", {
      schedule: { cron: "*/10 * * * *" },
      timeout: "25m",
      instance_count: 2,
    })
    const fleet = reading({ jobs: [job] })
    expect(fleet.highest.jobs).toMatchObject([{ timezone: "UTC", timeout: "25m", replicas: 2 }])
    expect(assumed(fleet)).not.toContain("job/import.timeout")
  })

  test("with a schedule that is none is refused, and without one it is not known", () => {
    expect(problems(spec({ jobs: [cron("import", "at noon")] }))).toContain("jobs[0].schedule[0].cron")
    const { unknowns } = reading({ jobs: [cron("import", "", { schedule: undefined })] })
    expect(unknowns).toMatchObject([{ name: "job/import.schedule", cause: "schedule" }])
  })
})

describe("the environment", () => {
  const sizeOf = (envs: readonly Values[], fields: Values = {}): readonly [unknown, readonly string[]] => {
    const fleet = reading({ services: [component("api", { envs })], ...fields })
    return [fleet.highest.consumers["service/api"]?.poolSize, named(fleet)]
  }
  const SIZE = "PRISMA_POOL_SIZE"

  test("a URL that DigitalOcean makes has no limit: the default decides", () => {
    expect(sizeOf([bound()])).toEqual([15, []])
  })

  test("what is written after it counts", () => {
    expect(sizeOf([plain("DATABASE_URL", `${ref("db.DATABASE_URL")}&connection_limit=4`)])).toEqual([4, []])
    const parts = `postgresql://${ref("db.USERNAME")}:${ref("db.PASSWORD")}@${ref("db.HOSTNAME")}:${ref("db.PORT")}/${ref("db.DATABASE")}`
    expect(sizeOf([plain("DATABASE_URL", `${parts}?connection_limit=6`)])).toEqual([6, []])
  })

  test("variables of the app are those of each component, whose own count over them", () => {
    const envs = [bound(), size(7)]
    expect(sizeOf([], { envs })).toEqual([7, []])
    expect(sizeOf([size(4)], { envs })).toEqual([4, []])
  })

  test.each<[scope: string | undefined, counted: number]>([
    [undefined, 15],
    ["UNSET", 15],
    ["RUN_TIME", 15],
    ["RUN_AND_BUILD_TIME", 15],
    ["BUILD_TIME", 0],
  ])("a URL of the scope %s has %i connections", (scope, counted) => {
    const { highest, unknowns } = reading(
      services(component("api", { envs: [bound(undefined, undefined, { scope })] })),
    )
    const total = Object.values(highest.consumers).map(
      ({ instances, poolSize }) => Number(instances) * Number(poolSize),
    )
    expect([total, unknowns.map(({ cause }) => cause)]).toEqual([counted === 0 ? [] : [counted], []])
  })

  test("a variable of the app that a component has with another scope is not known", () => {
    const envs = [bound(), size(7)]
    const own = [plain(SIZE, 3, { scope: "BUILD_TIME" })]
    expect(sizeOf(own, { envs })).toEqual([10_000, [`service/api.${SIZE}`]])
  })

  test("a secret is there, and its size is not known", () => {
    const secret = plain("DATABASE_URL", "EV[1:abc:def]", { type: "SECRET" })
    expect(sizeOf([secret])).toEqual([10_000, ["service/api.DATABASE_URL"]])
    expect(sizeOf([secret, size(6)])).toEqual([6, []])
    expect(sizeOf([{ key: "DATABASE_URL", type: "SECRET" }, size(6)])).toEqual([6, []])
  })

  test("a variable may be bound to one of the app, of another component or of its own", () => {
    const other = component("other", { envs: [plain("SIZE", 8)] })
    const all = { services: [component("api", { envs: [bound(), plain(SIZE, ref("other.SIZE"))] }), other] }
    expect(reading(all).highest.consumers["service/api"]?.poolSize).toBe(8)
    expect(sizeOf([bound(), plain(SIZE, ref("SHARED"))], { envs: [plain("SHARED", 9)] })).toEqual([9, []])
    expect(sizeOf([bound(), plain(SIZE, ref("_self.OWN")), plain("OWN", 5)])).toEqual([5, []])
  })

  test("what is bound to nothing in the spec, or in a circle, is not known", () => {
    expect(sizeOf([bound("elsewhere.DATABASE_URL")])).toEqual([10_000, ["service/api.DATABASE_URL"]])
    expect(
      sizeOf([bound(), plain("A", ref("_self.B")), plain("B", ref("_self.A")), plain(SIZE, ref("_self.A"))]),
    ).toEqual([10_000, [`service/api.${SIZE}`]])
  })

  test("a command that sets the size hides it", () => {
    const { unknowns } = reading(services(component("api", { run_command: `${SIZE}=9 node main.js` })))
    expect(unknowns).toMatchObject([{ cause: "size", attribute: SIZE }])
  })

  test("the address in parts is named", () => {
    const envs = [bound("db.HOSTNAME", "SQL_SERVER"), bound("db.PASSWORD", "SQL_PASSWORD")]
    const { unknowns } = reading(services(component("api"), component("bi", { envs })))
    expect(unknowns).toMatchObject([{ name: "service/bi", cause: "type" }])
    const usual = [bound("db.HOSTNAME", "DB_HOST"), bound("db.PASSWORD", "DB_PASSWORD")]
    const withPort = [...usual, bound("db.PORT", "DB_PORT")]
    const ofBi = (own: readonly Values[]) =>
      named(reading(services(component("api"), component("bi", { envs: own }))))
    expect([ofBi(usual), ofBi(withPort)]).toEqual([["service/bi"], ["service/bi.DB_HOST"]])
  })

  test("a pooler as a component is named", () => {
    const pooler = {
      name: "pool",
      image: { registry_type: "DOCKER_HUB", registry: "edoburu", repository: "pgbouncer" },
    }
    const { unknowns } = reading(services(component("api"), pooler))
    expect(unknowns).toMatchObject([{ name: "service/pool", cause: "type", isUnbounded: true }])
  })
})

describe("a build", () => {
  const URL = plain("DATABASE_URL", "postgresql://u:p@main.cluster.digitalocean:25060/defaultdb")
  const migrating = { build_command: "npm ci && npx prisma migrate deploy" }
  const surgeOf = (kind: string, values: Values) =>
    Object.values(reading({ [kind]: [component("x", values)] }).highest.consumers).map(
      ({ instances, surge }) => [instances, surge],
    )

  test("that migrates is one more in a deploy, if the URL is there", () => {
    expect(surgeOf("services", { ...migrating, envs: [URL, size(1)] })).toEqual([[1, 2]])
  })

  test("never reaches a database that is bound: that is there when the app runs", () => {
    expect(surgeOf("services", migrating)).toEqual([[1, 1]])
    expect(surgeOf("static_sites", {})).toEqual([])
  })

  test("that does not migrate is none more", () => {
    expect(surgeOf("services", { build_command: "npx prisma generate", envs: [URL, size(1)] })).toEqual([
      [1, 1],
    ])
  })

  test("of a static site with the URL connects, and so does one that alone has it", () => {
    expect(surgeOf("static_sites", { envs: [URL, size(1)] })).toEqual([[0, 1]])
    expect(surgeOf("workers", { envs: [{ ...URL, scope: "BUILD_TIME" }, size(1)] })).toEqual([[0, 1]])
    expect(surgeOf("static_sites", { envs: [{ ...URL, scope: "RUN_TIME" }] })).toEqual([])
  })
})

describe("the database", () => {
  const ceiling = (values: Values) => {
    const fleet = fleetFromAppSpec(
      spec({ ...services(component("api")), databases: [database("db", values)] }),
    )
    return [fleet.maxConnections, named(fleet)]
  }

  test.each<[size: string, maxConnections: number]>([
    ["db-s-1vcpu-1gb", 25],
    ["db-s-1vcpu-2gb", 50],
    ["db-s-2vcpu-4gb", 100],
    ["db-amd-2vcpu-8gb", 200],
    ["gd-4vcpu-16gb-intel", 400],
    ["db-s-16vcpu-64gb", 1000],
  ])("%s has %i connections", (text, maxConnections) => {
    expect(ceiling({ size: text })).toEqual([maxConnections, []])
  })

  test.each<[what: string, values: Values]>([
    ["a cluster without a size", {}],
    ["a size that says no memory", { size: "huge" }],
    ["a development database", { production: false, cluster_name: undefined }],
  ])("%s has a ceiling that is not known", (_, values) => {
    expect(ceiling(values)).toEqual([undefined, ["database/db"]])
  })

  test("of another engine is none", () => {
    const cache = database("cache", { engine: "REDIS", cluster_name: "cache" })
    const legacy = database("old", { engine: "MYSQL", cluster_name: "old" })
    const all = [sized(), cache, legacy]
    const other = component("other", { envs: [bound("old.DATABASE_URL")] })
    const fleet = reading({ services: [component("api"), other], databases: all })
    expect([Object.keys(fleet.highest.consumers), named(fleet), fleet.servers.length]).toEqual([
      ["service/api"],
      [],
      1,
    ])
  })

  test("a connection pool is on its cluster, and its clients count as connections", () => {
    const fleet = reading(
      services(component("api"), component("pooled", { envs: [bound("db.pool.DATABASE_URL"), size(2)] })),
    )
    expect([named(fleet), fleet.highest.consumers["service/pooled"]?.poolSize]).toEqual([[], 2])
    expect(assumed(fleet)).toContain("database/db.pooler")
  })

  test("two are two servers, unless they are one cluster", () => {
    const two = (cluster: string) =>
      reading({
        ...services(component("api")),
        databases: [sized(), sized("other", { cluster_name: cluster })],
      })
    expect(named(two("other"))).toContain("max_connections")
    expect(named(two("main"))).toEqual([])
  })
})

describe("the file", () => {
  const api = spec(services(component("api")))
  test("may be text, JSON, or the spec in a deploy template", () => {
    for (const each of [api, stringify(api), JSON.stringify(api), { spec: api }])
      expect(Object.keys(fleetFromAppSpec(each).highest.consumers)).toEqual(["service/api"])
  })

  test.each<[what: string, value: unknown, problem: string]>([
    ["no object", 7, "received 7"],
    ["no spec", { name: "shop" }, "so it is no app spec"],
    ["a Blueprint", { services: [{ type: "web", name: "api" }] }, "--render"],
    ["a component without a name", spec({ workers: [{}] }), "is a worker without a name"],
    ["a name twice", spec({ ...services(component("db")) }), "whose name is there before"],
    ["a number that is none", spec(services(component("api", { instance_count: "many" }))), "instance_count"],
    ["two documents", `${stringify(api)}---\n${stringify(api)}`, "is a second document"],
    ["an empty text", "", "is empty"],
  ])("%s is refused", (_, value, problem) => {
    expect(problems(value)).toContain(problem)
  })

  test("several add up, each with its name, and connect to one cluster", () => {
    const other = spec({ name: "other", ...services(component("web")), databases: [database("data")] })
    const two = { ...other, services: [component("web", { envs: [bound("data.DATABASE_URL"), size(5)] })] }
    const fleet = fleetFromAppSpec([api, two])
    expect(Object.keys(fleet.highest.consumers)).toEqual(["specs[0]: service/api", "specs[1]: service/web"])
    expect([fleet.maxConnections, named(fleet)]).toEqual([100, []])
  })

  test("any value anywhere is read or refused, and never shown", () => {
    const SECRET = "s3cr3t-of-the-app"
    const paths: readonly (readonly (string | number)[])[] = [
      ["services", 0],
      ["services", 0, "envs"],
      ["services", 0, "envs", 0, "value"],
      ["services", 0, "envs", 0, "scope"],
      ["services", 0, "autoscaling"],
      ["services", 0, "image"],
      ["jobs", 0, "kind"],
      ["jobs", 0, "schedule"],
      ["jobs", 0, "timeout"],
      ["databases", 0, "engine"],
      ["databases", 0, "cluster_name"],
      ["envs"],
    ]
    const put = (within: unknown, [key, ...rest]: readonly (string | number)[], value: unknown): unknown => {
      if (key === undefined) return value
      if (Array.isArray(within)) return within.map((item, at) => (at === key ? put(item, rest, value) : item))
      return { ...(within as Values), [key]: put((within as Values)[key], rest, value) }
    }
    const values = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constantFrom(SECRET, [SECRET], { key: SECRET }))
    const whole = spec({
      ...services(component("api", {}, [plain("TOKEN", SECRET)])),
      jobs: [cron("import", "0 3 * * *")],
      envs: [],
    })
    fc.assert(
      fc.property(fc.constantFrom(...paths), values, (path, value) => {
        const changed = put(whole, path, value)
        expect(problems(changed)).not.toContain(SECRET)
        let shown = ""
        try {
          const { resources: _, ...fleet } = fleetFromAppSpec(changed)
          shown = JSON.stringify(fleet.unknowns) + JSON.stringify(fleet.assumptions)
        } catch (error) {
          expect(error).toBeInstanceOf(PoolConfigError)
        }
        expect(shown).not.toContain(SECRET)
      }),
      runs(200),
    )
  })
})

const drawn = fc.array(
  fc.record({
    kind: fc.constantFrom("service", "worker", "job"),
    instances: fc.integer({ min: 1, max: 5 }),
    size: fc.integer({ min: 1, max: 12 }),
    from: fc.constantFrom("own", "app", "other"),
    isScaled: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
)

type Drawn = typeof drawn extends fc.Arbitrary<infer T> ? T : never

/** A fleet as an app spec, and as a declaration. */
function written(components: Drawn) {
  const all = components.map((each, index) => ({
    ...each,
    name: `c-${index}`,
    values: component(`c-${index}`, {
      ...(each.isScaled && each.kind !== "job"
        ? { autoscaling: { min_instance_count: 1, max_instance_count: each.instances } }
        : { instance_count: each.instances }),
      envs: [
        bound(),
        each.from === "own"
          ? size(each.size)
          : plain("PRISMA_POOL_SIZE", ref(each.from === "app" ? `SIZE_${index}` : `base.SIZE_${index}`)),
      ],
    }),
  }))
  const sizes = all.map((each, index) => plain(`SIZE_${index}`, each.size))
  const of = (kind: string) => all.flatMap((each) => (each.kind === kind ? [each.values] : []))
  const consumers = all.map(({ kind, name, instances, size: poolSize }) => [
    `${kind}/${name}`,
    { instances: kind === "job" ? 0 : instances, surge: instances, poolSize },
  ])
  return {
    file: spec({
      envs: sizes,
      services: of("service"),
      workers: [...of("worker"), { name: "base", envs: sizes }],
      jobs: of("job"),
    }),
    declared: { maxConnections: 100, consumers: Object.fromEntries(consumers) },
    kinds: all.map(({ kind }) => kind),
  }
}

test("a fleet has the sums of the same one as a declaration", () => {
  fc.assert(
    fc.property(drawn, (components) => {
      const { file, declared } = written(components)
      const { highest, lowest, unknowns, maxConnections = 0 } = fleetFromAppSpec(file)
      expect(unknowns).toEqual([])
      const { total, usable, deploy, fits } = checkFleet(declared)
      for (const part of [highest, lowest])
        expect(checkFleet({ maxConnections, ...part })).toMatchObject({
          total,
          usable,
          fits,
          deploy: { total: deploy.total, fits: deploy.fits },
        })
    }),
    runs(200),
  )
})

test("what is hidden of a fleet never makes its highest sum lower without an unknown", () => {
  const hide = fc.constantFrom<readonly [what: string, hidden: (own: Values) => Values]>(
    ["the size", (own) => ({ ...own, envs: [bound(), { key: "PRISMA_POOL_SIZE", type: "SECRET" }] })],
    ["the URL", (own) => ({ ...own, envs: [{ key: "DATABASE_URL", type: "SECRET" }] })],
    ["where the URL is from", (own) => ({ ...own, envs: [bound("elsewhere.DATABASE_URL")] })],
    [
      "what the size is bound to",
      (own) => ({ ...own, envs: [bound(), plain("PRISMA_POOL_SIZE", ref("x.Y"))] }),
    ],
  )
  fc.assert(
    fc.property(drawn, hide, fc.nat(), (components, [, hidden], at) => {
      const { file, kinds } = written(components)
      const field = `${kinds[at % kinds.length]}s`
      const [first = {}, ...others] = file[field] as readonly Values[]
      const after = { ...file, [field]: [hidden(first), ...others] }
      const sum = ({ highest }: DeployedFleet) => checkFleet({ maxConnections: 100, ...highest }).deploy.total
      const fleet = fleetFromAppSpec(after)
      expect(sum(fleet)).toBeGreaterThanOrEqual(sum(fleetFromAppSpec(file)))
      expect(fleet.unknowns).not.toEqual([])
    }),
    runs(200),
  )
})
