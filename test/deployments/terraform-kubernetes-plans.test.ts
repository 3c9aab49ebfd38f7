import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { created, firstPlan, refersTo } from "../support/stack.ts"
import { inBlocks } from "../support/terraform-blocks.ts"
import { type PlannedResource, plan, state } from "../support/terraform-plan.ts"
import {
  configMap,
  container,
  cronJob,
  deployment,
  podTemplate,
  secret,
  type Values,
  workload,
} from "./kubernetes-objects.ts"
import { CORE, connecting, sizes, unknownNames } from "./resources.ts"

const KEYS = ["DATABASE_URL_CORE"]

const read = (resources: readonly PlannedResource[], options: DeploymentOptions = {}) =>
  fleetFromTerraform(plan(resources), { keys: KEYS, maxConnections: 100, ...options })

/** An object's blocks, under an address of its own. */
const blocks = (object: Values, address?: string, more: Partial<PlannedResource> = {}): PlannedResource => {
  const own = inBlocks(JSON.parse(JSON.stringify(object)) as Values)
  if (own === undefined) throw new Error("the provider has no such kind")
  return { ...own, ...(address === undefined ? {} : { address }), ...more }
}

const valuesOf = (object: Values) => blocks(object).values ?? {}

const api = "kubernetes_deployment_v1.api"

/** A Deployment whose container has this environment only. */
const withEnv = (values: Values, spec: Values = {}) =>
  deployment(spec, { containers: [container({ env: [], ...values })] })

const fromEnv = withEnv({ envFrom: [{ secretRef: { name: "env" } }] })

/** Unknowns but for what pods that end add. */
const problems = (fleet: ReturnType<typeof read>) =>
  fleet.unknowns.filter(({ cause }) => cause !== "surge").map(({ name, problem }) => `${name} ${problem}`)

describe("a deploy", () => {
  test("counts what it deletes", () => {
    const { address, values } = blocks(deployment(), api)
    const gone = { address, before: values ?? {}, actions: ["delete"] }
    expect(read([gone]).highest.consumers).toEqual({
      [`${api} (before this plan)`]: { instances: 0, surge: 3, poolSize: 10, poolsPerInstance: 1 },
    })
  })

  test("counts what Terraform only forgets, and what it refers to, as it stays", () => {
    const forget = (object: Values, address: string) => ({
      address,
      before: valuesOf(object),
      actions: ["forget"],
    })
    const fleet = read([
      forget(fromEnv, api),
      forget(secret({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "4" }), "kubernetes_secret.env"),
    ])
    expect(fleet.lowest.consumers).toEqual({
      [`${api} (forgotten)`]: { instances: 3, surge: 1, poolSize: 4, poolsPerInstance: 1 },
    })
  })

  test("counts a Deployment with the more that it was", () => {
    const before = valuesOf(deployment({ replicas: 8 }))
    expect(read([blocks(deployment(), api, { before })]).highest.consumers).toMatchObject({
      [api]: { instances: 3, surge: 0 },
      [`${api} (before this plan)`]: { instances: 0, surge: 8 },
    })
  })

  test("counts one whose ConfigMap alone had a larger size", () => {
    const object = withEnv({ envFrom: [{ configMapRef: { name: "env" } }] })
    const env = (size: string) => configMap({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: size })
    const fleet = read([
      blocks(object, api, { before: valuesOf(object), actions: ["no-op"] }),
      blocks(env("5"), "kubernetes_config_map.env", { before: valuesOf(env("20")) }),
    ])
    expect(fleet.highest.consumers).toMatchObject({
      [api]: { instances: 3, poolSize: 5 },
      [`${api} (before this plan)`]: { surge: 3, poolSize: 20 },
    })
  })

  test("replaces a StatefulSet without an overlap, and a Job with one", () => {
    const replaced = { actions: ["delete", "create"] }
    const set = workload("StatefulSet", "apps/v1", { replicas: 2, template: podTemplate() })
    const job = workload("Job", "batch/v1", { template: podTemplate() }, "migrate")
    const fleet = read([
      blocks(set, "kubernetes_stateful_set.api", { ...replaced, before: valuesOf(set) }),
      blocks(job, "kubernetes_job_v1.migrate", { ...replaced, before: valuesOf(job) }),
    ])
    expect(fleet.highest.consumers).toEqual({
      "kubernetes_stateful_set.api": { instances: 2, surge: 0, poolSize: 10, poolsPerInstance: 1 },
      "kubernetes_job_v1.migrate (before this plan)": {
        instances: 0,
        surge: 1,
        poolSize: 10,
        poolsPerInstance: 1,
      },
    })
  })

  test("does not fail for what was wrong before it", () => {
    const before = { metadata: [{ name: "api" }], spec: [{ replicas: "many", template: "none" }] }
    expect(sizes(read([blocks(deployment(), api, { before })]))).toEqual({ [api]: 10 })
  })
})

describe("addresses are Terraform's:", () => {
  const instances = ["kubernetes_deployment.web[0]", `module.eu.${api}["a"]`, `module.eu.${api}["b"]`]
  const resources = instances.map((address) => blocks(deployment(), address))

  test("of modules, count and for_each", () => {
    expect(connecting(read(resources)).sort()).toEqual([...instances].sort())
  })

  test("to override one, or all instances of a block", () => {
    const override = {
      [`module.eu.${api}`]: { poolSize: 2, reason: "read" },
      "kubernetes_deployment.web[0]": { instances: 1, reason: "one" },
    }
    const fleet = read(resources, { override })
    expect(
      Object.values(fleet.highest.consumers).map(
        ({ instances, poolSize }) => Number(instances) * Number(poolSize),
      ),
    ).toEqual([10, 6, 6])
  })

  test("to exclude them, and by a pattern those that may connect", () => {
    const perhaps = blocks(fromEnv, "kubernetes_deployment.maybe")
    const fleet = read([...resources, perhaps], {
      exclude: { [`module.eu.${api}`]: "elsewhere", "kubernetes_deployment.*": "none connects" },
    })
    expect(connecting(fleet)).toEqual(["kubernetes_deployment.web[0]"])
    expect(fleet.excluded.map(({ address }) => address)).toEqual([
      ...instances.slice(1),
      "kubernetes_deployment.maybe",
    ])
  })

  test("with the plan's name where there are several, and references go from one to the other", () => {
    const env = blocks(secret({ DATABASE_URL_CORE: `${CORE}?connection_limit=5` }), "kubernetes_secret.env")
    const fleet = fleetFromTerraform([plan([blocks(fromEnv, api)]), plan([env])], {
      keys: KEYS,
      maxConnections: 100,
    })
    expect(sizes(fleet)).toEqual({ [`plans[0]: ${api}`]: 5 })
  })

  test("in a state as well", () => {
    const fleet = fleetFromTerraform(state([blocks(deployment(), api)]), { keys: KEYS, maxConnections: 100 })
    expect(sizes(fleet)).toEqual({ [api]: 10 })
  })
})

describe("kubernetes_env", () => {
  const added = (values: Values, more: Partial<PlannedResource> = {}): PlannedResource => ({
    address: "kubernetes_env.core",
    values: {
      metadata: [{ name: "api", namespace: "prod" }],
      api_version: "apps/v1",
      kind: "Deployment",
      container: "api",
      env: [
        { name: "DATABASE_URL_CORE", value: CORE, value_from: [] },
        { name: "PRISMA_POOL_SIZE_CORE", value: "6", value_from: [] },
      ],
      ...values,
    },
    ...more,
  })
  const bare = blocks(withEnv({}), api)

  test("adds to a container of the plan, before its own variables of a name", () => {
    expect(sizes(read([bare, added({})]))).toEqual({ [api]: 6 })
    const own = blocks(deployment(), api)
    expect(sizes(read([own, added({ env: [{ name: "PRISMA_POOL_SIZE_CORE", value: "2" }] })]))).toEqual({
      [api]: 2,
    })
  })

  test("adds to a CronJob, an init container, and an object as text", () => {
    const job = blocks(cronJob({ concurrencyPolicy: "Forbid" }, {}, { containers: [container({ env: [] })] }))
    const ofJob = added({ kind: "CronJob", metadata: [{ name: "report", namespace: "prod" }] })
    expect(sizes(read([job, ofJob]))).toEqual({ [job.address]: 6 })
    const withInit = deployment(
      {},
      {
        containers: [container()],
        initContainers: [container({ name: "migrate", env: [] })],
      },
    )
    const ofInit = added({
      container: null,
      init_container: "migrate",
      env: [
        { name: "DATABASE_URL_CORE", value: CORE },
        { name: "PRISMA_POOL_SIZE_CORE", value: "30" },
      ],
    })
    expect(sizes(read([blocks(withInit, api), ofInit]))).toEqual({
      [api]: 10,
      [`${api} (init container)`]: "nothing to 20",
    })
    const text = { address: "kubectl_manifest.api", values: { yaml_body: JSON.stringify(withEnv({})) } }
    expect(sizes(read([text, added({})]))).toEqual({ "kubectl_manifest.api": 6 })
  })

  test("with a value that is known only after apply", () => {
    const unknown = { env: [{}, { value: true }] }
    const open = added(
      { env: [{ name: "DATABASE_URL_CORE", value: CORE }, { name: "PRISMA_POOL_SIZE_CORE" }] },
      { unknown },
    )
    expect(sizes(read([bare, open]))).toEqual({ [api]: "1 to 10000" })
    expect(unknownNames(read([bare, added({ env: null }, { unknown: { env: true } })]))).toContain(
      `${api}.DATABASE_URL_CORE`,
    )
  })

  test.each<[string, Values, Values?]>([
    ["another namespace", { metadata: [{ name: "api", namespace: "test" }] }],
    ["another container", { container: "web" }],
    ["another kind", { kind: "StatefulSet" }],
    [
      "a name that is known only after apply",
      { metadata: [{ namespace: "prod" }] },
      { metadata: [{ name: true }] },
    ],
  ])("in %s is unknown", (_, values, unknown = {}) => {
    expect(problems(read([bare, added(values, { unknown })]))).toEqual([
      "kubernetes_env.core has DATABASE_URL_CORE, and its container is in none of the plans",
    ])
  })

  test("elsewhere with other variables is nothing", () => {
    const other = added({ container: "web", env: [{ name: "LOG_LEVEL", value: "info" }] })
    expect(problems(read([bare, other]))).toEqual([])
  })
})

describe("entries that are added", () => {
  const entries = (type: string, data: Values): PlannedResource => ({
    address: `${type}.more`,
    values: { metadata: [{ name: "env", namespace: "prod" }], data },
  })

  test("to a ConfigMap and a Secret of the plan count before theirs", () => {
    const object = withEnv({ envFrom: [{ secretRef: { name: "env" } }, { configMapRef: { name: "env" } }] })
    const fleet = read([
      blocks(object, api),
      blocks(secret({ DATABASE_URL_CORE: CORE }), "kubernetes_secret.env"),
      blocks(configMap({ PRISMA_POOL_SIZE_CORE: "9", LOG: "x" }), "kubernetes_config_map.env"),
      entries("kubernetes_config_map_v1_data", { PRISMA_POOL_SIZE_CORE: "4" }),
    ])
    expect(sizes(fleet)).toEqual({ [api]: 4 })
    expect(problems(fleet)).toEqual([])
  })

  test("to one that is elsewhere, which may have more", () => {
    const fleet = read([
      blocks(fromEnv, api),
      entries("kubernetes_secret_v1_data", { PRISMA_POOL_SIZE_CORE: "4" }),
    ])
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 4" })
    const url = entries("kubernetes_secret_v1_data", { DATABASE_URL_CORE: `${CORE}?connection_limit=3` })
    expect(sizes(read([blocks(fromEnv, api), url]))).toEqual({ [api]: "1 to 10000" })
  })
})

describe("a Secret", () => {
  const env = (values: Values, more: Partial<PlannedResource> = {}): PlannedResource => ({
    address: "kubernetes_secret_v1.env",
    values: { metadata: [{ name: "env", namespace: "prod" }], type: "Opaque", ...values },
    ...more,
  })
  const deployed = blocks(fromEnv, api)

  test("with base64 beside its texts", () => {
    const binary_data = { PRISMA_POOL_SIZE_CORE: btoa("7") }
    expect(sizes(read([deployed, env({ data: { DATABASE_URL_CORE: CORE }, binary_data })]))).toEqual({
      [api]: 7,
    })
  })

  test("with one value that is known only after apply, beside its size", () => {
    const data = { PRISMA_POOL_SIZE_CORE: "7" }
    const unknown = { data: { DATABASE_URL_CORE: true } }
    expect(sizes(read([deployed, env({ data }, { unknown })]))).toEqual({ [api]: 7 })
  })

  test.each<[string, Values, (Values | true)?]>([
    ["write-only values", { data: null, data_wo: null, data_wo_revision: 1 }],
    ["write-only values of a revision to come", { data: null, data_wo: null }, { data_wo_revision: true }],
    ["write-only base64", { data: {}, binary_data_wo: null, binary_data_wo_revision: 2 }],
    ["entries that are known only after apply", {}, { data: true }],
  ])("with %s may have the variable", (_, values, unknown = {}) => {
    const fleet = read([deployed, env(values, { unknown })])
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 10000" })
  })

  test("without the variable is none", () => {
    expect(connecting(read([deployed, env({ data: { TOKEN: "x" } })]))).toEqual([])
    expect(connecting(read([deployed, env({ data: null })]))).toEqual([])
  })

  test("that a data source reads, unless the plan manages it", () => {
    const url = (limit: number) => ({ DATABASE_URL_CORE: `${CORE}?connection_limit=${limit}` })
    const data = env({ data: url(3) }, { address: "data.kubernetes_secret.env", mode: "data" })
    expect(sizes(read([deployed, data]))).toEqual({ [api]: 3 })
    expect(sizes(read([deployed, data, env({ data: url(8) })]))).toEqual({ [api]: 8 })
  })

  test("of several with its name may be any of them", () => {
    const other = env({ data: { DATABASE_URL_CORE: CORE } }, { address: "kubernetes_secret_v1.us" })
    const fleet = read([deployed, env({ data: { DATABASE_URL_CORE: CORE } }), other])
    expect(sizes(fleet)).toEqual({ [api]: "1 to 10000" })
  })

  test("is in no output", () => {
    const data = { DATABASE_URL_CORE: CORE.replace("pw", "s3cr3t"), TOKEN: "t0k3n" }
    const found = JSON.stringify(read([deployed, env({ data })]))
    expect(found).not.toMatch(/s3cr3t|t0k3n|czNjcjN0/)
  })
})

describe("what the provider fills in for what is omitted", () => {
  test("is omitted: empty texts, empty lists, a deadline of zero", () => {
    const values = valuesOf(
      cronJob({}, { activeDeadlineSeconds: 0, backoffLimit: 6, parallelism: 1, completions: 1 }),
    )
    const [spec] = values["spec"] as Values[]
    const job = {
      address: "kubernetes_cron_job_v1.report",
      values: {
        ...values,
        spec: [{ ...spec, concurrency_policy: "", timezone: "", failed_jobs_history_limit: 1 }],
      },
    }
    const fleet = read([job])
    expect(fleet.assumptions).toMatchObject([
      { name: "kubernetes_cron_job_v1.report.timezone", remedy: "Set timezone" },
    ])
    expect(problems(fleet)).toEqual([
      "kubernetes_cron_job_v1.report.active_deadline_seconds is omitted and concurrency_policy allows overlaps, so runs that take long pile up without a limit",
    ])
  })

  test("counts: one completion of a job, however parallel it is", () => {
    const job = workload("Job", "batch/v1", { parallelism: 4, completions: 1, template: podTemplate() })
    expect(read([blocks(job)]).highest.jobs).toMatchObject([{ concurrent: 1, poolSize: 10 }])
    expect(read([blocks(job)]).highest.jobs[0]).not.toHaveProperty("replicas")
  })

  test("replicas are an assumption where the code omits them, and one is counted", () => {
    const { values = {} } = blocks(deployment({ replicas: undefined }))
    const expressions = { spec: [{ template: [{ spec: [{ container: [{ env: [{}, {}] }] }] }] }] }
    const unknown = {
      spec: [
        {
          replicas: true,
          strategy: true,
          template: [{ spec: [{ container: [{ image_pull_policy: true, resources: true }] }] }],
        },
      ],
    }
    const fleet = fleetFromTerraform(firstPlan([created(api, values, unknown, expressions)]), {
      keys: KEYS,
      maxConnections: 100,
    })
    expect(fleet.highest.consumers).toMatchObject({ [api]: { instances: 1, surge: 1, poolSize: 10 } })
    expect(fleet.assumptions).toMatchObject([{ name: `${api}.replicas` }])
  })

  test("a hook of Helm or Argo CD is none: Terraform applies it like any other object", () => {
    const job = workload("Job", "batch/v1", { template: podTemplate() })
    const hook = {
      ...job,
      metadata: { name: "api", namespace: "prod", annotations: { "helm.sh/hook": "pre-upgrade" } },
    }
    expect(read([blocks(hook)]).highest.jobs).toHaveLength(1)
    expect(read([blocks(hook)]).highest.consumers).toEqual({})
  })
})

describe("blocks of a number that is not known yet", () => {
  const dynamic = (pod: Values, unknown: Values, block: Values) => {
    const { values = {} } = blocks(deployment({}, pod))
    const expressions = { spec: [{ template: [{ spec: [{ container: [block] }] }] }] }
    const shape = { spec: [{ template: [{ spec: [unknown] }] }] }
    return fleetFromTerraform(firstPlan([created(api, values, shape, expressions)]), {
      keys: KEYS,
      maxConnections: 100,
    })
  }

  test("value_from", () => {
    const env = [{ name: "DATABASE_URL_CORE" }, { name: "PRISMA_POOL_SIZE_CORE", value: "4" }]
    const fleet = dynamic(
      { containers: [container({ env })] },
      { container: [{ env: [{ value_from: true }, {}] }] },
      { env: [{ name: {} }, { name: {}, value: {} }] },
    )
    expect(sizes(fleet)).toEqual({ [api]: 4 })
  })

  test.each(["env", "env_from"])("%s", (name) => {
    const fleet = dynamic(
      { containers: [container({ env: [] })] },
      { container: [{ [name]: true }] },
      { name: {} },
    )
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 10000" })
  })

  test("volume_mount", () => {
    const fleet = dynamic(
      { containers: [container({ env: [] })], volumes: [{ name: "env", secret: { secretName: "env" } }] },
      { container: [{ volume_mount: true }] },
      { name: {} },
    )
    expect(sizes(fleet)).toEqual({ [api]: "nothing to 10000" })
  })
})

describe("an object as text", () => {
  const text = (
    yaml_body: unknown,
    values: Values = {},
    more: Partial<PlannedResource> = {},
  ): PlannedResource => ({
    address: "kubectl_manifest.api",
    values: { yaml_body, ...values },
    ...more,
  })
  const env = secret({}, "env", { DATABASE_URL_CORE: btoa(CORE) })

  test("of another provider", () => {
    const resource = {
      address: "kustomization_resource.api",
      values: { manifest: JSON.stringify(deployment()) },
    }
    expect(sizes(read([resource]))).toEqual({ "kustomization_resource.api": 10 })
  })

  test("in a namespace that the resource gives", () => {
    const object = { ...fromEnv, metadata: { name: "api" } }
    const other = { address: "kubernetes_secret.env", values: valuesOf(env) }
    expect(problems(read([text(JSON.stringify(object), { override_namespace: "test" }), other]))).toEqual([
      "kubectl_manifest.api.DATABASE_URL_CORE may be set: its environment is in Secret env, which is not in the plans",
    ])
    const found = read([text(JSON.stringify(object), { override_namespace: "prod" }), other])
    expect(sizes(found)).toEqual({ "kubectl_manifest.api": 15 })
    expect(problems(found)).toEqual([])
  })

  test("with several documents has an address for each", () => {
    const worker = { ...deployment(), metadata: { name: "worker", namespace: "prod" } }
    const fleet = read([text(`---\n${JSON.stringify(deployment())}\n---\n${JSON.stringify(worker)}\n`)], {
      override: { "kubectl_manifest.api (deployment/worker)": { poolSize: 3, reason: "less" } },
      exclude: { "kubectl_manifest.api (deployment/api)": "elsewhere" },
    })
    expect(sizes(fleet)).toEqual({ "kubectl_manifest.api (deployment/worker)": 3 })
    expect(fleet.excluded).toHaveLength(1)
    expect(fleet.warnings).toEqual([])
  })

  test("that is known only after apply may run something", () => {
    expect(problems(read([text(undefined, {}, { unknown: { yaml_body: true } })]))).toEqual([
      "kubectl_manifest.api may have DATABASE_URL_CORE, and its yaml_body is known only after apply",
    ])
  })

  test("that changes to one that is not known yet keeps its kind", () => {
    const values = { kind: "Secret", api_version: "v1", name: "env", namespace: "prod" }
    const changed = text(undefined, values, {
      unknown: { yaml_body: true },
      before: { yaml_body: JSON.stringify(env), ...values },
    })
    const fleet = read([changed, blocks(fromEnv, "kubernetes_deployment.api")])
    expect(problems(fleet)).toEqual([
      "kubernetes_deployment.api.DATABASE_URL_CORE may be set: its environment is known only after apply",
    ])
  })

  test.each([
    ["is no YAML", "kind: Deployment\n  DATABASE_URL_CORE: ["],
    ["is no object of Kubernetes", "DATABASE_URL_CORE: x"],
    ["is empty", ""],
    ["is another type", 7],
  ])("that %s is unknown where it names the variable, and no error", (_, yaml_body) => {
    const found = () => problems(read([text(yaml_body)]))
    if (yaml_body === 7) expect(found).toThrow(/kubectl_manifest|planned_values/)
    else
      expect(found()).toEqual(
        String(yaml_body).includes("CORE")
          ? ["kubectl_manifest.api has DATABASE_URL_CORE, and its yaml_body cannot be read"]
          : [],
      )
  })
})

describe("values of the wrong type are an error with their address, and crash nothing:", () => {
  test.each<[string, Values]>([
    ["spec", { spec: 7 }],
    ["spec.template", { spec: [{ template: "x" }] }],
    ["spec.template", { spec: [{ template: [{ spec: [{ container: ["x"] }] }] }] }],
    ["metadata", { metadata: "api" }],
    [
      "spec.replicas",
      {
        spec: [
          {
            replicas: "many",
            template: [
              { spec: [{ container: [{ image: "shop:1", env: [{ name: "DATABASE_URL_CORE" }] }] }] },
            ],
          },
        ],
      },
    ],
    ["env", { spec: [{ template: [{ spec: [{ container: [{ env: "DATABASE_URL_CORE" }] }] }] }] }],
  ])("%s", (_, values) => {
    expect(() => read([{ address: api, values: { metadata: [{ name: "api" }], ...values } }])).toThrow(
      new RegExp(`${api}\\.`),
    )
  })

  test("as deep as they are", () => {
    let deep: unknown = { DATABASE_URL_CORE: CORE }
    for (let depth = 0; depth < 100_000; depth++) deep = [{ container: deep }]
    const values = { metadata: [{ name: "api" }], spec: deep }
    expect(problems(read([{ address: api, values }]))).toEqual([
      `${api} has DATABASE_URL_CORE, and it is a part of an object`,
    ])
  })

  test("as odd as they are", () => {
    for (const odd of [null, true, 0, "", "x", [], {}, [null], [[]], { __proto__: null, constructor: 1 }])
      for (const name of ["metadata", "spec", "data", "manifest", "yaml_body", "env", "values", "set"])
        for (const type of ["deployment", "secret", "manifest", "env", "cron_job_v1", "config_map_v1_data"]) {
          const resource = { address: `kubernetes_${type}.x`, values: { [name]: odd } }
          try {
            read([resource])
          } catch (error) {
            expect(error).toHaveProperty("name", "PoolConfigError")
          }
        }
  })
})

describe("what runs nothing connects nothing:", () => {
  test.each([
    "kubernetes_namespace.a",
    "kubernetes_service_v1.a",
    "kubernetes_ingress_v1.a",
    "kubernetes_role_binding.a",
    "kubernetes_service_account_v1.a",
    "kubernetes_network_policy_v1.a",
    "kubernetes_persistent_volume_claim_v1.a",
    "kubernetes_secret.a",
    "kubernetes_config_map_v1.a",
    "kubernetes_horizontal_pod_autoscaler_v2.a",
    "kubernetes_priority_class_v1.a",
    "kubernetes_storage_class_v1.a",
  ])("%s", (address) => {
    const metadata = [{ name: "DATABASE_URL_CORE", annotations: { DATABASE_URL_CORE: CORE } }]
    expect(
      problems(read([{ address, values: { metadata }, unknown: { metadata: [{ uid: true }] } }])),
    ).toEqual([])
  })

  test("a kind without pods, as an object", () => {
    const manifest = { apiVersion: "v1", kind: "Namespace", metadata: { name: "DATABASE_URL_CORE" } }
    const resource = { address: "kubernetes_manifest.a", values: { manifest }, unknown: { object: true } }
    expect(problems(read([resource]))).toEqual([])
  })
})

describe("a part of an object, as Terraform applies it on one that is elsewhere,", () => {
  const part = (values: Values): PlannedResource => ({
    address: "kubernetes_manifest.patch",
    values: { manifest: deployment({ template: { spec: values } }) },
  })

  test("is unknown with the variable", () => {
    const { image: _, ...patch } = container()
    const fleet = read([part({ containers: [patch] })])
    expect(problems(fleet)).toEqual([
      "kubernetes_manifest.patch has DATABASE_URL_CORE, and it is a part of an object",
    ])
    expect(connecting(fleet)).toEqual([])
  })

  test("is nothing without it", () => {
    expect(read([part({ nodeSelector: { pool: "web" } })]).unknowns).toEqual([])
  })
})

test("a kind that is not read, and scales a workload that connects, is unknown", () => {
  const autoscaler = `
apiVersion: http.keda.sh/v1alpha1
kind: HTTPScaledObject
metadata: { name: api }
spec: { scaleTargetRef: { kind: Deployment, name: api }, replicas: { max: 40 } }
`
  const resources = [
    blocks(deployment(), api),
    { address: "kubectl_manifest.scaled", values: { yaml_body: autoscaler } },
  ]
  expect(problems(read(resources))).toEqual([
    `kubectl_manifest.scaled may scale ${api} or start more of its pods, and objects of kind HTTPScaledObject are not read`,
  ])
  expect(problems(read(resources, { exclude: { [api]: "MySQL" } }))).toEqual([])
})

test("a kind that is not read is a warning while it is deleted", () => {
  const manifest = {
    apiVersion: "argoproj.io/v1alpha1",
    kind: "Rollout",
    metadata: { name: "api" },
    spec: { template: podTemplate() },
  }
  const gone = { address: "kubernetes_manifest.api", before: { manifest }, actions: ["delete"] }
  const fleet = read([gone])
  expect(fleet.unknowns).toEqual([])
  expect(fleet.warnings).toEqual([
    "kubernetes_manifest.api: has DATABASE_URL_CORE, and objects of kind Rollout are not read, and its connections until it is deleted are not counted",
  ])
})

describe("a shop whose objects are all text", () => {
  const manifest = (name: string, yaml: string, unknown: Values = {}) =>
    created(`kubectl_manifest.${name}`, { yaml_body: yaml }, unknown, {
      yaml_body: refersTo("aws_db_instance.shop.address"),
    })
  const shop = `metadata: { name: orders, namespace: shop }`
  const pod = (name: string, more = "") => `
      containers:
      - name: ${name}
        image: example/orders:latest
        ${more}
        envFrom:
        - configMapRef: { name: orders-config }
        - secretRef: { name: orders-secrets }`
  const api = `apiVersion: apps/v1\nkind: Deployment\n${shop}\nspec:\n  replicas: 2\n  template:\n    spec:${pod("api")}\n`
  const migrate = `apiVersion: batch/v1\nkind: Job\nmetadata: { name: orders-migrate, namespace: shop }\nspec:\n  backoffLimit: 4\n  template:\n    spec:${pod("migrate", 'command: ["sh", "-c", "npx prisma migrate deploy"]')}\n      restartPolicy: Never\n`
  const config = `apiVersion: v1\nkind: ConfigMap\nmetadata: { name: orders-config, namespace: shop }\ndata:\n  PRISMA_POOL_SIZE: "5"\n`
  const secrets = `apiVersion: v1\nkind: Secret\nmetadata: { name: orders-secrets, namespace: shop }\ndata:\n  DATABASE_URL: ${btoa("postgresql://shop:pw@db.example.org:5432/orders?schema=public")}\n`

  test("is counted, with the job of its migrations", () => {
    const fleet = fleetFromTerraform(
      firstPlan([
        manifest("api", api),
        manifest("migrate", migrate),
        manifest("config", config),
        manifest("secrets", secrets),
      ]),
      { maxConnections: 100 },
    )
    expect(fleet.source.keys).toEqual(["DATABASE_URL"])
    expect(sizes(fleet)).toEqual({ "kubectl_manifest.api": 5, "kubectl_manifest.migrate": 5 })
    expect(problems(fleet)).toEqual([])
  })

  test("is unknown while the text of its Secret is", () => {
    const hidden = created(
      "kubectl_manifest.secrets",
      {},
      { yaml_body: true },
      {
        yaml_body: refersTo("aws_db_instance.shop.address"),
      },
    )
    const fleet = fleetFromTerraform(firstPlan([manifest("api", api), manifest("config", config), hidden]), {
      keys: ["DATABASE_URL"],
      maxConnections: 100,
    })
    expect(sizes(fleet)).toEqual({ "kubectl_manifest.api": "nothing to 10000" })
    expect(problems(fleet)).toEqual([
      "kubectl_manifest.secrets may have DATABASE_URL, and its yaml_body is known only after apply",
      "kubectl_manifest.api.DATABASE_URL may be set: its environment is in Secret orders-secrets, which is not in the plans",
    ])
  })
})
