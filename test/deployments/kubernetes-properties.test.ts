import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import { readKubernetes } from "../../src/deployments/kubernetes/kubernetes-reader.ts"
import { parseManifests } from "../../src/deployments/kubernetes/parse-manifests.ts"
import type { Reader } from "../../src/deployments/reader.ts"
import { PoolConfigError, type PoolConfigIssue } from "../../src/error.ts"
import { pathsIn, put } from "../support/paths.ts"
import { runs } from "../support/properties.ts"
import {
  autoscaler,
  client,
  configMap,
  cronJob,
  daemonSet,
  deployment,
  env,
  job,
  object,
  pod,
  secret,
  statefulSet,
  template,
  URL_OF_DB,
  type Values,
  yaml,
} from "./manifests.ts"

function judged(config: FleetConfig, readers: readonly Reader[]) {
  const [[, bounds] = []] = findFleetBounds(config, readers)
  if (bounds === undefined) throw new Error("no server")
  const { verdict, highest, lowest } = verdictOf(bounds, { deploy: "fail" })
  return {
    verdict,
    sums: [lowest, highest].map((check) => [check.usable, check.total, check.deploy.total]),
  }
}

function read(objects: readonly unknown[]): readonly Reader[] {
  const issues: PoolConfigIssue[] = []
  return [readKubernetes(parseManifests({ name: "", text: yaml(objects) }, issues), undefined, issues)]
}

const verdict = (objects: readonly unknown[]) => judged({}, read(objects)).verdict

const server = (ceiling: number): readonly Values[] => [
  statefulSet("db", {
    spec: { serviceName: "db" },
    labels: { labels: { app: "db" } },
    containers: [{ name: "db", image: "postgres:17", args: ["-c", `max_connections=${ceiling}`] }],
  }),
  object("v1", "Service", "db", { spec: { selector: { app: "db" } } }),
]

const sized = (size: number, fields: Values = {}) =>
  client({ env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: String(size) }), ...fields })

describe("a fleet has one verdict and the same sums, as a declaration and as manifests", () => {
  const drawn = fc.record({
    count: fc.integer({ min: 0, max: 6 }),
    size: fc.integer({ min: 1, max: 20 }),
    kind: fc.constantFrom("recreated", "stateful", "job", "hook", "scheduled"),
  })
  type Drawn = typeof drawn extends fc.Arbitrary<infer Value> ? Value : never

  function written({ count, size, kind }: Drawn, index: number) {
    const name = `app-${index}`
    const containers = [sized(size)]
    switch (kind) {
      case "recreated":
        return deployment(name, { spec: { replicas: count, strategy: { type: "Recreate" } }, containers })
      case "stateful":
        return statefulSet(name, { spec: { replicas: count }, containers })
      case "job":
        return job(name, { spec: { parallelism: count }, containers })
      case "hook":
        return job(name, {
          spec: { parallelism: count },
          containers,
          metadata: { annotations: { "helm.sh/hook": "pre-upgrade" } },
        })
      default:
        return cronJob(name, {
          spec: { schedule: "*/10 * * * *", timeZone: "UTC" },
          jobSpec: { activeDeadlineSeconds: 600 * count + 1 },
          pod: { terminationGracePeriodSeconds: 0 },
          containers,
        })
    }
  }

  const declared = (all: readonly Drawn[]): Pick<FleetConfig, "consumers" | "jobs"> => ({
    consumers: Object.fromEntries(
      all.flatMap(
        (
          { count, size, kind },
          index,
        ): [string, { instances: number; poolSize: number; surge: number }][] => {
          const isHook = kind === "hook"
          if (!isHook && kind !== "recreated" && kind !== "stateful") return []
          return [
            [`app-${index}`, { instances: isHook ? 0 : count, poolSize: size, surge: isHook ? count : 0 }],
          ]
        },
      ),
    ),
    jobs: all.flatMap(({ count, size, kind }, index): NonNullable<FleetConfig["jobs"]> => {
      const name = `app-${index}`
      if (kind === "scheduled")
        return [
          {
            name,
            poolSize: size,
            schedule: "*/10 * * * *",
            timezone: "UTC",
            duration: `${600 * count + 1}s`,
          },
        ]
      return kind === "job" && count > 0 ? [{ name, poolSize: size, replicas: count, concurrent: 1 }] : []
    }),
  })

  test("always", () => {
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 300 }),
        fc.array(drawn, { minLength: 1, maxLength: 6 }),
        (ceiling, all) => {
          const result = judged({}, read([...server(ceiling), ...all.map(written)]))
          expect(result).toEqual(judged({ maxConnections: ceiling, ...declared(all) }, []))
          seen.add(result.verdict)
        },
      ),
      runs(100),
    )
    expect([...seen].toSorted()).toEqual(["does not fit", "fits"])
  })
})

/** A fleet whose parts come from everywhere. */
const ordinary = fc
  .record({
    ceiling: fc.integer({ min: 20, max: 160 }),
    size: fc.integer({ min: 1, max: 12 }),
    count: fc.integer({ min: 1, max: 4 }),
  })
  .map(({ ceiling, size, count }): readonly Values[] => [
    ...server(ceiling),
    configMap("pool", { PRISMA_POOL_SIZE: String(size) }),
    secret("url", { DATABASE_URL: URL_OF_DB }),
    deployment("api", {
      spec: { replicas: 1, strategy: { type: "Recreate" } },
      containers: [
        { name: "api", envFrom: [{ configMapRef: { name: "pool" } }, { secretRef: { name: "url" } }] },
      ],
    }),
    autoscaler("api", { name: "api" }, count),
    statefulSet("worker", { spec: { replicas: count }, containers: [sized(size)] }),
    cronJob("sync", {
      spec: { schedule: "*/5 * * * *", concurrencyPolicy: "Forbid" },
      jobSpec: { activeDeadlineSeconds: 60 },
      containers: [
        {
          name: "sync",
          env: [
            { name: "DATABASE_URL", valueFrom: { secretKeyRef: { name: "url", key: "DATABASE_URL" } } },
            { name: "PRISMA_POOL_SIZE", value: String(size) },
          ],
        },
      ],
    }),
    job("migrate", { containers: [sized(2)], metadata: { annotations: { "helm.sh/hook": "pre-upgrade" } } }),
    pod("console", { containers: [sized(1)] }),
  ])

type Change = (objects: readonly Values[]) => readonly Values[]

const isNamed = (each: Values, kind: string, name: string) =>
  each["kind"] === kind && (each["metadata"] as Values)["name"] === name

const change =
  (kind: string, name: string, how: (each: Values) => readonly Values[]): Change =>
  (objects) =>
    objects.flatMap((each) => (isNamed(each, kind, name) ? how(each) : [each]))

const without = (kind: string, name: string) => change(kind, name, () => [])
const replaced = (kind: string, name: string, by: Values) => change(kind, name, () => [by])
const worker = (fields: Parameters<typeof statefulSet>[1]) =>
  replaced("StatefulSet", "worker", statefulSet("worker", fields))
const command = `DATABASE_URL=${URL_OF_DB} node main.js`
const mounts = { env: [], volumeMounts: [{ name: "v", mountPath: "/v" }] }
const volume = (source: Values) => ({
  containers: [client(mounts)],
  pod: { volumes: [{ name: "v", ...source }] },
})
const renamed = (kind: string, name: string, apiVersion: string, as: string) =>
  change(kind, name, (each) => [{ ...each, apiVersion, kind: as }])

const HIDING: readonly [what: string, how: Change][] = [
  ["a Secret", without("Secret", "url")],
  ["a ConfigMap", without("ConfigMap", "pool")],
  [
    "an autoscaler's most",
    replaced(
      "HorizontalPodAutoscaler",
      "api",
      object("keda.sh/v1alpha1", "ScaledObject", "api", { spec: { scaleTargetRef: { name: "api" } } }),
    ),
  ],
  ["the server", without("StatefulSet", "db")],
  [
    "the server's ceiling",
    change("StatefulSet", "db", () => [
      statefulSet("db", {
        spec: { serviceName: "db" },
        labels: { labels: { app: "db" } },
        containers: [{ name: "db", image: "postgres:17", args: ["-c", "config_file=/x"] }],
      }),
    ]),
  ],
  ["the server's Service", without("Service", "db")],
  ["the kind of a Deployment", renamed("Deployment", "api", "argoproj.io/v1alpha1", "Rollout")],
  ["the kind of a StatefulSet", renamed("StatefulSet", "worker", "apps.kruise.io/v1beta1", "StatefulSet")],
  ["the kind of a CronJob", renamed("CronJob", "sync", "example.org/v1", "CronTask")],
  ["the kind of a Pod", renamed("Pod", "console", "serving.knative.dev/v1", "Service")],
  ["the kind of the Secret", renamed("Secret", "url", "example.org/v1", "VaultSecret")],
  [
    "the keys of the Secret",
    replaced(
      "Secret",
      "url",
      object("external-secrets.io/v1", "ExternalSecret", "url", {
        spec: { dataFrom: [{ extract: { key: "x" } }] },
      }),
    ),
  ],
  [
    "the values of the Secret",
    replaced(
      "Secret",
      "url",
      object("bitnami.com/v1alpha1", "SealedSecret", "url", {
        spec: { encryptedData: { DATABASE_URL: "Ag" } },
      }),
    ),
  ],
  [
    "a size, in a Secret of another namespace",
    change("ConfigMap", "pool", (each) => [
      { ...each, metadata: { name: "pool", namespace: "x" } },
      { ...each, metadata: { name: "pool", namespace: "y" } },
    ]),
  ],
  ["the number of pods", replaced("StatefulSet", "worker", daemonSet("worker", { containers: [sized(3)] }))],
  ["a URL, in a command", worker({ containers: [client({ env: [], command: ["sh", "-c", command] })] })],
  [
    "a URL, in a probe",
    worker({
      containers: [client({ env: [], livenessProbe: { exec: { command: ["sh", "-c", command] } } })],
    }),
  ],
  ["a URL, in a mounted Secret", worker(volume({ secret: { secretName: "gone" } }))],
  [
    "a URL, in a mounted file of a known Secret",
    (objects) =>
      worker(volume({ secret: { secretName: "f" } }))([
        ...objects,
        secret("f", { ".env": `DATABASE_URL=${URL_OF_DB}` }),
      ]),
  ],
  [
    "a URL, in a projected volume",
    worker(volume({ projected: { sources: [{ secret: { name: "gone" } }] } })),
  ],
  ["a URL, in a store of secrets", worker(volume({ csi: { driver: "secrets-store.csi.k8s.io" } }))],
  [
    "a URL, in binaryData",
    (objects) =>
      worker(volume({ configMap: { name: "f" } }))([
        ...objects,
        object("v1", "ConfigMap", "f", { binaryData: { x: btoa(`DATABASE_URL=${URL_OF_DB}`) } }),
      ]),
  ],
  [
    "a URL, from an agent",
    worker({
      containers: [client({ env: [] })],
      labels: { annotations: { "vault.hashicorp.com/agent-inject": "true" } },
    }),
  ],
  ["a URL, under another name", worker({ containers: [client({ env: env({ BILLING_URL: URL_OF_DB }) })] })],
  ["a URL, in NAME_FILE", worker({ containers: [client({ env: env({ DATABASE_URL_FILE: "/x" }) })] })],
  ["a URL, in a template", worker({ containers: [client({ env: env({ DATABASE_URL: "{{ .x }}" }) })] })],
  [
    "a size, in a variable",
    worker({
      containers: [
        client({
          env: [
            { name: "N", valueFrom: { secretKeyRef: { name: "gone", key: "n" } } },
            { name: "DATABASE_URL", value: `${URL_OF_DB}?connection_limit=$(N)` },
          ],
        }),
      ],
    }),
  ],
  [
    "a deadline and a policy",
    replaced(
      "CronJob",
      "sync",
      cronJob("sync", { spec: { schedule: "*/5 * * * *" }, containers: [sized(3)] }),
    ),
  ],
  [
    "a schedule",
    replaced("CronJob", "sync", cronJob("sync", { spec: { schedule: "{{ .x }}" }, containers: [sized(3)] })),
  ],
  [
    "everything, in a List of a List",
    (objects) => [
      { apiVersion: "v1", kind: "List", items: [{ apiVersion: "v1", kind: "List", items: objects }] },
    ],
  ],
  [
    "everything, behind Helm",
    (objects) => [
      ...objects.filter(({ kind }) => kind === "StatefulSet" || kind === "Service"),
      object("helm.toolkit.fluxcd.io/v2", "HelmRelease", "shop", { spec: {} }),
    ],
  ],
]

describe("what is taken away or hidden never makes a verdict better:", () => {
  test.each(HIDING)("%s", (_, how) => {
    let notFitting = 0
    fc.assert(
      fc.property(ordinary, (objects) => {
        if (verdict(objects) === "fits") return
        notFitting += 1
        expect(verdict(how(objects))).not.toBe("fits")
      }),
      runs(12),
    )
    expect(notFitting, "there are fleets that do not fit").toBeGreaterThan(0)
  })

  /** Values that say nothing in place of one that says something: a template, and what a tool fills in later. */
  const UNSAID: readonly unknown[] = ["{{ .Values.x }}", "vault:secret/data/x#y"]

  /** What a value in its place says something else by, and does not hide: names, addresses, and what must be there. */
  const SAYS: RegExp =
    /^(apiVersion|kind|metadata|name|image|key|namespace|ownerReferences|selector|type|args|command)$/

  test("any value, by a template in its place", () => {
    let notFitting = 0
    fc.assert(
      fc.property(ordinary, fc.nat(), fc.constantFrom(...UNSAID), (objects, at, by) => {
        if (verdict(objects) === "fits") return
        notFitting += 1
        const leaves = pathsIn(objects).filter(
          (path) => !path.some((key) => SAYS.test(String(key))) && path.length > 2,
        )
        const path = leaves[at % leaves.length] ?? []
        expect(
          refusedOr(() => verdict(put(objects, path, by) as readonly Values[])),
          path.join("."),
        ).not.toBe("fits")
      }),
      runs(200),
    )
    expect(notFitting).toBeGreaterThan(20)
  })
})

/** What is refused is not green either. */
function refusedOr(judge: () => string): string {
  try {
    return judge()
  } catch (error) {
    if (error instanceof PoolConfigError) return "refused"
    throw error
  }
}

test("an input of any kind gets a verdict or an error of the command's own", () => {
  const json = fc.jsonValue({ maxDepth: 4 })
  const odd = fc.oneof(
    json,
    fc.constantFrom(
      "{{",
      "$(A)",
      "",
      null,
      -1,
      Number.POSITIVE_INFINITY,
      "\0",
      "__proto__",
      [],
      {},
      [{}],
      [null],
    ),
  )
  const kinds = [
    "Deployment",
    "CronJob",
    "Job",
    "Pod",
    "Secret",
    "ConfigMap",
    "List",
    "HorizontalPodAutoscaler",
    "ScaledJob",
    "Cluster",
    "Service",
    "ExternalSecret",
    "SealedSecret",
    "Rollout",
  ]
  const spec = fc.record(
    {
      replicas: odd,
      schedule: odd,
      strategy: odd,
      template: fc.oneof(
        odd,
        fc.record(
          {
            metadata: odd,
            spec: fc.record(
              {
                containers: fc.array(
                  fc.oneof(
                    odd,
                    fc.record(
                      { name: odd, image: odd, env: odd, envFrom: odd, volumeMounts: odd, command: odd },
                      { requiredKeys: [] },
                    ),
                  ),
                ),
                initContainers: odd,
                volumes: odd,
              },
              { requiredKeys: [] },
            ),
          },
          { requiredKeys: [] },
        ),
      ),
      jobTemplate: odd,
      jobTargetRef: odd,
      scaleTargetRef: odd,
      maxReplicas: odd,
      selector: odd,
      data: odd,
      target: odd,
      parallelism: odd,
    },
    { requiredKeys: [] },
  )
  const any = fc.record(
    {
      apiVersion: fc.constantFrom(
        "v1",
        "apps/v1",
        "batch/v1",
        "keda.sh/v1",
        "external-secrets.io/v1",
        "postgresql.cnpg.io/v1",
        1,
      ),
      kind: fc.constantFrom(...kinds, 5),
      metadata: fc.oneof(
        odd,
        fc.record(
          {
            name: fc.oneof(fc.constantFrom("a", "b"), odd),
            namespace: odd,
            annotations: odd,
            labels: odd,
            ownerReferences: odd,
          },
          { requiredKeys: ["name"] },
        ),
      ),
      spec: fc.oneof(odd, spec),
      data: odd,
      stringData: odd,
      items: odd,
    },
    { requiredKeys: ["kind", "apiVersion", "metadata"] },
  )
  fc.assert(
    fc.property(fc.array(any, { maxLength: 4 }), (objects) => {
      const documents = objects.map((value) => ({ value, placeOf: (path: string) => path }))
      expect(refusedOr(() => judged({}, [readKubernetes(documents, undefined)]).verdict)).toMatch(
        /^(refused|unknown|fits|does not fit)$/,
      )
    }),
    runs(400),
  )
})

const BESIDE: readonly Values[] = [
  deployment("web", {
    containers: [{ name: "web", image: "nginx:1.29", envFrom: [{ secretRef: { name: "gone" } }] }],
  }),
  statefulSet("redis", {
    containers: [{ name: "redis", image: "redis:7", volumeMounts: [{ name: "v", mountPath: "/x" }] }],
    pod: { volumes: [{ name: "v", secret: { secretName: "redis" } }] },
  }),
  daemonSet("logs", {
    containers: [
      { name: "logs", image: "fluent/fluent-bit:3", volumeMounts: [{ name: "v", mountPath: "/var/log" }] },
    ],
    pod: { volumes: [{ name: "v", hostPath: { path: "/var/log" } }] },
  }),
  deployment("tls", {
    containers: [client({ env: [], volumeMounts: [{ name: "v", mountPath: "/tls" }] })],
    pod: { volumes: [{ name: "v", secret: { secretName: "web-tls" } }] },
  }),
  deployment("plain", {
    containers: [client({ env: env({ LOG_LEVEL: "info", API_URL: "http://api" }) })],
    pod: { volumes: [{ name: "v", emptyDir: {} }] },
  }),
  cronJob("cleanup", {
    containers: [{ name: "c", image: "bitnami/kubectl:1.31", command: ["kubectl", "delete"] }],
  }),
  cronJob("off", { spec: { suspend: true }, containers: [sized(500)] }),
  deployment("none", { spec: { replicas: 0, strategy: { type: "Recreate" } }, containers: [sized(500)] }),
  job("held", { spec: { suspend: true }, containers: [sized(500)] }),
  object("v1", "Service", "web", { spec: { selector: { app: "web" } } }),
  object("networking.k8s.io/v1", "Ingress", "web", { spec: { rules: [] } }),
  object("rbac.authorization.k8s.io/v1", "ClusterRole", "reader", { rules: [] }),
  object("policy/v1", "PodDisruptionBudget", "web", { spec: {} }),
  object("monitoring.coreos.com/v1", "PrometheusRule", "alerts", {
    spec: { x: "DATABASE_URL is unset on {{ $labels.pod }}" },
  }),
  object("external-secrets.io/v1", "ExternalSecret", "other", {
    spec: { data: [{ secretKey: "DATABASE_URL" }] },
  }),
  object("cert-manager.io/v1", "Certificate", "web", { spec: { secretName: "web-tls" } }),
  object("example.org/v1", "Dashboard", "d", {
    spec: { template: template([{ name: "d", image: "dash:1" }]) },
  }),
]

test("what stands beside the applications in ordinary manifests never makes it worse", () => {
  fc.assert(
    fc.property(ordinary, fc.subarray([...BESIDE]), (objects, others) => {
      expect(verdict([...objects, ...others])).toBe(verdict(objects))
    }),
    runs(30),
  )
})
