import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, connecting, sizes, unknownNames } from "./resources.ts"

const api = "google_cloud_run_v2_service.api"
const old = "google_cloud_run_service.api"
const workers = "google_cloud_run_v2_worker_pool.workers"
const sync = "google_cloud_run_v2_job.sync"

type Values = Readonly<Record<string, unknown>>
type Unknown = Readonly<Record<string, unknown>>

const URL_VARIABLE = { name: "DATABASE_URL_CORE", value: CORE, value_source: [] }
const SIZE_VARIABLE = { name: "PRISMA_POOL_SIZE_CORE", value: "10", value_source: [] }
const SECRET_VARIABLE = {
  name: "DATABASE_URL_CORE",
  value: "",
  value_source: [{ secret_key_ref: [{ secret: "core", version: "latest" }] }],
}
const ENV = [{ name: "NODE_ENV", value: "production", value_source: [] }, URL_VARIABLE, SIZE_VARIABLE]

const with_ = (address: string, values: Values, unknown?: Unknown): PlannedResource => ({
  address,
  values,
  ...(unknown ? { unknown } : {}),
})

/** A service as the provider writes it. */
const service = (template: Values = {}, values: Values = {}, unknown?: Unknown) =>
  with_(
    api,
    {
      location: "europe-west1",
      ingress: "INGRESS_TRAFFIC_ALL",
      template: [
        {
          scaling: [{ min_instance_count: 0, max_instance_count: 4 }],
          containers: [{ image: "europe-docker.pkg.dev/x/api", env: ENV }],
          ...template,
        },
      ],
      ...values,
    },
    unknown,
  )

const serviceOfV1 = (annotations: Values | null, env: readonly Values[] = ENV, container: Values = {}) =>
  with_(old, {
    location: "europe-west1",
    template: [
      {
        metadata: [{ annotations, labels: null }],
        spec: [{ container_concurrency: 80, containers: [{ image: "x", env, env_from: [], ...container }] }],
      },
    ],
  })

const job = (execution: Values = {}, task: Values = {}, unknown?: Unknown) =>
  with_(
    sync,
    {
      location: "europe-west1",
      template: [
        {
          task_count: 1,
          parallelism: 1,
          template: [{ containers: [{ image: "x", env: ENV }], timeout: "1800s", max_retries: 0, ...task }],
          ...execution,
        },
      ],
    },
    unknown,
  )

const read = (...resources: readonly PlannedResource[]) =>
  fleetFromTerraform(plan(resources), { maxConnections: 100_000 })

const assumed = (...resources: readonly PlannedResource[]) =>
  read(...resources)
    .assumptions.filter(({ name }) => name !== "surge")
    .map(({ name, assumed }) => `${name} ${assumed}`)

const instances = (resource: PlannedResource) => read(resource).highest.consumers[resource.address]?.instances

describe("a service has the most instances", () => {
  test.each<[what: string, revision: Values[], ofService: Values[], most: number]>([
    ["of its revision", [{ max_instance_count: 4 }], [], 4],
    ["of the service", [], [{ max_instance_count: 3 }], 3],
    ["of both, the smaller", [{ max_instance_count: 4 }], [{ max_instance_count: 3 }], 3],
    ["of both, the smaller the other way round", [{ max_instance_count: 2 }], [{ max_instance_count: 3 }], 2],
    [
      "that are set by hand",
      [{ max_instance_count: 4 }],
      [{ scaling_mode: "MANUAL", manual_instance_count: 6, max_instance_count: 0 }],
      6,
    ],
    ["that are set by hand, without a mode", [{ max_instance_count: 4 }], [{ manual_instance_count: 6 }], 6],
    ["that are set by hand to none", [], [{ scaling_mode: "MANUAL", manual_instance_count: 0 }], 0],
    [
      "of its revision, where the API writes 0 for what nobody set",
      [{ min_instance_count: 0, max_instance_count: 4 }],
      [{ manual_instance_count: 0, min_instance_count: 0, max_instance_count: 0, scaling_mode: "" }],
      4,
    ],
  ])("%s", (_, scaling, ofService, most) => {
    const resource = service({ scaling }, { scaling: ofService })
    expect(instances(resource)).toBe(most)
    expect(assumed(resource)).toEqual([])
  })

  test.each<[what: string, scaling: Values[], ofService: Values[]]>([
    ["without scaling", [], []],
    ["with a minimum only", [{ min_instance_count: 1 }], []],
    [
      "with what the API writes for a service that scales by itself",
      [],
      [{ manual_instance_count: 0, min_instance_count: 0 }],
    ],
    ["with 0 for the maximum, which is none", [{ min_instance_count: 0, max_instance_count: 0 }], []],
  ])("%s, 100, and that is named", (_, scaling, ofService) => {
    const resource = service({ scaling }, { scaling: ofService })
    expect(instances(resource)).toBe(100)
    expect(assumed(resource)).toEqual([`${api}.max_instance_count omitted: 100, Cloud Run's default`])
  })

  test("unknown, 100, and that is named", () => {
    for (const unknown of [
      { template: [{ scaling: [{ max_instance_count: true }] }] },
      { template: [{ scaling: true }] },
    ]) {
      const resource = service({ scaling: undefined }, {}, unknown)
      expect(instances(resource)).toBe(100)
    }
  })

  test("unknown for the service, but not above its revision's", () => {
    const resource = service({}, { scaling: [{}] }, { scaling: [{ max_instance_count: true }] })
    expect(instances(resource)).toBe(4)
  })

  test("of the first version, in an annotation", () => {
    expect(instances(serviceOfV1({ "autoscaling.knative.dev/maxScale": "7" }))).toBe(7)
    expect(instances(serviceOfV1({ "autoscaling.knative.dev/minScale": "1" }))).toBe(100)
    expect(instances(serviceOfV1(null))).toBe(100)
  })

  test("twice while a deploy rolls", () => {
    const { highest } = read(service())
    expect(highest.consumers).toEqual({
      [api]: { instances: 4, surge: 4, poolSize: 10, poolsPerInstance: 1 },
    })
  })
})

describe("a service connects with", () => {
  test("a variable that is plain", () => {
    expect(sizes(read(service()))).toEqual({ [api]: 10 })
    expect(sizes(read(serviceOfV1({})))).toEqual({ [old]: 10 })
  })

  test("a reference to a secret, and its size where that is plain", () => {
    expect(sizes(read(service({ containers: [{ env: [SECRET_VARIABLE, SIZE_VARIABLE] }] })))).toEqual({
      [api]: 10,
    })
    const fleet = read(service({ containers: [{ env: [SECRET_VARIABLE] }] }))
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
    expect(fleet.unknowns[0]?.problem).toBe(
      "is a reference to a secret, and may have a connection_limit in it",
    )
  })

  test("a reference of the first version", () => {
    const reference = {
      name: "DATABASE_URL_CORE",
      value: "",
      value_from: [{ secret_key_ref: [{ name: "core", key: "latest" }] }],
    }
    expect(sizes(read(serviceOfV1({}, [reference, SIZE_VARIABLE])))).toEqual({ [old]: 10 })
  })

  test("a reference to a secret that is created with it", () => {
    const env = [
      { name: "DATABASE_URL_CORE", value: null, value_source: [{ secret_key_ref: [{ version: "latest" }] }] },
    ]
    const unknown = {
      template: [{ containers: [{ env: [{ value_source: [{ secret_key_ref: [{ secret: true }] }] }] }] }],
    }
    const fleet = read(service({ containers: [{ env }] }, {}, unknown))
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
  })

  test("a value that is known only after apply", () => {
    const env = [{ name: "DATABASE_URL_CORE" }, SIZE_VARIABLE]
    const unknown = { template: [{ containers: [{ env: [{ value: true }, {}] }] }] }
    expect(sizes(read(service({ containers: [{ env }] }, {}, unknown)))).toEqual({ [api]: 10 })
  })

  test.each<[what: string, unknown: Unknown]>([
    ["an unknown name", { template: [{ containers: [{ env: [{ name: true }] }] }] }],
    ["an unknown variable", { template: [{ containers: [{ env: [true] }] }] }],
    ["unknown variables", { template: [{ containers: [{ env: true }] }] }],
    ["an unknown container", { template: [{ containers: [true] }] }],
    ["unknown containers", { template: [{ containers: true }] }],
    ["an unknown template", { template: true }],
  ])("%s, perhaps", (_, unknown) => {
    const values = { template: [{ containers: [{ env: [null] }] }] }
    expect(sizes(read(with_(api, values, unknown)))).toEqual({ [api]: "nothing to 10000" })
  })

  test("what its environment is taken from elsewhere, perhaps", () => {
    const elsewhere = { env_from: [{ config_map_ref: [{ local_object_reference: [{ name: "x" }] }] }] }
    expect(sizes(read(serviceOfV1({}, [], elsewhere)))).toEqual({ [old]: "nothing to 10000" })
    expect(sizes(read(serviceOfV1({}, [URL_VARIABLE, SIZE_VARIABLE], elsewhere)))).toEqual({ [old]: 10 })
  })

  test("a pool in each container that has the variable", () => {
    const containers = [{ env: ENV }, { env: [] }, { env: [URL_VARIABLE] }]
    expect(sizes(read(service({ containers })))).toEqual({ [api]: 10, [`${api} (container 3)`]: 15 })
  })

  test("nothing, without the variable", () => {
    const fleet = read(service({ containers: [{ env: [] }] }), serviceOfV1(null, []))
    expect(connecting(fleet)).toEqual([])
    expect(fleet.assumptions).toEqual([])
  })
})

describe("a service of", () => {
  const instances = (values: Values, unknown?: Unknown) => {
    const fleet = read(service({}, values, unknown))
    return [fleet.highest.consumers[api]?.instances, fleet.unknowns.map(({ name }) => name)]
  }

  test("automatic scaling has a manual count that says nothing", () => {
    const scaling = [{ scaling_mode: "AUTOMATIC", manual_instance_count: 1 }]
    expect(instances({ scaling })).toEqual([4, []])
    expect(instances({ scaling: [{ scaling_mode: "MANUAL", manual_instance_count: 2 }] })).toEqual([2, []])
    expect(instances({ scaling: [{ manual_instance_count: 2 }] })).toEqual([2, []])
  })

  test("several regions runs in each", () => {
    const regions = (list: unknown) => ({ multi_region_settings: [{ regions: list }] })
    expect(instances(regions(["europe-west1", "europe-west4", "us-east1"]))).toEqual([12, []])
    const unknown = { multi_region_settings: [{ regions: true }] }
    expect(instances(regions(undefined), unknown)).toEqual([4, [`${api}.regions`]])
  })

  test("a maximum that is known only after apply has any number", () => {
    const unknown = { template: [{ scaling: [{ max_instance_count: true }] }] }
    const fleet = read(service({ scaling: [{ min_instance_count: 0 }] }, {}, unknown))
    expect(fleet.unknowns).toMatchObject([{ name: `${api}.max_instance_count`, isUnbounded: true }])
  })
})

describe("what is mounted into a service", () => {
  const mounted = (volume: Values) =>
    sizes(
      read(
        service({
          volumes: [volume],
          containers: [{ env: [], volume_mounts: [{ name: "x", mount_path: "/etc/x" }] }],
        }),
      ),
    )

  test("may have the variable in it", () => {
    expect(mounted({ secret: [{ secret: "env", items: [{ path: ".env" }] }] })).toEqual({
      [api]: "nothing to 10000",
    })
    expect(mounted({ gcs: [{ bucket: "settings" }] })).toEqual({ [api]: "nothing to 10000" })
  })

  test("unless it is a certificate, a socket or memory", () => {
    expect(mounted({ secret: [{ secret: "tls", items: [{ path: "server.crt" }] }] })).toEqual({})
    expect(mounted({ cloud_sql_instance: [{ instances: ["x"] }] })).toEqual({})
    expect(mounted({ empty_dir: [{ medium: "MEMORY" }] })).toEqual({})
  })
})

describe("a worker pool", () => {
  const pool = (scaling: readonly Values[], template: Values = {}, unknown?: Unknown) =>
    with_(workers, { scaling, template: [{ containers: [{ env: ENV }], ...template }] }, unknown)

  test.each<[what: string, scaling: Values, most: number]>([
    ["set by hand", { scaling_mode: "MANUAL", manual_instance_count: 5 }, 5],
    [
      "set by hand, beside a maximum",
      { scaling_mode: "MANUAL", manual_instance_count: 2, max_instance_count: 9 },
      2,
    ],
    ["set by hand to none", { scaling_mode: "MANUAL", manual_instance_count: 0 }, 0],
    ["set by hand, without a mode", { manual_instance_count: 6 }, 6],
    ["a maximum", { scaling_mode: "AUTOMATIC", min_instance_count: 1, max_instance_count: 8 }, 8],
    ["a maximum, without a mode", { max_instance_count: 8 }, 8],
    ["the larger of both, without a mode", { manual_instance_count: 6, max_instance_count: 3 }, 6],
    [
      "a maximum, where the API writes 0 for what nobody set",
      { scaling_mode: "AUTOMATIC", manual_instance_count: 0, max_instance_count: 8 },
      8,
    ],
  ])("has as many instances as are %s", (_, scaling, most) => {
    expect(instances(pool([scaling]))).toBe(most)
    expect(assumed(pool([scaling]))).toEqual([])
  })

  test.each<[what: string, scaling: Values[], most: number, attribute: string]>([
    ["without scaling, one", [], 1, "manual_instance_count"],
    ["with a mode only, one", [{ scaling_mode: "MANUAL" }], 1, "manual_instance_count"],
    ["that scales by itself, 100", [{ scaling_mode: "AUTOMATIC" }], 100, "max_instance_count"],
    [
      "that scales by itself, where the API writes 0 for the maximum, 100",
      [{ scaling_mode: "AUTOMATIC", max_instance_count: 0 }],
      100,
      "max_instance_count",
    ],
  ])("%s, and that is named", (_, scaling, most, attribute) => {
    expect(instances(pool(scaling))).toBe(most)
    expect(assumed(pool(scaling))).toEqual([`${workers}.${attribute} omitted: ${most}, Cloud Run's default`])
  })

  test("whose mode is known only after apply has as many as either says", () => {
    const scaling = [{ manual_instance_count: 2, max_instance_count: 7 }]
    const fleet = read(pool(scaling, {}, { scaling: [{ scaling_mode: true }] }))
    expect(fleet.highest.consumers[workers]).toMatchObject({ instances: 7, surge: 7 })
    expect(fleet.lowest.consumers[workers]).toMatchObject({ instances: 0, surge: 0 })
    expect(unknownNames(fleet)).toEqual([`${workers}.scaling_mode`])
  })

  test("whose number is known only after apply has any number", () => {
    for (const name of ["manual_instance_count", "max_instance_count"]) {
      const fleet = read(pool([{}], {}, { scaling: [{ [name]: true }] }))
      expect(fleet.unknowns).toMatchObject([{ name: `${workers}.${name}`, isUnbounded: true }])
    }
  })

  test("connects like a service: in each container, twice in a deploy, with what is mounted", () => {
    const scaling = [{ manual_instance_count: 3 }]
    const own = { instances: 3, surge: 3, poolSize: 10, poolsPerInstance: 1 }
    expect(read(pool(scaling)).highest.consumers).toEqual({ [workers]: own })
    const containers = [{ env: ENV }, { env: [] }, { env: [SECRET_VARIABLE] }]
    expect(sizes(read(pool(scaling, { containers })))).toEqual({
      [workers]: 10,
      [`${workers} (container 3)`]: "1 to 10000",
    })
    const mounted = {
      volumes: [{ gcs: [{ bucket: "settings" }] }],
      containers: [{ env: [], volume_mounts: [{ name: "x", mount_path: "/etc/x" }] }],
    }
    expect(sizes(read(pool(scaling, mounted)))).toEqual({ [workers]: "nothing to 10000" })
    const command = {
      containers: [{ env: ENV, command: ["sh"], args: ["-c", "PRISMA_POOL_SIZE_CORE=50 node w"] }],
    }
    expect(sizes(read(pool(scaling, command)))).toEqual({ [workers]: "1 to 10000" })
  })
})

describe("a job", () => {
  const own = (resource: PlannedResource) => read(resource).highest.jobs[0]

  test("runs as many tasks at once as it may, for its timeout", () => {
    expect(own(job())).toEqual({
      name: sync,
      timeout: "1800s",
      retries: 0,
      replicas: 1,
      poolSize: 10,
      poolsPerInstance: 1,
    })
    expect(assumed(job())).toEqual([])
    expect(own(job({ task_count: 20, parallelism: 5 }))?.replicas).toBe(5)
    expect(own(job({ task_count: 3, parallelism: 5 }))?.replicas).toBe(3)
    for (const parallelism of [0, null, undefined]) {
      expect(own(job({ task_count: 20, parallelism }))?.replicas).toBe(20)
    }
  })

  test("is started by hand or from elsewhere, once at a time unless stated", () => {
    const { highest } = read(job({ task_count: 4, parallelism: 0 }))
    const check = checkFleet({ maxConnections: 100, ...highest })
    expect(check.total).toBe(40)
  })

  test("counts what it omits at the provider's default, by name", () => {
    const bare = job({ task_count: null, parallelism: null }, { timeout: null, max_retries: null })
    expect(own(bare)).toMatchObject({ timeout: "600s", retries: 3, replicas: 1 })
    expect(assumed(bare)).toEqual([
      `${sync}.task_count omitted: 1, Cloud Run's default`,
      `${sync}.max_retries omitted: 3, Cloud Run's default`,
      `${sync}.timeout omitted: 600s, Cloud Run's default`,
    ])
  })

  test("counts what is known only after apply up to what Cloud Run takes", () => {
    const unknown = {
      template: [{ task_count: true, parallelism: true, template: [{ timeout: true, max_retries: true }] }],
    }
    const bare = job(
      { task_count: undefined, parallelism: undefined },
      { timeout: undefined, max_retries: undefined },
      unknown,
    )
    // Half of the tasks at a time take twice 168 h.
    expect(own(bare)).toMatchObject({ replicas: 10_000, retries: 10, timeout: "1209600s" })
    const { lowest, unknowns } = read(bare)
    expect(lowest.jobs[0]).toMatchObject({ replicas: 1, retries: 0, timeout: "1s" })
    expect(unknowns.map(({ name, between }) => `${name}: ${between}`)).toEqual([
      `${sync}.task_count: 1 to 10000`,
      `${sync}.parallelism: 1 to 10000`,
      `${sync}.max_retries: 0 to 10`,
      `${sync}.timeout: 1s to 168h`,
    ])
  })
})
