import { describe, expect, test } from "vitest"
import { CORE } from "../deployments/resources.ts"
import { command, words } from "../support/command.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"

const metadata = (name: string) => [{ name, namespace: "prod" }]

const secret: PlannedResource = {
  address: "kubernetes_secret_v1.env",
  values: { metadata: metadata("env"), data: { DATABASE_URL_CORE: CORE } },
}

const release: PlannedResource = {
  address: "helm_release.shop",
  values: { name: "shop", chart: "./charts/shop", namespace: "prod", values: ["replicas: 2"] },
}

/** What `helm template` prints of the release: objects without a namespace. */
const RENDERED = `apiVersion: apps/v1
kind: Deployment
metadata: { name: shop }
spec:
  replicas: 2
  strategy: { type: Recreate }
  template:
    spec:
      containers:
      - name: shop
        image: shop:1
        env: [{ name: PRISMA_POOL_SIZE_CORE, value: "4" }]
        envFrom: [{ secretRef: { name: env } }]
`

const files = { "plan.json": plan([secret, release]), "shop.yaml": RENDERED }
const CEILING = "--max-connections 100"

describe("a plan with a Helm release", () => {
  test("is unknown, and says how to render it", async () => {
    const { code, out } = await command(words(`check --terraform plan.json ${CEILING}`), { files })
    expect(code).toBe(2)
    expect(out).toContain(
      "(helm template shop ./charts/shop --namespace prod --values VALUES.yaml > shop.yaml), check it beside the plan with --kubernetes shop.yaml, and add --exclude 'helm_release.shop=rendered'",
    )
  })

  test("fits with what is rendered in its place, which refers to the plan's Secret", async () => {
    const args = [
      ...words(`check --terraform plan.json --kubernetes shop.yaml ${CEILING}`),
      "--exclude",
      "helm_release.shop=rendered",
    ]
    const { code, out } = await command(args, { files })
    expect(out).toMatch(/deployment\/shop +\| +2 \| +4 \| +8 /)
    expect(out).not.toContain("Not known")
    expect(code).toBe(0)
  })

  test("is unknown where the Secret is in neither", async () => {
    const args = [
      ...words(`check --terraform plan.json --kubernetes shop.yaml ${CEILING}`),
      "--exclude",
      "helm_release.shop=rendered",
    ]
    const alone = { ...files, "plan.json": plan([release]) }
    const { out } = await command(args, { files: alone })
    expect(out).toContain("its environment is in Secret env, which is not in")
  })
})

test("a value of the wrong type is bad input with its address, and nothing is printed of it", async () => {
  const odd = { address: "kubernetes_deployment.api", values: { metadata: metadata("api"), spec: "s3cr3t" } }
  const { code, out, err } = await command(words(`check --terraform plan.json ${CEILING}`), {
    files: { "plan.json": plan([odd]) },
  })
  expect([code, out]).toEqual([3, ""])
  expect(err).toContain("kubernetes_deployment.api.spec: has a value of the wrong type")
  expect(err).not.toContain("s3cr3t")
})
