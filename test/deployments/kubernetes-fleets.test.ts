import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { fleetFromKubernetes } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { base64, sums, unknown } from "./manifests.ts"
import { sizes, unknownNames } from "./resources.ts"

/** A fleet of ours, as `helm template` prints it. */
const RELEASE = `---
# Source: shop/templates/pool.yaml
apiVersion: v1
kind: ConfigMap
metadata:
  name: shop-pool
  labels: &labels
    app.kubernetes.io/instance: shop
    helm.sh/chart: shop-1.4.0
data:
  POOL_SIZE: "8"
---
# Source: shop/templates/database.yaml
apiVersion: v1
kind: Secret
metadata:
  name: shop-database
type: Opaque
data:
  URL: ${base64("postgresql://shop:pw@shop-db:5432/shop?schema=public")}
---
# Source: shop/templates/database.yaml
apiVersion: v1
kind: Secret
metadata:
  name: shop-others
type: Opaque
data:
  WORKER_URL: ${base64("postgresql://worker:pw@shop-db:5432/shop?connection_limit=5")}
  MIGRATE_URL: ${base64("postgresql://owner:pw@shop-db:5432/shop?connection_limit=1")}
  JOB_URL: ${base64("postgresql://job:pw@shop-db.shop.svc.cluster.local/shop")}
---
# Source: shop/templates/service.yaml
apiVersion: v1
kind: Service
metadata:
  name: shop-db
spec:
  selector: {app: db}
  ports:
    - port: 5432
---
# Source: shop/templates/db.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: shop-db
spec:
  serviceName: shop-db
  replicas: 1
  selector:
    matchLabels: {app: db}
  template:
    metadata:
      labels: {app: db}
    spec:
      containers:
        - name: postgres
          image: docker.io/library/postgres:17-alpine
          args: ["-c", "max_connections=150"]
          env:
            - name: POSTGRES_PASSWORD
              valueFrom: {secretKeyRef: {name: shop-postgres, key: password}}
          volumeMounts:
            - {name: data, mountPath: /var/lib/postgresql/data}
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Gi}}}
---
# Source: shop/templates/api.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-api
spec:
  selector:
    matchLabels: {app: api}
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 25%
      maxUnavailable: 0
  template:
    metadata:
      labels: {app: api}
    spec:
      containers:
        - name: api
          image: ghcr.io/example/shop:1.4.0
          envFrom:
            - prefix: PRISMA_
              configMapRef: {name: shop-pool}
            - prefix: DATABASE_
              secretRef: {name: shop-database}
          readinessProbe: {httpGet: {path: /ready, port: 3000}}
          volumeMounts:
            - {name: tmp, mountPath: /tmp}
      volumes:
        - {name: tmp, emptyDir: {}}
---
# Source: shop/templates/api.yaml
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: shop-api
spec:
  minReplicas: 2
  maxReplicas: 6
  scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: shop-api}
  metrics:
    - type: Resource
      resource: {name: cpu, target: {type: Utilization, averageUtilization: 70}}
---
# Source: shop/templates/worker.yaml
apiVersion: apps/v1
kind: StatefulSet
metadata:
  name: shop-worker
spec:
  serviceName: shop-worker
  replicas: 2
  template:
    spec:
      containers:
        - name: worker
          image: ghcr.io/example/shop:1.4.0
          command: [node, worker.js]
          env:
            - name: DATABASE_URL
              valueFrom: {secretKeyRef: {name: shop-others, key: WORKER_URL}}
---
# Source: shop/templates/jobs.yaml
apiVersion: batch/v1
kind: CronJob
metadata:
  name: shop-report
spec:
  schedule: "*/10 * * * *"
  timeZone: Europe/Paris
  jobTemplate:
    spec:
      activeDeadlineSeconds: 1170
      template:
        spec:
          restartPolicy: Never
          containers:
            - &job
              name: job
              image: ghcr.io/example/shop:1.4.0
              env:
                - name: DATABASE_URL
                  valueFrom: {secretKeyRef: {name: shop-others, key: JOB_URL}}
                - {name: PRISMA_POOL_SIZE, value: "3"}
---
# Source: shop/templates/jobs.yaml
apiVersion: batch/v1
kind: CronJob
metadata:
  name: shop-sync
spec:
  schedule: "*/15 * * * *"
  timeZone: Europe/Paris
  concurrencyPolicy: Forbid
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: job
              image: ghcr.io/example/shop:1.4.0
              env:
                - name: DATABASE_URL
                  valueFrom: {secretKeyRef: {name: shop-others, key: JOB_URL}}
                - {name: PRISMA_POOL_SIZE, value: "4"}
---
# Source: shop/templates/jobs.yaml
apiVersion: batch/v1
kind: CronJob
metadata:
  name: shop-cleanup
spec:
  schedule: "@hourly"
  timeZone: Europe/Paris
  concurrencyPolicy: Replace
  jobTemplate:
    spec:
      parallelism: 2
      completions: 4
      template:
        spec:
          restartPolicy: Never
          containers:
            - name: job
              image: ghcr.io/example/shop:1.4.0
              env:
                - name: DATABASE_URL
                  valueFrom: {secretKeyRef: {name: shop-others, key: JOB_URL}}
                - {name: PRISMA_POOL_SIZE, value: "2"}
---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata:
  name: shop-web
spec:
  replicas: 3
  template:
    spec:
      containers:
        - name: web
          image: nginx:1.29
          volumeMounts:
            - {name: conf, mountPath: /etc/nginx/conf.d}
      volumes:
        - name: conf
          configMap: {name: shop-nginx}
---
# Source: shop/templates/tests/connection.yaml
apiVersion: v1
kind: Pod
metadata:
  name: shop-test-connection
  annotations:
    "helm.sh/hook": test
spec:
  restartPolicy: Never
  containers:
    - name: wget
      image: busybox:1.37
      command: [wget, "shop-api:3000/ready"]
---
# Source: shop/templates/migrate.yaml
apiVersion: batch/v1
kind: Job
metadata:
  name: shop-migrate
  annotations:
    "helm.sh/hook": pre-install,pre-upgrade
    "helm.sh/hook-delete-policy": before-hook-creation,hook-succeeded
spec:
  backoffLimit: 1
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: migrate
          image: ghcr.io/example/shop:1.4.0
          command: [npx, prisma, migrate, deploy]
          env:
            - name: DATABASE_URL
              valueFrom: {secretKeyRef: {name: shop-others, key: MIGRATE_URL}}
`

describe("an API with an autoscaler, a worker, three CronJobs and a hook for the migrations", () => {
  const withoutAnchors = RELEASE.replaceAll("&job\n              name", "name").replace(" &labels", "")
  const OPTIONS = { namespace: "shop" }
  const fleet = fleetFromKubernetes(withoutAnchors, OPTIONS)
  const usable = 150 - 3

  test("are read without anything unknown but how long pods take to end", () => {
    expect(unknownNames(fleet)).toEqual(["shop/deployment/shop-api.surge"])
    expect(fleet.maxConnections).toBe(150)
    expect(sizes(fleet)).toEqual({
      "shop/deployment/shop-api": 8,
      "shop/statefulset/shop-worker": 5,
      "shop/cronjob/shop-report": 3,
      "shop/cronjob/shop-sync": 4,
      "shop/cronjob/shop-cleanup": 2,
      "shop/job/shop-migrate": 1,
    })
  })

  test("have these sums", () => {
    // At most 6 pods of the API.
    const api = 6 * 8
    const worker = 2 * 5
    // Each takes up to 1,170 s and 30 s to end, every 600 s: two at a time.
    const report = 2 * 3
    // One at a time.
    const sync = 1 * 4
    // The run that is replaced still ends; each has two pods.
    const cleanup = 2 * 2 * 2
    const steady = api + worker + report + sync + cleanup
    expect(steady).toBe(76)
    const migrate = 1
    // From a quarter of 6, rounded up, to as many again.
    const least = steady + 2 * 8 + migrate
    const most = steady + 6 * 8 + migrate
    expect([least, most]).toEqual([93, 125])
    expect(sums(fleet)).toEqual({ steady: [steady, steady], deploy: [least, most] })
    const check = checkFleet({ maxConnections: 150, ...fleet.highest })
    expect([check.usable, check.fits, check.deploy.fits]).toEqual([usable, true, true])
  })

  test("are found without the name of the variable: the API's is made by a prefix", () => {
    expect(fleet.source.keys).toEqual(["DATABASE_URL"])
  })

  test("are the same with anchors, as a List, as JSON, in pieces and from Windows", () => {
    const expected = sums(fleet)
    const again = (input: unknown) => sums(fleetFromKubernetes(input, OPTIONS))
    expect(again(RELEASE)).toEqual(expected)
    const items = parseAllDocuments(withoutAnchors).map((each) => each.toJS())
    const list = { apiVersion: "v1", kind: "List", items }
    for (const input of [
      list,
      JSON.stringify(list),
      items,
      items.map((each) => JSON.stringify(each)).join("\n"),
    ]) {
      expect(again(input)).toEqual(expected)
    }
    expect(again(withoutAnchors.split(/^---\n/m))).toEqual(expected)
    expect(again(`\uFEFF${withoutAnchors.replaceAll("\n", "\r\n")}`)).toEqual(expected)
  })
})

describe("an API and its migrations, whose variables come from a ConfigMap and a Secret", () => {
  const objects = (data: string) => `apiVersion: v1
kind: Namespace
metadata: {name: orders}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: orders-config, namespace: orders}
data:
  NODE_ENV: production
  API_BASE_URL: /api
---
apiVersion: v1
kind: Secret
metadata: {name: orders-secrets, namespace: orders}
type: Opaque
data:
${data}
---
apiVersion: batch/v1
kind: Job
metadata: {name: orders-migrate, namespace: orders}
spec:
  backoffLimit: 4
  template:
    spec:
      restartPolicy: Never
      containers:
      - name: migrate
        image: example/orders:latest
        command: ["sh", "-c", "npx prisma migrate deploy && npx prisma db seed"]
        envFrom: &from
        - configMapRef: {name: orders-config}
        - secretRef: {name: orders-secrets}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: orders-api, namespace: orders}
spec:
  replicas: 2
  template:
    spec:
      containers:
      - name: api
        image: example/orders:latest
        envFrom:
        - configMapRef: {name: orders-config}
        - secretRef: {name: orders-secrets}
---
apiVersion: v1
kind: Service
metadata: {name: orders-api, namespace: orders}
spec: {type: ClusterIP, selector: {app: orders-api}, ports: [{port: 80, targetPort: 3000}]}
`
  const url = base64("postgresql://orders:pw@orders.abc.us-east-1.rds.amazonaws.com:5432/orders")

  test("both connect, each with the client's default", () => {
    const fleet = fleetFromKubernetes(objects(`  DATABASE_URL: ${url}`), { maxConnections: 80 })
    expect(unknown(fleet)).toEqual([])
    expect(sizes(fleet)).toEqual({ "orders/deployment/orders-api": 15, "orders/job/orders-migrate": 15 })
    // The Job is applied with everything else, and no hook.
    expect(sums(fleet)).toEqual({ steady: [45, 45], deploy: [60, 75] })
  })

  test("without the ceiling of a server outside the cluster, that is what is unknown", () => {
    const fleet = fleetFromKubernetes(objects(`  DATABASE_URL: ${url}`))
    expect(fleet.maxConnections).toBeUndefined()
    expect(unknownNames(fleet)).toEqual(["orders/deployment/orders-api.surge", "max_connections"])
  })

  test("without the Secret's value, the size is unknown, and none if it has no such key", () => {
    const options = { maxConnections: 80, keys: ["DATABASE_URL"] }
    const none = fleetFromKubernetes(objects("  API_KEY: eA=="), options)
    expect([unknown(none), sizes(none)]).toEqual([[], {}])
    const gone = objects("  X: eA==").replaceAll(
      "secretRef: {name: orders-secrets}",
      "secretRef: {name: other}",
    )
    expect(unknown(fleetFromKubernetes(gone, options))).toEqual([
      "orders/job/orders-migrate.DATABASE_URL: environment",
      "orders/deployment/orders-api.DATABASE_URL: environment",
    ])
  })
})

test("what kubectl kustomize prints: names with hashes, quoted numbers, no comments, and one namespace", () => {
  const text = `apiVersion: v1
data:
  PRISMA_POOL_SIZE: "6"
kind: ConfigMap
metadata:
  name: api-env-2g4h5k9f8t
  namespace: production
---
apiVersion: v1
data:
  DATABASE_URL: ${base64("postgresql://app:pw@postgres.data:5432/app")}
kind: Secret
metadata:
  name: api-secret-7m2c4ht9kd
  namespace: production
type: Opaque
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
  namespace: production
spec:
  replicas: 4
  strategy:
    rollingUpdate:
      maxSurge: 1
  template:
    spec:
      containers:
      - envFrom:
        - configMapRef:
            name: api-env-2g4h5k9f8t
        - secretRef:
            name: api-secret-7m2c4ht9kd
        image: registry.example.org/api@sha256:0123456789abcdef
        name: api
---
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata:
  name: postgres
  namespace: data
spec:
  instances: 3
  postgresql:
    parameters:
      max_connections: "300"
`
  const fleet = fleetFromKubernetes(text, { hosts: ["postgres.data"] })
  expect(unknown(fleet)).toEqual([])
  expect(fleet.maxConnections).toBe(300)
  expect(sizes(fleet)).toEqual({ "production/deployment/api": 6 })
  expect(sums(fleet)).toEqual({ steady: [24, 24], deploy: [30, 48] })
})
