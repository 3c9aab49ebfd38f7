import fc from "fast-check"
import { expect, test } from "vitest"
import { command } from "../support/command.ts"
import { runs } from "../support/properties.ts"
import { compose, postgres, service, URL_OF_DB, waiting } from "./compose-file.ts"

type Values = Readonly<Record<string, unknown>>

/**
 * What every notation can say. Kubernetes has from `maxSurge` to as many pods more in a rolling update; it says one
 * number where nothing surges and where `maxSurge` is all of them, or where an override states it.
 */
interface Service {
  readonly count: number
  readonly size: number
  readonly processes: number
  readonly rollout: "stops first" | "all at once" | "some at a time"
  /** Where instances start some at a time. */
  readonly step: number
  readonly sizeIn: "variable" | "url"
  /** Where a pod has its variables from. */
  readonly from: "env" | "configMap" | "secret"
  readonly isScaled: boolean
}

interface Job {
  readonly kind: "scheduled" | "on demand" | "suspended" | "in a deploy"
  readonly size: number
  readonly pods: number
  readonly schedule: string
  readonly timezone: string
  readonly minutes: number
  readonly policy: "Allow" | "Forbid" | "Replace"
}

const size = fc.integer({ min: 1, max: 12 })

const services: fc.Arbitrary<readonly Service[]> = fc.array(
  fc.record({
    count: fc.integer({ min: 0, max: 5 }),
    size,
    processes: fc.constantFrom(1, 1, 2),
    rollout: fc.constantFrom("stops first", "all at once", "some at a time"),
    step: fc.integer({ min: 1, max: 3 }),
    sizeIn: fc.constantFrom("variable", "url"),
    from: fc.constantFrom("env", "configMap", "secret"),
    isScaled: fc.boolean(),
  }),
  { minLength: 1, maxLength: 4 },
)

const jobs: fc.Arbitrary<readonly Job[]> = fc.array(
  fc.record({
    kind: fc.constantFrom("scheduled", "scheduled", "on demand", "suspended", "in a deploy"),
    size,
    pods: fc.constantFrom(1, 1, 2),
    schedule: fc.constantFrom("0 3 * * *", "30 2 * * 1-5", "*/20 3 * * *", "0 4 1 * *", "0 */6 * * *"),
    timezone: fc.constantFrom("UTC", "Europe/Paris"),
    minutes: fc.integer({ min: 1, max: 500 }),
    policy: fc.constantFrom("Allow", "Forbid", "Replace"),
  }),
  { maxLength: 4 },
)

interface Fleet {
  readonly ceiling: number
  readonly services: readonly Service[]
  readonly jobs: readonly Job[]
}

const fleet: fc.Arbitrary<Fleet> = fc.record({ ceiling: fc.integer({ min: 10, max: 250 }), services, jobs })

const surgeOf = ({ rollout, count, step }: Service): number =>
  rollout === "stops first" ? 0 : rollout === "all at once" ? count : Math.min(step, count)

const variablesOf = ({ size, sizeIn, processes }: Pick<Service, "size" | "sizeIn" | "processes">) => ({
  ...(sizeIn === "url"
    ? { DATABASE_URL: `${URL_OF_DB}?connection_limit=${size}` }
    : { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: String(size) }),
  ...(processes === 1 ? {} : { WEB_CONCURRENCY: String(processes) }),
})

const ofJob = ({ size }: Job) => variablesOf({ size, sizeIn: "variable", processes: 1 })

/** The longest run: nothing ends later, for the pods here have no time to end in. */
const duration = ({ minutes }: Job) => `${minutes * 60}s`

const mostRuns = ({ policy }: Job) =>
  policy === "Allow" ? {} : { maxRuns: { Forbid: 1, Replace: 2 }[policy] }

const scheduledJob = (job: Job, name: string) => ({
  name,
  poolSize: job.size,
  replicas: job.pods,
  schedule: job.schedule,
  timezone: job.timezone,
  duration: duration(job),
  ...mostRuns(job),
})

/** The fleet as `pool.config.json`. */
function declaration({ ceiling, services, jobs }: Fleet, surge = surgeOf) {
  const consumers = services.map((each, index) => [
    `app-${index}`,
    { instances: each.count, poolSize: each.size, poolsPerInstance: each.processes, surge: surge(each) },
  ])
  const hooks = jobs.flatMap(({ kind, size, pods }, index) =>
    kind === "in a deploy" ? [[`job-${index}`, { instances: 0, poolSize: size, surge: pods }]] : [],
  )
  return {
    maxConnections: ceiling,
    consumers: Object.fromEntries([...consumers, ...hooks]),
    jobs: jobs.flatMap((job, index): object[] => {
      const name = `job-${index}`
      const own = { name, poolSize: job.size, replicas: job.pods }
      if (job.kind === "scheduled") return [scheduledJob(job, name)]
      if (job.kind === "in a deploy") return []
      return [{ ...own, concurrent: job.kind === "suspended" ? 0 : 1 }]
    }),
  }
}

const metadata = (name: string, more: Values = {}) => ({ name, namespace: "prod", ...more })
const base64 = (text: string) => Buffer.from(text).toString("base64")

const envOf = (variables: Values) => Object.entries(variables).map(([name, value]) => ({ name, value }))

/** The objects of a service: its workload, what scales it, and what has its variables. */
function workload(each: Service, index: number): Values[] {
  const name = `app-${index}`
  const isScaled = each.isScaled && each.count > 0
  const variables = variablesOf(each)
  const containers = [
    {
      name,
      image: "shop:1",
      ...(each.from === "env"
        ? { env: envOf(variables) }
        : { envFrom: [{ [`${each.from}Ref`]: { name: `${name}-env` } }] }),
    },
  ]
  const stops = each.rollout === "stops first"
  const isStateful = stops && index % 2 === 1
  const maxSurge = each.rollout === "all at once" ? "100%" : each.step
  return [
    {
      apiVersion: "apps/v1",
      kind: isStateful ? "StatefulSet" : "Deployment",
      metadata: metadata(name),
      spec: {
        ...(isScaled ? {} : { replicas: each.count }),
        ...(isStateful
          ? {}
          : { strategy: stops ? { type: "Recreate" } : { rollingUpdate: { maxSurge, maxUnavailable: 0 } } }),
        template: { spec: { containers } },
      },
    },
    ...(isScaled
      ? [
          {
            apiVersion: "autoscaling/v2",
            kind: "HorizontalPodAutoscaler",
            metadata: metadata(name),
            spec: {
              scaleTargetRef: {
                apiVersion: "apps/v1",
                kind: isStateful ? "StatefulSet" : "Deployment",
                name,
              },
              minReplicas: 1,
              maxReplicas: each.count,
            },
          },
        ]
      : []),
    ...(each.from === "env"
      ? []
      : [
          {
            apiVersion: "v1",
            kind: each.from === "secret" ? "Secret" : "ConfigMap",
            metadata: metadata(`${name}-env`),
            data: Object.fromEntries(
              Object.entries(variables).map(([variable, value]) => [
                variable,
                each.from === "secret" ? base64(value) : value,
              ]),
            ),
          },
        ]),
  ]
}

function jobObject(job: Job, index: number): Values {
  const name = `job-${index}`
  const isCron = job.kind === "scheduled" || job.kind === "suspended"
  const hook = { annotations: { "helm.sh/hook": "pre-upgrade" } }
  const spec = {
    parallelism: job.pods,
    activeDeadlineSeconds: job.minutes * 60,
    template: {
      spec: {
        terminationGracePeriodSeconds: 0,
        containers: [{ name, image: "shop:1", env: envOf(ofJob(job)) }],
      },
    },
  }
  if (!isCron) {
    return {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: metadata(name, job.kind === "in a deploy" ? hook : {}),
      spec,
    }
  }
  return {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: metadata(name),
    spec: {
      schedule: job.schedule,
      timeZone: job.timezone,
      concurrencyPolicy: job.policy,
      suspend: job.kind === "suspended",
      jobTemplate: { spec },
    },
  }
}

/** The fleet as manifests, with PostgreSQL among them, which a Service leads to. */
const manifests = ({ ceiling, services, jobs }: Fleet) => ({
  apiVersion: "v1",
  kind: "List",
  items: [
    {
      apiVersion: "apps/v1",
      kind: "StatefulSet",
      metadata: metadata("postgres"),
      spec: {
        serviceName: "db",
        template: {
          metadata: { labels: { app: "postgres" } },
          spec: {
            containers: [{ name: "db", image: "postgres:17", args: ["-c", `max_connections=${ceiling}`] }],
          },
        },
      },
    },
    { apiVersion: "v1", kind: "Service", metadata: metadata("db"), spec: { selector: { app: "postgres" } } },
    ...services.flatMap(workload),
    ...jobs.map(jobObject),
  ],
})

/** The fleet as compose prints it. What only a scheduler starts is excluded, and declared. */
function composeFile({ ceiling, services, jobs }: Fleet) {
  const hooks = jobs.flatMap(({ kind }, index) => (kind === "in a deploy" ? [`job-${index}`] : []))
  const app = (each: Service, index: number): readonly [string, Values] => {
    const order = each.rollout === "stops first" ? "stop-first" : "start-first"
    const parallelism = each.rollout === "all at once" ? 0 : each.step
    const many =
      index % 2 === 1 && order === "stop-first"
        ? { scale: each.count }
        : { deploy: { replicas: each.count, update_config: { order, parallelism } } }
    return [`app-${index}`, service({ environment: variablesOf(each), ...many })]
  }
  const jobService = (job: Job, index: number): readonly [string, Values] => {
    const deploy = job.kind === "on demand" ? { deploy: { mode: "replicated-job", replicas: job.pods } } : {}
    const scale = job.kind === "in a deploy" ? { scale: job.pods } : {}
    const none = job.kind === "suspended" ? { scale: 0 } : {}
    return [`job-${index}`, service({ environment: ofJob(job), ...deploy, ...scale, ...none })]
  }
  return compose({
    db: postgres({ command: ["postgres", "-c", `max_connections=${ceiling}`] }),
    web: service(waiting("service_completed_successfully", ...hooks)),
    ...Object.fromEntries([...services.map(app), ...jobs.map(jobService)]),
  })
}

function besideCompose({ jobs }: Pick<Fleet, "jobs">) {
  const scheduled = jobs.flatMap((job, index) =>
    job.kind === "scheduled" ? [{ job, name: `job-${index}` }] : [],
  )
  return {
    jobs: scheduled.map(({ job, name }) => scheduledJob(job, name)),
    deployments: {
      exclude: Object.fromEntries(scheduled.map(({ name }) => [`service/${name}`, "a job, declared"])),
    },
  }
}

/** Where some instances start at a time, the rule of Kubernetes and that of Swarm is a range. */
const statedSurge = ({ services }: Fleet, kind: "deployment" | "service") =>
  Object.fromEntries(
    services.flatMap((each, index) =>
      each.rollout === "some at a time"
        ? [[`${kind}/app-${index}`, { surge: surgeOf(each), reason: "pools close on SIGTERM" }]]
        : [],
    ),
  )

interface Sums {
  readonly usable: number
  readonly total: number
  readonly fits: boolean
  readonly alert: boolean
  readonly deploy: { readonly total: number; readonly fits: boolean }
  readonly jobs: { readonly connections: number }
}

async function checked(files: Readonly<Record<string, unknown>>, ...flags: readonly string[]) {
  const { code, out, err } = await command(["check", "-c", "config.json", "--format", "json", ...flags], {
    files,
  })
  expect(err).toBe("")
  const { verdict, exitCode, servers } = JSON.parse(out)
  expect(exitCode).toBe(code)
  const sums = ({ usable, total, fits, alert, deploy, jobs }: Sums) => ({
    usable,
    total,
    fits,
    alert,
    deploy: [deploy.total, deploy.fits],
    jobs: jobs.connections,
  })
  return { code, verdict, lowest: sums(servers[0].lowest), highest: sums(servers[0].highest) }
}

const declared = (each: Fleet, surge: (service: Service) => number, ...flags: readonly string[]) =>
  checked({ "config.json": declaration(each, surge) }, ...flags)

const flagsDrawn = fc.subarray(["--strict", "--deploy=warn"])

test("a fleet has one verdict, the same sums and exit code as a declaration, as manifests and as a compose file", async () => {
  const seen = new Set<number>()
  await fc.assert(
    fc.asyncProperty(fleet, flagsDrawn, async (each, flags) => {
      const expected = await declared(each, surgeOf, ...flags)
      const stated = { deployments: { override: statedSurge(each, "deployment") } }
      const inManifests = { "config.json": stated, "k8s.json": manifests(each) }
      expect(await checked(inManifests, "--kubernetes", "k8s.json", ...flags)).toEqual(expected)
      const { jobs, deployments } = besideCompose(each)
      const beside = { jobs, deployments: { ...deployments, override: statedSurge(each, "service") } }
      const inCompose = { "config.json": beside, "compose.json": composeFile(each) }
      expect(await checked(inCompose, "--compose", "compose.json", ...flags)).toEqual(expected)
      seen.add(expected.code)
    }),
    runs(120),
  )
  expect([...seen].toSorted()).toEqual([0, 1])
})

test("manifests and a compose file of a rolling update are between the two declarations that their rule allows", async () => {
  const seen = new Set<number>()
  const most = (each: Service) => (each.rollout === "stops first" ? 0 : each.count)
  await fc.assert(
    fc.asyncProperty(fleet, async (each) => {
      const [low, high] = await Promise.all([declared(each, surgeOf), declared(each, most)])
      const found = await checked(
        { "config.json": {}, "k8s.json": manifests(each) },
        "--kubernetes",
        "k8s.json",
      )
      const inCompose = { "config.json": besideCompose(each), "compose.json": composeFile(each) }
      expect(await checked(inCompose, "--compose", "compose.json")).toEqual(found)
      expect([found.lowest, found.highest]).toEqual([low.lowest, high.highest])
      expect(found.code).toBe(high.code === 0 ? 0 : low.code === 1 ? 1 : 2)
      seen.add(found.code)
    }),
    runs(120),
  )
  expect([...seen].toSorted()).toEqual([0, 1, 2])
})
