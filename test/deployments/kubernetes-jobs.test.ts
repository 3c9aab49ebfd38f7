import { describe, expect, test } from "vitest"
import { refusal } from "../support/bad-values.ts"
import {
  client,
  cronJob,
  deployment,
  env,
  job,
  object,
  pod,
  reading,
  sums,
  template,
  URL_OF_DB,
  unknown,
  type Values,
} from "./manifests.ts"

/** The one job of these objects, at its highest. */
const counted = (objects: readonly unknown[]) => {
  const { highest } = reading(objects)
  const [{ name: _, poolSize: __, poolsPerInstance: ___, ...timing } = { name: "", poolSize: 0 }] =
    highest.jobs
  return timing
}
const assumed = (objects: readonly unknown[]) => reading(objects).assumptions.map(({ name }) => name)
const hook = (value: string, name = "helm.sh/hook") => ({ annotations: { [name]: value } })

describe("the pods of a Job at one time are", () => {
  const pods = (spec: Values) => counted([job("j", { spec })])

  test.each<[spec: Values, pods: Values]>([
    [{}, { concurrent: 1 }],
    [{ parallelism: 1, completions: 1 }, { concurrent: 1 }],
    [{ parallelism: 4 }, { concurrent: 1, replicas: 4 }],
    [{ completions: 5 }, { concurrent: 1 }],
    [
      { parallelism: 4, completions: 10 },
      { concurrent: 1, replicas: 4 },
    ],
    [
      { parallelism: 10, completions: 3, completionMode: "Indexed" },
      { concurrent: 1, replicas: 3 },
    ],
    [{ parallelism: "2" }, { concurrent: 1, replicas: 2 }],
    [{ parallelism: 0 }, { concurrent: 0 }],
    [{ completions: 0 }, { concurrent: 0 }],
    [{ suspend: true }, { concurrent: 0 }],
    [
      { suspend: true, parallelism: 3 },
      { concurrent: 0, replicas: 3 },
    ],
    [{ suspend: false }, { concurrent: 1 }],
    [{ backoffLimit: 0, activeDeadlineSeconds: 60 }, { concurrent: 1 }],
  ])("of %j %j", (spec, expected) => {
    expect(pods(spec)).toEqual(expected)
  })

  test("its own though it is suspended, if a queue starts it", () => {
    const labels = { labels: { "kueue.x-k8s.io/queue-name": "main" } }
    expect(counted([job("j", { spec: { suspend: true }, metadata: labels })])).toEqual({ concurrent: 1 })
  })
})

describe("a hook counts in a deploy only:", () => {
  test.each([
    ["helm.sh/hook", "pre-upgrade"],
    ["helm.sh/hook", "pre-install,pre-upgrade"],
    ["helm.sh/hook", "post-install, post-upgrade"],
    ["helm.sh/hook", "test"],
    ["helm.sh/hook", "test-success"],
    ["argocd.argoproj.io/hook", "PreSync"],
    ["argocd.argoproj.io/hook", "Sync,PostSync"],
  ])("%s: %s", (name, value) => {
    const migrate = job("migrate", { metadata: hook(value, name), spec: { parallelism: 2 } })
    expect(reading([migrate]).highest).toEqual({
      jobs: [],
      consumers: {
        "job/migrate": { instances: 0, surge: 2, poolSize: 10, poolsPerInstance: 1 },
      },
    })
    expect(sums(reading([migrate]))).toEqual({ steady: [0, 0], deploy: [20, 20] })
  })

  test("not if neither tool runs it as one", () => {
    for (const [name, value] of [
      ["argocd.argoproj.io/hook", "Skip"],
      ["helm.sh/hook", "pre-upgrades"],
      ["helm.sh/hook", ""],
      ["helm.sh/hook-weight", "1"],
    ] as const) {
      expect(counted([job("j", { metadata: hook(value, name) })]), value).toEqual({ concurrent: 1 })
    }
  })

  test("a pod that tests a release, but no pod that never ends", () => {
    const own = (restartPolicy?: string) =>
      pod("test", { metadata: hook("test"), spec: restartPolicy === undefined ? {} : { restartPolicy } })
    expect(sums(reading([own("Never")]))).toEqual({ steady: [0, 0], deploy: [10, 10] })
    expect(sums(reading([own("OnFailure")]))).toEqual({ steady: [0, 0], deploy: [10, 10] })
    expect(sums(reading([own("Always")]))).toEqual({ steady: [10, 10], deploy: [10, 10] })
    expect(sums(reading([own()]))).toEqual({ steady: [10, 10], deploy: [10, 10] })
  })

  test("not a Deployment, which stays", () => {
    const own = deployment("api", { metadata: hook("post-install") })
    expect(sums(reading([own])).steady).toEqual([10, 10])
  })
})

describe("a run of a CronJob takes at most", () => {
  const run = (jobSpec: Values, pod: Values = {}, spec: Values = {}) =>
    counted([cronJob("c", { jobSpec, pod, spec: { concurrencyPolicy: "Allow", ...spec } })])
  const at = { schedule: "0 3 * * *", timezone: "UTC" }

  test("the deadline of the Job, which is for all attempts, and the time that a pod has to end", () => {
    expect(run({ activeDeadlineSeconds: 600 })).toEqual({ ...at, duration: "630s" })
    expect(run({ activeDeadlineSeconds: 600, backoffLimit: 20 })).toEqual({ ...at, duration: "630s" })
    expect(run({ activeDeadlineSeconds: 600 }, { terminationGracePeriodSeconds: 5 })).toEqual({
      ...at,
      duration: "605s",
    })
  })

  test("the deadline of the pod for each attempt, with the pauses between them", () => {
    expect(run({ backoffLimit: 0 }, { activeDeadlineSeconds: 60 })).toEqual({ ...at, duration: "90s" })
    // 3 × (60 + 30), and 10 + 20 between them.
    expect(run({ backoffLimit: 2 }, { activeDeadlineSeconds: 60 })).toEqual({ ...at, duration: "300s" })
    // 7 × 90, and 10 + 20 + 40 + 80 + 160 + 320.
    expect(run({}, { activeDeadlineSeconds: 60 })).toEqual({ ...at, duration: "1260s" })
    expect(run({ activeDeadlineSeconds: 100 }, { activeDeadlineSeconds: 60 })).toEqual({
      ...at,
      duration: "130s",
    })
    // Pods that follow each other have each their own.
    expect(run({ backoffLimit: 0, completions: 2 }, { activeDeadlineSeconds: 60 })).not.toHaveProperty(
      "duration",
    )
  })

  test("any time with neither", () => {
    for (const limit of [undefined, 0, 6, "{{ .x }}"]) {
      const pod = typeof limit === "string" ? { activeDeadlineSeconds: 60 } : {}
      const jobSpec = limit === undefined ? {} : { backoffLimit: limit }
      expect(run(jobSpec, pod)).toEqual({ concurrent: 1 })
    }
    expect(assumed([cronJob("c", { spec: { concurrencyPolicy: "Allow" } })])).toEqual([
      "cronjob/c.activeDeadlineSeconds",
    ])
  })
})

describe("runs of a CronJob overlap", () => {
  const dense = (spec: Values, jobSpec: Values = {}) => [
    cronJob("c", { spec: { schedule: "*/5 * * * *", ...spec }, jobSpec }),
  ]

  test("as often as they take longer than the time between them", () => {
    expect(sums(reading(dense({}, { activeDeadlineSeconds: 870 })))).toEqual({
      steady: [30, 30],
      deploy: [30, 30],
    })
    expect(sums(reading(dense({}, { activeDeadlineSeconds: 60 }))).steady).toEqual([10, 10])
  })

  test("without a limit where Allow, the default, has no deadline", () => {
    for (const spec of [{}, { concurrencyPolicy: "Allow" }, { concurrencyPolicy: "{{ .x }}" }]) {
      expect(reading(dense(spec)).unknowns).toEqual([
        {
          cause: "count",
          address: "cronjob/c",
          attribute: "activeDeadlineSeconds",
          field: "timeout",
          name: "cronjob/c.activeDeadlineSeconds",
          problem:
            "is omitted and concurrencyPolicy allows overlaps, so runs that take long pile up without a limit",
          between: "1 run or any number of runs",
          remedy: "Set concurrencyPolicy: Forbid or activeDeadlineSeconds, or override timeout or maxRuns",
          isUnbounded: true,
          place: expect.stringMatching(/^line \d+$/),
        },
      ])
    }
    const override = { "cronjob/c": { timeout: "4m", retries: 0, reason: "measured" } }
    expect(unknown(reading(dense({}), { override }))).toEqual([])
  })

  test("never with Forbid", () => {
    expect(counted(dense({ concurrencyPolicy: "Forbid" }))).toEqual({ concurrent: 1 })
    expect(counted(dense({ concurrencyPolicy: "Forbid" }, { activeDeadlineSeconds: 3600 }))).toMatchObject({
      schedule: "*/5 * * * *",
      duration: "3630s",
      maxRuns: 1,
    })
    expect(unknown(reading(dense({ concurrencyPolicy: "Forbid" })))).toEqual([])
  })

  test("twice with Replace: the run that is replaced still ends", () => {
    expect(counted(dense({ concurrencyPolicy: "Replace" }))).toEqual({ concurrent: 2 })
    expect(counted(dense({ concurrencyPolicy: "Replace" }, { activeDeadlineSeconds: 3600 }))).toMatchObject({
      maxRuns: 2,
    })
  })

  test("each with its pods", () => {
    const objects = dense({ concurrencyPolicy: "Replace" }, { parallelism: 3 })
    expect(sums(reading(objects)).steady).toEqual([60, 60])
    expect(sums(reading(dense({}, { parallelism: 0 }))).steady).toEqual([0, 0])
  })
})

describe("a CronJob starts", () => {
  const at = (spec: Values) => counted([cronJob("c", { spec, jobSpec: { activeDeadlineSeconds: 3570 } })])

  test("never while it is suspended, whatever its schedule is", () => {
    expect(at({ suspend: true })).toEqual({ concurrent: 0 })
    expect(at({ suspend: true, schedule: "nonsense" })).toEqual({ concurrent: 0 })
    expect(at({ suspend: false })).toMatchObject({ schedule: "0 3 * * *" })
  })

  test("in its time zone, else in the controller's, which is assumed to be UTC", () => {
    expect(at({ timeZone: "Europe/Paris" })).toMatchObject({ timezone: "Europe/Paris" })
    expect(at({ timeZone: undefined })).toMatchObject({ timezone: "UTC" })
    expect(assumed([cronJob("c", { spec: { timeZone: undefined, concurrencyPolicy: "Forbid" } })])).toEqual([
      "cronjob/c.timeZone",
    ])
    expect(at({ timeZone: undefined, schedule: "CRON_TZ=Asia/Tokyo 0 3 * * *" })).toMatchObject({
      schedule: "0 3 * * *",
      timezone: "Asia/Tokyo",
    })
  })

  test("at fixed intervals", () => {
    expect(at({ schedule: "@every 1h" })).toEqual({ concurrent: 1 })
    expect(at({ schedule: "@every 20m" })).toEqual({ concurrent: 3 })
    expect(at({ schedule: "@every 20m", concurrencyPolicy: "Replace" })).toEqual({ concurrent: 2 })
    expect(at({ schedule: "@every 20m", concurrencyPolicy: "Forbid" })).toEqual({ concurrent: 1 })
    expect(unknown(reading([cronJob("c", { spec: { schedule: "@every 1m" } })]))).toEqual([
      "cronjob/c.activeDeadlineSeconds: count",
    ])
  })

  test("as Kubernetes reads a schedule", () => {
    expect(at({ schedule: "@daily" })).toMatchObject({ schedule: "0 0 * * *" })
    expect(at({ schedule: "5/15 * * * *" })).toMatchObject({
      schedule: "5-50/15 * * * *",
    })
  })

  test.each<[spec: Values, path: string]>([
    [{ schedule: "0 3 * * 7" }, "spec.schedule"],
    [{ schedule: "61 * * * *" }, "spec.schedule"],
    [{ schedule: undefined }, "spec.schedule"],
    [{ schedule: "0 3 * * *", timeZone: "Mars/Olympus" }, "spec.timeZone"],
    [{ timeZone: "Local" }, "spec.timeZone"],
  ])("never at %j, which is refused with its line", (spec, path) => {
    const { issues } = refusal(() => at(spec))
    expect(issues.map(({ name }) => name)).toEqual([
      expect.stringMatching(new RegExp(`^line \\d+: ${path}$`)),
    ])
  })
})

describe("a ScaledJob has", () => {
  const scaled = (spec: Values, jobTargetRef: Values = {}) =>
    object("keda.sh/v1alpha1", "ScaledJob", "s", {
      spec: { jobTargetRef: { template: template(), ...jobTargetRef }, ...spec },
    })

  test("its most jobs, 100 if they are omitted, each with its pods", () => {
    expect(counted([scaled({ maxReplicaCount: 8 })])).toEqual({ concurrent: 8 })
    expect(counted([scaled({ maxReplicaCount: 8 }, { parallelism: 3 })])).toEqual({
      concurrent: 8,
      replicas: 3,
    })
    expect(counted([scaled({ maxReplicaCount: 8 }, { parallelism: 0 })])).toEqual({ concurrent: 0 })
    expect(counted([scaled({})])).toEqual({ concurrent: 100 })
    expect(assumed([scaled({})])).toEqual(["scaledjob/s.maxReplicaCount"])
  })

  test("connections of KEDA's own, if it asks PostgreSQL", () => {
    expect(unknown(reading([scaled({ maxReplicaCount: 1, triggers: [{ type: "postgresql" }] })]))).toEqual([
      "scaledjob/s: type",
    ])
  })
})

test("thirty jobs are counted apart", () => {
  const sized = (index: number) =>
    client({ env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: String(index) }) })
  const jobs = Array.from({ length: 30 }, (_, index) =>
    cronJob(`j-${index}`, {
      spec: { schedule: `${index} 3 * * *`, concurrencyPolicy: "Forbid" },
      jobSpec: { activeDeadlineSeconds: 30 },
      pod: { terminationGracePeriodSeconds: 0 },
      containers: [sized(index + 1)],
    }),
  )
  // Each ends before the next one starts.
  expect(sums(reading(jobs)).steady).toEqual([30, 30])
})
