import { describe, expect, test } from "vitest"
import { fleetFromKubernetes } from "../../src/deployments/index.ts"
import { refusal } from "../support/bad-values.ts"
import {
  autoscaler,
  configMap,
  daemonSet,
  deployment,
  job,
  object,
  pod,
  reading,
  replicaSet,
  statefulSet,
  template,
  unknown,
  type Values,
} from "./manifests.ts"
import { connecting } from "./resources.ts"

/** Instances and surge of the first consumer, at both ends. */
const counted = (objects: readonly unknown[], options?: Parameters<typeof reading>[1]) => {
  const { lowest, highest } = reading(objects, options)
  const at = (part: typeof lowest) =>
    Object.values(part.consumers).map(({ instances, surge }) => [instances, surge])[0]
  return { lowest: at(lowest), highest: at(highest) }
}

const exactly = (instances: number, surge: number) => ({
  lowest: [instances, surge],
  highest: [instances, surge],
})
const between = (instances: number, least: number, most: number) => ({
  lowest: [instances, least],
  highest: [instances, most],
})
const assumed = (objects: readonly unknown[]) => reading(objects).assumptions.map(({ name }) => name)

describe("the number of pods is", () => {
  test("spec.replicas, 1 if it is omitted, which is assumed", () => {
    for (const workload of [statefulSet, replicaSet]) {
      expect(counted([workload("a", { spec: { replicas: 3 } })])).toEqual(exactly(3, 0))
      expect(counted([workload("a")])).toEqual(exactly(1, 0))
    }
    expect(counted([deployment("a", { spec: { replicas: 4 } })])).toEqual(between(4, 1, 4))
    expect(counted([deployment("a")])).toEqual(between(1, 1, 1))
    const controller = object("v1", "ReplicationController", "a", {
      spec: { replicas: 2, template: template() },
    })
    expect(counted([controller])).toEqual(exactly(2, 0))
    expect(reading([deployment("a")]).assumptions).toEqual([
      {
        name: "deployment/a.replicas",
        assumed: "omitted: 1, Kubernetes's default",
        remedy: "Set replicas, or override instances",
      },
    ])
    expect(assumed([deployment("a", { spec: { replicas: 0 } })])).toEqual([])
  })

  test("1 for a pod of its own", () => {
    expect(counted([pod("a")])).toEqual(exactly(1, 0))
    expect(assumed([pod("a")])).toEqual([])
  })

  test("not in the manifests for a DaemonSet, with the remedy", () => {
    expect(reading([daemonSet("agent")]).unknowns).toEqual([
      {
        cause: "count",
        address: "daemonset/agent",
        attribute: "nodes",
        field: "instances",
        name: "daemonset/agent.nodes",
        problem: "is not in the manifests: a DaemonSet runs a pod on each node",
        between: "1 or any number of pods",
        remedy: "Override instances with the most nodes that it runs on",
        isUnbounded: true,
        place: expect.stringMatching(/^line \d+$/),
      },
    ])
    const override = { "daemonset/agent": { instances: 5, reason: "five nodes" } }
    expect(counted([daemonSet("agent")], { override })).toEqual(exactly(5, 0))
    expect(unknown(reading([daemonSet("agent")], { override }))).toEqual([])
    const other = daemonSet("agent", { containers: [{ name: "log", image: "fluent/fluent-bit:3" }] })
    expect(unknown(reading([other]))).toEqual([])
  })

  test("none for a Deployment of none", () => {
    expect(counted([deployment("a", { spec: { replicas: 0 } })])).toEqual(exactly(0, 0))
  })
})

describe("an autoscaler allows", () => {
  const api = (replicas?: number) => deployment("api", { spec: replicas === undefined ? {} : { replicas } })
  const keda = (spec: Values, fields: Values = {}) =>
    object("keda.sh/v1alpha1", "ScaledObject", "k", {
      metadata: fields,
      spec: { scaleTargetRef: { name: "api" }, ...spec },
    })
  const instances = (objects: readonly unknown[]) => counted(objects).highest?.[0]

  test("its most, or the replicas if those are more", () => {
    const hpa = autoscaler("h", { name: "api" }, 6)
    expect(instances([api(), hpa])).toBe(6)
    expect(instances([api(2), hpa])).toBe(6)
    // Each apply sets them first.
    expect(instances([api(8), hpa])).toBe(8)
    expect(assumed([api(), hpa])).toEqual([])
    for (const version of ["v1", "v2beta2"]) {
      expect(instances([api(), { ...hpa, apiVersion: `autoscaling/${version}` }])).toBe(6)
    }
    const stateful = autoscaler("h", { kind: "StatefulSet", name: "w" }, 5)
    expect(counted([statefulSet("w"), stateful])).toEqual(exactly(5, 0))
  })

  test("more where there are several", () => {
    const two = [autoscaler("h", { name: "api" }, 6), autoscaler("i", { name: "api" }, 9)]
    expect(instances([api(), ...two])).toBe(9)
    expect(instances([api(), autoscaler("h", { name: "api" }, 6), keda({ maxReplicaCount: 7 })])).toBe(7)
  })

  test("100 with KEDA, which is assumed, and none at the least", () => {
    expect(instances([api(), keda({})])).toBe(100)
    expect(assumed([api(), keda({})])).toEqual(["deployment/api.maxReplicaCount"])
    expect(instances([api(), keda({ minReplicaCount: 0, maxReplicaCount: 4 })])).toBe(4)
    const own = keda({ scaleTargetRef: { kind: "StatefulSet", name: "api" }, maxReplicaCount: 4 })
    expect(instances([api(), own])).toBe(1)
    const paused = { annotations: { "autoscaling.keda.sh/paused-replicas": "12" } }
    expect(instances([api(), keda({ maxReplicaCount: 4 }, paused)])).toBe(12)
  })

  test("nothing of a target in another namespace, and any without one", () => {
    const own = deployment("api", { metadata: { namespace: "a" } })
    const hpa = (namespace?: string) =>
      autoscaler("h", { name: "api" }, 6, namespace === undefined ? {} : { namespace })
    expect(instances([own, hpa("a")])).toBe(6)
    expect(instances([own, hpa("b")])).toBe(1)
    expect(instances([own, hpa()])).toBe(6)
  })

  test("nothing without a number, which is refused", () => {
    const { issues } = refusal(() => reading([api(), autoscaler("h", { name: "api" }, undefined)]))
    expect(issues).toMatchObject([
      { problem: "HorizontalPodAutoscaler has a value of the wrong type at spec.maxReplicas" },
    ])
  })

  test("nothing of a target that is not there, which is a warning", () => {
    const fleet = reading([
      api(),
      autoscaler("h", { name: "ap" }, 6),
      autoscaler("i", { kind: "Rollout", name: "x" }, 3),
    ])
    expect(fleet.warnings).toEqual([
      "horizontalpodautoscaler/h: scales Deployment ap, which is not in the manifests",
      "horizontalpodautoscaler/i: scales Rollout x, which is not in the manifests",
    ])
  })

  test("connections of KEDA's own, if it asks PostgreSQL", () => {
    const triggers = [{ type: "postgresql", metadata: { connectionFromEnv: "DATABASE_URL" } }]
    const fleet = reading([api(), keda({ triggers, maxReplicaCount: 3 })])
    expect(unknown(fleet)).toEqual(["scaledobject/k: type"])
    expect(fleet.highest.consumers["deployment/api"]?.instances).toBe(3)
    expect(unknown(reading([api(), keda({ triggers: [{ type: "cpu" }], maxReplicaCount: 3 })]))).toEqual([])
    const exclude = { "scaledobject/k": "reserved" }
    const reserved = reading([api(), keda({ triggers, maxReplicaCount: 3 })], { exclude })
    expect(unknown(reserved)).toEqual([])
    expect(reserved.highest.consumers["deployment/api"]?.instances).toBe(3)
  })
})

describe("a rollout of a Deployment adds", () => {
  const rolled = (strategy: unknown, replicas = 10) =>
    counted([deployment("a", { spec: { replicas, strategy } })])
  const surging = (maxSurge: unknown) => ({ type: "RollingUpdate", rollingUpdate: { maxSurge } })

  test("a quarter, rounded up, to as many again: pods that are ending hold their connections", () => {
    expect(rolled(undefined)).toEqual(between(10, 3, 10))
    expect(rolled(null)).toEqual(between(10, 3, 10))
    expect(rolled({ type: "RollingUpdate" })).toEqual(between(10, 3, 10))
    expect(rolled({ rollingUpdate: { maxUnavailable: 0 } }, 4)).toEqual(between(4, 1, 4))
    expect(reading([deployment("a", { spec: { replicas: 10 } })]).unknowns).toMatchObject([
      {
        cause: "surge",
        name: "deployment/a.surge",
        problem: "depends on how long instances that are ending keep their connections",
        between: "3 to 10 more instances during a deploy",
        isOfDeploy: true,
      },
    ])
  })

  test.each<[maxSurge: unknown, least: number]>([
    ["30%", 3],
    ["31%", 4],
    ["100%", 10],
    ["150%", 10],
    [2, 2],
    ["2", 2],
    [0, 0],
    ["0%", 0],
    [99, 10],
  ])("maxSurge %j at the least", (maxSurge, least) => {
    expect(rolled(surging(maxSurge))).toEqual(between(10, least, 10))
  })

  test("nothing that is told by a template, at the least", () => {
    expect(rolled(surging("{{ .Values.surge }}"))).toEqual(between(10, 0, 10))
  })

  test.each([["many"], [-1], [1.5], ["25 %"], [true], [{}]])("never maxSurge %j", (maxSurge) => {
    const { issues } = refusal(() => rolled(surging(maxSurge)))
    expect(issues).toMatchObject([
      { problem: "Deployment has a value of the wrong type at spec.strategy.rollingUpdate.maxSurge" },
    ])
  })

  test("nothing if it stops all pods first", () => {
    expect(rolled({ type: "Recreate" })).toEqual(exactly(10, 0))
  })

  test("what the most of its autoscaler makes", () => {
    const api = deployment("api", { spec: { strategy: surging("50%") } })
    expect(counted([api, autoscaler("h", { name: "api" }, 7)])).toEqual(between(7, 4, 7))
  })

  test("what an override says", () => {
    const override = { "deployment/a": { surge: 2, reason: "closes its pool on SIGTERM" } }
    expect(counted([deployment("a", { spec: { replicas: 8 } })], { override })).toEqual(exactly(8, 2))
    expect(reading([deployment("a")], { override }).unknowns).toEqual([])
  })
})

describe("a rollout of other workloads adds", () => {
  test("nothing for a StatefulSet, whose pod is deleted before it is made again", () => {
    const rolling = { updateStrategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 2 } } }
    expect(counted([statefulSet("w", { spec: { replicas: 5, ...rolling } })])).toEqual(exactly(5, 0))
  })

  test("nothing for a DaemonSet, unless it surges", () => {
    const override = { "daemonset/d": { instances: 4, reason: "four nodes" } }
    const rolled = (rollingUpdate: Values) =>
      counted([daemonSet("d", { spec: { updateStrategy: { rollingUpdate } } })], { override })
    expect(rolled({ maxUnavailable: 1 })).toEqual(exactly(4, 0))
    expect(rolled({ maxSurge: 0 })).toEqual(exactly(4, 0))
    expect(rolled({ maxSurge: "0%" })).toEqual(exactly(4, 0))
    expect(rolled({ maxSurge: "25%" })).toEqual(between(4, 1, 4))
  })
})

describe("what is no workload of Kubernetes is not counted in silence:", () => {
  const kinds: readonly [apiVersion: string, kind: string, spec: Values][] = [
    ["argoproj.io/v1alpha1", "Rollout", { template: template() }],
    ["serving.knative.dev/v1", "Service", { template: template() }],
    ["batch.volcano.sh/v1alpha1", "Job", { tasks: [{ template: template() }] }],
    ["apps.kruise.io/v1alpha1", "CloneSet", { template: template() }],
    [
      "jobset.x-k8s.io/v1alpha2",
      "JobSet",
      { replicatedJobs: [{ template: { spec: { template: template() } } }] },
    ],
    [
      "argoproj.io/v1alpha1",
      "CronWorkflow",
      { workflowSpec: { templates: [{ container: template().spec.containers[0] }] } },
    ],
    ["example.org/v1", "App", { podTemplate: "env:\n  - name: DATABASE_URL\n" }],
    ["example.org/v1", "App", { env: { DATABASE_URL: "x" } }],
  ]
  test.each(kinds)("%s %s", (apiVersion, kind, spec) => {
    const fleet = reading([object(apiVersion, kind, "own", { spec })], { keys: ["DATABASE_URL"] })
    expect(unknown(fleet)).toEqual([expect.stringMatching(/\/own: type$/)])
    expect(fleet.unknowns[0]).toMatchObject({
      isUnbounded: true,
      problem: `has DATABASE_URL, and objects of kind ${kind} are not read`,
    })
  })

  test.each<[what: string, spec: Values]>([
    ["in a pod", { template: template([{ name: "a", envFrom: [{ secretRef: { name: "gone" } }] }]) }],
    [
      "beside a pod without",
      { template: template([{ name: "a" }]), worker: { envFrom: [{ secretRef: { name: "gone" } }] } },
    ],
    [
      "in a container of another notation",
      { pods: { containers: { app: { envFrom: [{ secretRef: { name: "gone" } }] } } } },
    ],
    ["in a text", { values: "envFrom:\n  - secretRef: {name: gone}\n" }],
    [
      "in a mounted Secret",
      {
        template: template([{ name: "a", volumeMounts: [{ name: "v", mountPath: "/x" }] }], {
          volumes: [{ name: "v", secret: { secretName: "gone" } }],
        }),
      },
    ],
    ["in a text that cannot be read", { values: `H4sI${"A".repeat(40)}` }],
    [
      "in an array of 200,000",
      { template: Array.from({ length: 200_000 }, () => "x"), values: "env_file: .env" },
    ],
  ])("a Secret that is not in the manifests, %s", (_, spec) => {
    const fleet = fleetFromKubernetes([object("example.org/v1", "App", "own", { spec })], {
      keys: ["DATABASE_URL"],
    })
    expect(fleet.unknowns.find(({ cause }) => cause === "type")).toMatchObject({
      name: "app/own",
      problem: "may have DATABASE_URL, and objects of kind App are not read",
    })
  })

  test("a Secret of the manifests without the variable is none", () => {
    const stored = configMap("c", { LOG: "info" })
    const spec = { template: template([{ name: "a", envFrom: [{ configMapRef: { name: "c" } }] }]) }
    expect(unknown(reading([stored, object("example.org/v1", "App", "own", { spec })]))).toEqual([])
  })

  test("an object that contains itself is read once", () => {
    const spec: Record<string, unknown> = { template: template() }
    spec["again"] = spec
    const fleet = fleetFromKubernetes([object("example.org/v1", "App", "own", { spec })])
    expect(unknown(fleet)).toContain("app/own: type")
  })

  test.each<[apiVersion: string, kind: string, fields: Values]>([
    ["argoproj.io/v1alpha1", "Application", { spec: { source: { repoURL: "https://example.org" } } }],
    ["argoproj.io/v1alpha1", "ApplicationSet", { spec: {} }],
    ["helm.toolkit.fluxcd.io/v2", "HelmRelease", { spec: { values: {} } }],
    ["kustomize.toolkit.fluxcd.io/v1", "Kustomization", { spec: { path: "./x" } }],
    ["helm.cattle.io/v1", "HelmChart", { spec: { chart: "x" } }],
  ])("%s %s, which stands for other manifests", (apiVersion, kind, fields) => {
    const fleet = reading([object(apiVersion, kind, "own", fields)])
    expect(unknown(fleet)).toEqual([`${kind.toLowerCase()}/own: type`])
    expect(fleet.unknowns[0]?.remedy).toContain("Render them")
  })

  test.each<[apiVersion: string, kind: string, fields: Values]>([
    ["v1", "Service", { spec: { selector: { app: "DATABASE_URL" } } }],
    ["networking.k8s.io/v1", "Ingress", { metadata: { annotations: { note: "needs DATABASE_URL" } } }],
    ["external-secrets.io/v1", "ExternalSecret", { spec: { data: [{ secretKey: "DATABASE_URL" }] } }],
    ["external-secrets.io/v1", "ClusterExternalSecret", { spec: { x: "DATABASE_URL" } }],
    ["bitnami.com/v1alpha1", "SealedSecret", { spec: { encryptedData: { DATABASE_URL: "Ag" } } }],
    ["secrets.hashicorp.com/v1beta1", "VaultStaticSecret", { spec: { x: "DATABASE_URL" } }],
    [
      "apiextensions.k8s.io/v1",
      "CustomResourceDefinition",
      { spec: { description: "containers: DATABASE_URL" } },
    ],
    ["monitoring.coreos.com/v1", "PrometheusRule", { spec: { x: "DATABASE_URL" } }],
    ["v1", "ConfigMap", { data: { DATABASE_URL: "postgresql://app@db/shop" } }],
    ["v1", "PodTemplate", { template: template() }],
  ])("%s %s runs nothing", (apiVersion, kind, fields) => {
    const fleet = reading([object(apiVersion, kind, "own", fields), job("j")])
    expect(unknown(fleet)).toEqual([])
    expect(connecting(fleet)).toEqual(["job/j"])
  })

  test("a kind of the same name in another group may run something", () => {
    for (const kind of ["ConfigMap", "Certificate", "PrometheusRule", "ScaledObject"]) {
      const own = object("example.org/v1", kind, "own", { spec: { template: template() } })
      expect(unknown(reading([own]))).toEqual([expect.stringMatching(/\/own: type$/)])
    }
  })
})
