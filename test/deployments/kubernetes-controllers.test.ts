import { describe, expect, test } from "vitest"
import type { DeploymentOptions } from "../../src/deployments/index.ts"
import { client, deployment, env, object, reading, unknown, type Values } from "./manifests.ts"

describe("what scales a workload that connects, and is not read, is not passed over in silence:", () => {
  const target = { apiVersion: "apps/v1", kind: "Deployment", name: "api" }
  const controllers: readonly [apiVersion: string, kind: string, spec: Values][] = [
    ["argoproj.io/v1alpha1", "Rollout", { replicas: 30, workloadRef: target, strategy: { canary: {} } }],
    ["rollouts.kruise.io/v1beta1", "Rollout", { workloadRef: target, strategy: { canary: {} } }],
    ["flagger.app/v1beta1", "Canary", { targetRef: target, analysis: { maxWeight: 50 } }],
    ["http.keda.sh/v1alpha1", "HTTPScaledObject", { scaleTargetRef: target, replicas: { max: 40 } }],
    ["http.keda.sh/v1alpha1", "HTTPScaledObject", { scaleTargetRef: { name: "api", service: "api" } }],
    [
      "autoscaling.alibabacloud.com/v1beta1",
      "CronHorizontalPodAutoscaler",
      { scaleTargetRef: target, jobs: [{ name: "day", schedule: "0 0 8 * * *", targetSize: 30 }] },
    ],
    ["datadoghq.com/v1alpha2", "DatadogPodAutoscaler", { targetRef: target }],
    [
      "policy.karmada.io/v1alpha1",
      "PropagationPolicy",
      { resourceSelectors: [target], placement: { clusterAffinity: { clusterNames: ["a", "b"] } } },
    ],
  ]
  const ofApi = (apiVersion: string, kind: string, spec: Values) => object(apiVersion, kind, "own", { spec })

  test.each(controllers)("%s %s", (apiVersion, kind, spec) => {
    const fleet = reading([deployment("api", { spec: { replicas: 0 } }), ofApi(apiVersion, kind, spec)])
    expect(unknown(fleet)).toEqual([expect.stringMatching(/\/own: type$/)])
    expect(fleet.unknowns[0]).toMatchObject({
      isUnbounded: true,
      problem: `may scale deployment/api or start more of its pods, and objects of kind ${kind} are not read`,
      remedy:
        "Override instances and surge of deployment/api with the most that it allows, and exclude this with a reason",
    })
  })

  const [[, , spec] = ["", "", {}]] = controllers
  const rollout = ofApi("argoproj.io/v1alpha1", "Rollout", spec)
  const silent = client({ env: [] })

  test.each<[what: string, objects: readonly Values[], options?: DeploymentOptions]>([
    ["a workload that does not connect", [deployment("api", { containers: [silent] }), rollout]],
    [
      "a workload of another database server",
      [deployment("api", { containers: [client({ env: env({ DATABASE_URL: "mysql://a@b/c" }) })] }), rollout],
    ],
    ["a workload that is elsewhere", [deployment("worker"), rollout]],
    [
      "a workload of another namespace",
      [
        deployment("api", { metadata: { namespace: "one" } }),
        { ...rollout, metadata: { name: "own", namespace: "two" } },
      ],
    ],
    [
      "a workload that is excluded",
      [deployment("api"), deployment("worker"), rollout],
      { exclude: { "deployment/api": "MySQL" } },
    ],
    ["it, if it is excluded itself", [deployment("api"), rollout], { exclude: { "rollout/own": "stated" } }],
    [
      "its owner",
      [
        deployment("api"),
        object("example.org/v1", "App", "own", { metadata: { ownerReferences: [target] }, spec: {} }),
      ],
    ],
    [
      "pods whose size alone it sets",
      [
        deployment("api"),
        object("autoscaling.k8s.io/v1", "VerticalPodAutoscaler", "own", { spec: { targetRef: target } }),
      ],
    ],
  ])("but not of %s", (_, objects, options) => {
    expect(unknown(reading(objects, options))).toEqual([])
  })
})
