import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { service } from "./google-resources.ts"
import { CORE } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>

const api = "google_cloud_run_v2_service.api"
const LATEST = "TRAFFIC_TARGET_ALLOCATION_TYPE_LATEST"
const REVISION = "TRAFFIC_TARGET_ALLOCATION_TYPE_REVISION"

const latest = (percent: number) => ({ type: LATEST, percent, revision: null, tag: null })
const revision = (name: string, percent: number | null, tag: string | null = null) => ({
  type: REVISION,
  revision: name,
  percent,
  tag,
})

/** The most instances, and what is unknown or assumed of the traffic. */
function read(resource: PlannedResource) {
  const { highest, unknowns, assumptions } = fleetFromTerraform(plan([resource]), { maxConnections: 1_000 })
  const of = (names: readonly { readonly name: string }[]) =>
    names.map(({ name }) => name.slice(resource.address.length + 1)).filter((name) => name === "traffic")
  return [highest.consumers[resource.address]?.instances, of(unknowns), of(assumptions)]
}

describe("a service with", () => {
  test.each<[what: string, traffic: Values[] | null, template: Values]>([
    ["no traffic of its own", null, {}],
    ["all for the latest revision", [latest(100)], {}],
    ["all for the revision of its template, by name", [revision("api-2", 100)], { revision: "api-2" }],
    ["a revision that gets nothing more", [latest(100), revision("api-1", 0)], {}],
  ])("%s has the instances of one", (_, traffic, template) => {
    expect(read(service(template, { traffic }))).toEqual([4, [], []])
  })

  test("traffic for another revision has any number: each revision has its own maximum, in no plan", () => {
    const shared = service({ revision: "api-2" }, { traffic: [revision("api-1", 90), revision("api-2", 10)] })
    expect(read(shared)).toEqual([4, ["traffic"], []])
    const { unknowns, lowest } = fleetFromTerraform(plan([shared]), { maxConnections: 1_000 })
    expect(unknowns).toMatchObject([
      {
        name: `${api}.traffic`,
        isUnbounded: true,
        between: "4 or any number",
        problem: "leads to another revision as well, each with a maximum of its own that is in no plan",
      },
    ])
    expect(lowest.consumers[api]?.instances).toBe(4)
  })

  test("the same with a maximum of the service has that, and assumes the size of their pools", () => {
    const traffic = [revision("api-1", 90), latest(10)]
    expect(read(service({}, { traffic, scaling: [{ max_instance_count: 3 }] }))).toEqual([3, [], ["traffic"]])
    const manual = [{ scaling_mode: "MANUAL", manual_instance_count: 6 }]
    expect(read(service({}, { traffic, scaling: manual }))).toEqual([6, [], ["traffic"]])
  })

  test("a tag for another revision has any number, for a tag is outside of the service's maximum", () => {
    const traffic = [latest(100), revision("api-1", null, "preview")]
    expect(read(service({}, { traffic }))).toEqual([4, ["traffic"], []])
    expect(read(service({}, { traffic, scaling: [{ max_instance_count: 3 }] }))).toEqual([3, ["traffic"], []])
  })

  test("a revision that is known only after apply has any number", () => {
    const traffic = [latest(50), { type: REVISION, percent: 50 }]
    const unknown = { traffic: [{}, { revision: true }] }
    expect(read(service({}, { traffic }, { unknown }))).toEqual([4, ["traffic"], []])
  })

  test("an override of its instances is known", () => {
    const shared = service({}, { traffic: [revision("api-1", 90), latest(10)] })
    const override = { [api]: { instances: 8, reason: "4 each" } }
    const { unknowns } = fleetFromTerraform(plan([shared]), { maxConnections: 1_000, override })
    expect(unknowns).toEqual([])
  })
})

describe("a service of the first version", () => {
  const old = (annotations: Values, ofService: Values = {}, traffic: Values[] = []): PlannedResource => ({
    address: "google_cloud_run_service.api",
    values: {
      metadata: [{ annotations: ofService }],
      traffic,
      template: [
        {
          metadata: [{ name: "api-2", annotations }],
          spec: [
            {
              containers: [
                {
                  env: [
                    { name: "DATABASE_URL_CORE", value: CORE, value_from: [] },
                    { name: "PRISMA_POOL_SIZE_CORE", value: "10", value_from: [] },
                  ],
                },
              ],
            },
          ],
        },
      ],
    },
  })
  const most = { "autoscaling.knative.dev/maxScale": "4" }

  test.each<[what: string, annotations: Values, ofService: Values, instances: number]>([
    ["of the revision", most, {}, 4],
    ["of the service", {}, { "run.googleapis.com/maxScale": "3" }, 3],
    ["of both, the smaller", most, { "run.googleapis.com/maxScale": "6" }, 4],
    [
      "that is set by hand",
      most,
      { "run.googleapis.com/scalingMode": "manual", "run.googleapis.com/manualInstanceCount": "7" },
      7,
    ],
    ["by default", {}, {}, 100],
  ])("has the maximum %s", (_, annotations, ofService, instances) => {
    expect(read(old(annotations, ofService))).toEqual([instances, [], []])
  })

  test("shares its traffic with revisions that are in no plan", () => {
    const traffic = [
      { revision_name: "api-1", percent: 50 },
      { revision_name: "api-2", percent: 50 },
    ]
    expect(read(old(most, {}, traffic))).toEqual([4, ["traffic"], []])
    expect(read(old(most, { "run.googleapis.com/maxScale": "3" }, traffic))).toEqual([3, [], ["traffic"]])
    expect(read(old(most, {}, [{ latest_revision: true, percent: 100 }]))).toEqual([4, [], []])
  })
})
