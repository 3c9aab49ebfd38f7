import { expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, sizes } from "./resources.ts"

const manifest = (
  name: string,
  apiVersion: string,
  kind: string,
  own: object,
  as = "api",
): PlannedResource => ({
  address: `kubernetes_manifest.${name}`,
  values: { manifest: { apiVersion, kind, metadata: { name: as, namespace: "prod" }, ...own } },
})

/** The objects of a cluster, of the same names as in any other. */
const cluster = (name: string, size: number, most: number): readonly PlannedResource[] => [
  manifest(`${name}_pool`, "v1", "ConfigMap", { data: { PRISMA_POOL_SIZE_CORE: String(size) } }, "pool"),
  manifest(`${name}_scaler`, "autoscaling/v2", "HorizontalPodAutoscaler", {
    spec: { scaleTargetRef: { kind: "Deployment", name: "api" }, maxReplicas: most },
  }),
  manifest(`${name}_api`, "apps/v1", "Deployment", {
    spec: {
      strategy: { type: "Recreate" },
      template: {
        spec: {
          containers: [
            {
              name: "api",
              image: "shop:1",
              env: [{ name: "DATABASE_URL_CORE", value: CORE }],
              envFrom: [{ configMapRef: { name: "pool" } }],
            },
          ],
        },
      },
    },
  }),
]

function read(resources: readonly PlannedResource[], providerOf: (address: string) => string) {
  const blocks = resources.map(({ address }) => {
    const [type = "", name = ""] = address.split(".")
    return { address, mode: "managed", type, name, provider_config_key: providerOf(address), expressions: {} }
  })
  return fleetFromTerraform(plan(resources, { configuration: { root_module: { resources: blocks } } }), {
    maxConnections: 1_000,
  })
}

const both = [...cluster("eu", 4, 3), ...cluster("us", 9, 5)]
const byAlias = (address: string) => `kubernetes.${address.includes(".eu_") ? "eu" : "us"}`

test("two clusters of one plan, by aliases of their provider, have objects of the same names each for itself", () => {
  const fleet = read(both, byAlias)
  expect(fleet.unknowns).toEqual([])
  expect(sizes(fleet)).toEqual({ "kubernetes_manifest.eu_api": 4, "kubernetes_manifest.us_api": 9 })
  const { consumers } = fleet.lowest
  expect(["eu", "us"].map((name) => consumers[`kubernetes_manifest.${name}_api`]?.instances)).toEqual([3, 5])
})

test("what only the other cluster has is not there", () => {
  const without = both.filter(({ address }) => address !== "kubernetes_manifest.us_pool")
  expect(read(without, byAlias).unknowns.map(({ name }) => name)).toEqual([
    "kubernetes_manifest.us_api.PRISMA_POOL_SIZE_CORE",
  ])
})

test("without an alias they are one, in which a value of two objects cannot be seen", () => {
  const { unknowns } = read(both, () => "kubernetes")
  expect(unknowns.map(({ name }) => name)).toEqual([
    "kubernetes_manifest.eu_api.PRISMA_POOL_SIZE_CORE",
    "kubernetes_manifest.us_api.PRISMA_POOL_SIZE_CORE",
  ])
})
