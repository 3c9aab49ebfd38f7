import { CORE } from "./resources.ts"

export type Values = Readonly<Record<string, unknown>>

export const container = (values: Values = {}) => ({
  name: "api",
  image: "shop:1",
  env: [
    { name: "DATABASE_URL_CORE", value: CORE },
    { name: "PRISMA_POOL_SIZE_CORE", value: "10" },
  ],
  ...values,
})

export const podTemplate = (spec: Values = {}) => ({
  metadata: { labels: { app: "api" } },
  spec: { containers: [container()], ...spec },
})

const object = (apiVersion: string, kind: string, name: string, rest: Values) => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "prod" },
  ...rest,
})

export const deployment = (spec: Values = {}, pod: Values = {}) =>
  object("apps/v1", "Deployment", "api", { spec: { replicas: 3, template: podTemplate(pod), ...spec } })

export const configMap = (data: Values, name = "env") => object("v1", "ConfigMap", name, { data })

export const secret = (stringData: Values, name = "env", data: Values = {}) =>
  object("v1", "Secret", name, { data, stringData })

export const cronJob = (spec: Values = {}, job: Values = {}, pod: Values = {}) =>
  object("batch/v1", "CronJob", "report", {
    spec: {
      schedule: "*/30 * * * *",
      timeZone: "Etc/UTC",
      jobTemplate: { spec: { template: podTemplate(pod), ...job } },
      ...spec,
    },
  })

export const autoscaler = (spec: Values = {}) =>
  object("autoscaling/v2", "HorizontalPodAutoscaler", "api", {
    spec: {
      maxReplicas: 6,
      scaleTargetRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" },
      ...spec,
    },
  })

export const workload = (kind: string, apiVersion: string, spec: Values, name = "api") =>
  object(apiVersion, kind, name, { spec })

const service = object("v1", "Service", "db", { spec: { selector: { app: "db" }, ports: [{ port: 5432 }] } })
const postgres = (values: Values = {}) =>
  workload(
    "StatefulSet",
    "apps/v1",
    {
      serviceName: "db",
      replicas: 1,
      template: {
        metadata: { labels: { app: "db" } },
        spec: { containers: [{ name: "db", image: "postgres:17", ...values }] },
      },
    },
    "db",
  )

const HOST_URL = "postgresql://app:pw@db.prod:5432/core"
const withoutEnv = (values: Values) => ({ containers: [container({ env: [], ...values })] })

/** Workloads with what they refer to, by what is tried. */
export const CASES: Readonly<Record<string, readonly Values[]>> = {
  "a Deployment": [deployment()],
  "without replicas": [deployment({ replicas: undefined })],
  "of none": [deployment({ replicas: 0 })],
  "scaled by an autoscaler": [deployment({ replicas: undefined }), autoscaler()],
  "scaled by one to less": [deployment(), autoscaler({ maxReplicas: 2 })],
  "scaled by one for another": [
    deployment(),
    autoscaler({ scaleTargetRef: { kind: "StatefulSet", name: "api" } }),
  ],
  "that is recreated": [deployment({ strategy: { type: "Recreate" } })],
  "with a surge of a half": [
    deployment({
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "50%", maxUnavailable: "0" } },
    }),
  ],
  "with a surge of two": [deployment({ strategy: { rollingUpdate: { maxSurge: "2" } } })],
  "with a ConfigMap": [
    deployment({}, withoutEnv({ envFrom: [{ configMapRef: { name: "env" } }] })),
    configMap({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "7" }),
  ],
  "with a ConfigMap and a prefix": [
    deployment({}, withoutEnv({ envFrom: [{ prefix: "DATABASE_", configMapRef: { name: "env" } }] })),
    configMap({ URL_CORE: `${CORE}?connection_limit=4` }),
  ],
  "with a Secret": [
    deployment({}, withoutEnv({ envFrom: [{ secretRef: { name: "env" } }] })),
    secret({ DATABASE_URL_CORE: `${CORE}?connection_limit=3` }),
  ],
  "with a Secret in base64": [
    deployment({}, withoutEnv({ envFrom: [{ secretRef: { name: "env" } }] })),
    secret({}, "env", { DATABASE_URL_CORE: btoa(`${CORE}?connection_limit=8`) }),
  ],
  "with a Secret that is elsewhere": [
    deployment({}, withoutEnv({ envFrom: [{ secretRef: { name: "env" } }] })),
  ],
  "with a key of a Secret": [
    deployment(
      {},
      withoutEnv({
        env: [
          { name: "DATABASE_URL_CORE", valueFrom: { secretKeyRef: { name: "env", key: "url" } } },
          { name: "PRISMA_POOL_SIZE_CORE", valueFrom: { configMapKeyRef: { name: "sizes", key: "core" } } },
        ],
      }),
    ),
    secret({ url: CORE }),
    configMap({ core: "9" }, "sizes"),
  ],
  "with a key that is elsewhere": [
    deployment(
      {},
      withoutEnv({
        env: [{ name: "DATABASE_URL_CORE", valueFrom: { secretKeyRef: { name: "other", key: "url" } } }],
      }),
    ),
  ],
  "with an expansion": [
    deployment(
      {},
      withoutEnv({
        env: [
          { name: "HOST", value: "db.example.org" },
          { name: "PASSWORD", valueFrom: { secretKeyRef: { name: "other", key: "password" } } },
          {
            name: "DATABASE_URL_CORE",
            value: "postgresql://app:$(PASSWORD)@$(HOST):5432/core?connection_limit=6",
          },
        ],
      }),
    ),
  ],
  "with a command": [
    deployment({}, withoutEnv({ command: ["sh", "-c"], args: ["DATABASE_URL_CORE=$URL node server.js"] })),
  ],
  "with an empty value": [deployment({}, withoutEnv({ env: [{ name: "DATABASE_URL_CORE", value: "" }] }))],
  "with an init container": [
    deployment(
      {},
      {
        initContainers: [
          container({ name: "migrate" }),
          container({ name: "proxy", restartPolicy: "Always" }),
        ],
      },
    ),
  ],
  "with two containers": [deployment({}, { containers: [container(), container({ name: "worker" })] })],
  "with a Secret that is mounted": [
    deployment(
      {},
      {
        containers: [container({ env: [], volumeMounts: [{ name: "files", mountPath: "/etc/app" }] })],
        volumes: [{ name: "files", secret: { secretName: "files" } }],
      },
    ),
  ],
  "with one of its keys": [
    deployment(
      {},
      {
        containers: [container({ env: [], volumeMounts: [{ name: "files", mountPath: "/etc/app" }] })],
        volumes: [
          { name: "files", configMap: { name: "files", items: [{ key: "nginx.conf", path: "nginx.conf" }] } },
        ],
      },
    ),
    configMap({ "nginx.conf": "server {}", ".env": "DATABASE_URL_CORE=x" }, "files"),
  ],
  "with a projected volume": [
    deployment(
      {},
      {
        containers: [container({ env: [], volumeMounts: [{ name: "files", mountPath: "/etc/app" }] })],
        volumes: [
          {
            name: "files",
            projected: { sources: [{ configMap: { name: "files" } }, { secret: { name: "x" } }] },
          },
        ],
      },
    ),
    configMap({ ".env": "A=1" }, "files"),
  ],
  "with secrets of a driver": [
    deployment(
      {},
      {
        containers: [container({ env: [], volumeMounts: [{ name: "files", mountPath: "/etc/app" }] })],
        volumes: [{ name: "files", csi: { driver: "secrets-store.csi.k8s.io", readOnly: true } }],
      },
    ),
  ],
  "with volumes that hold nothing of it": [
    deployment(
      {},
      {
        containers: [container({ env: [], volumeMounts: [{ name: "tmp", mountPath: "/tmp" }] })],
        volumes: [
          { name: "tmp", emptyDir: { medium: "Memory" } },
          { name: "data", persistentVolumeClaim: { claimName: "data" } },
          { name: "other", secret: { secretName: "not-mounted" } },
        ],
      },
    ),
  ],
  "a StatefulSet": [
    workload("StatefulSet", "apps/v1", { replicas: 2, serviceName: "api", template: podTemplate() }),
  ],
  "a DaemonSet": [workload("DaemonSet", "apps/v1", { template: podTemplate() })],
  "a ReplicationController": [
    workload("ReplicationController", "v1", { replicas: 2, template: podTemplate() }),
  ],
  "a Pod": [workload("Pod", "v1", { containers: [container()] })],
  "a Job": [
    workload("Job", "batch/v1", { parallelism: 3, completions: 2, backoffLimit: 4, template: podTemplate() }),
  ],
  "a CronJob": [cronJob({ concurrencyPolicy: "Allow" }, { activeDeadlineSeconds: 7_200 })],
  "a CronJob without an end": [cronJob()],
  "a CronJob that forbids overlaps": [cronJob({ concurrencyPolicy: "Forbid" })],
  "a CronJob that replaces": [cronJob({ concurrencyPolicy: "Replace", timeZone: "Europe/Paris" })],
  "a CronJob whose pods end": [cronJob({}, { backoffLimit: 2 }, { activeDeadlineSeconds: 600 })],
  "a suspended CronJob": [cronJob({ suspend: true })],
  "a server, and who leads to it": [
    postgres({ args: ["-c", "max_connections=250"] }),
    service,
    deployment({}, withoutEnv({ env: [{ name: "DATABASE_URL_CORE", value: HOST_URL }] })),
  ],
  "a server by its image's default": [postgres(), service, deployment()],
  "a pooler": [
    workload(
      "Deployment",
      "apps/v1",
      {
        template: {
          metadata: { labels: { app: "pool" } },
          spec: { containers: [{ name: "pgbouncer", image: "edoburu/pgbouncer:1.23" }] },
        },
      },
      "pool",
    ),
    deployment(),
  ],
  "a server of an operator": [
    object("postgresql.cnpg.io/v1", "Cluster", "db", {
      spec: { postgresql: { parameters: { max_connections: "300" } } },
    }),
    deployment(),
  ],
  "a kind that is not read": [
    object("argoproj.io/v1alpha1", "Rollout", "api", { spec: { template: podTemplate() } }),
  ],
  "a secret that another program makes": [
    object("external-secrets.io/v1", "ExternalSecret", "env", {
      spec: { target: { name: "env" }, data: [{ secretKey: "DATABASE_URL_CORE", remoteRef: { key: "x" } }] },
    }),
    deployment(
      {},
      withoutEnv({
        envFrom: [{ secretRef: { name: "env" } }],
        env: [{ name: "PRISMA_POOL_SIZE_CORE", value: "5" }],
      }),
    ),
  ],
  "a deployment of others": [
    object("argoproj.io/v1alpha1", "Application", "shop", {
      spec: { source: { repoURL: "https://example.org" } },
    }),
    deployment(),
  ],
}
