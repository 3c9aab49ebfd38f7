import { expect, test } from "vitest"
import type { VariableNotation } from "../../src/deployments/index.ts"
import { PLATFORMS } from "../../src/deployments/terraform/terraform-reader.ts"
import { command, words } from "../support/command.ts"
import { firstPlan } from "../support/stack.ts"
import { asManifest, asText, inBlocks } from "../support/terraform-blocks.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { containerApp, servicePlan, webApp } from "./azure-resources.ts"
import { service } from "./google-resources.ts"
import { deployment, env } from "./manifests.ts"
import { CORE, consumer, namespace, server } from "./resources.ts"
import { connects, ecsCluster, ecsContainer, ecsService, taskDefinition } from "./stacks/aws.ts"

const MAP = /^ {2}PRISMA_POOL_SIZE_CORE = "\d+" +# ADDRESS$/m
const OBJECT = /^ {2}\{ name = "PRISMA_POOL_SIZE_CORE", value = "\d+" \} +# ADDRESS$/m
const BLOCK = /^ {2}# ADDRESS\n {2}env \{\n {4}name {2}= "PRISMA_POOL_SIZE_CORE"\n {4}value = "\d+"\n {2}\}$/m
const MANIFEST = /^ {2}# ADDRESS\n {2}env:\n {4}- name: PRISMA_POOL_SIZE_CORE\n {6}value: "\d+"$/m

const pod = deployment("api", {
  metadata: { namespace: "prod" },
  containers: [
    { name: "app", image: "shop:1", env: env({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" }) },
  ],
})
const lambda: PlannedResource = {
  address: "aws_lambda_function.api",
  values: {
    function_name: "api",
    reserved_concurrent_executions: 2,
    environment: [{ variables: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "10" } }],
  },
}

const CASES: readonly (readonly [what: string, resources: readonly PlannedResource[], form: RegExp])[] = [
  ["a container of Scaleway", [consumer("api"), namespace], MAP],
  ["a function of Lambda", [lambda], MAP],
  ["an app of App Service", [webApp(), servicePlan()], MAP],
  ["a Container App", [containerApp()], BLOCK],
  ["a service of Cloud Run", [service()], BLOCK],
  ["a Deployment in blocks", [inBlocks(pod) ?? asManifest(pod)], BLOCK],
  ["a Deployment as kubernetes_manifest", [asManifest(pod)], OBJECT],
  ["a Deployment as text", [asText(pod)], MANIFEST],
]

const written = (form: RegExp, address: string) =>
  new RegExp(form.source.replace("ADDRESS", address.replace(/[.[\]"]/g, "\\$&")), form.flags)

test.each(CASES)("plan writes the size of %s in its own form", async (_, resources, form) => {
  const files = { "plan.json": plan([server("main"), ...resources]) }
  const { out } = await command(words("plan --terraform plan.json"), { files })
  expect(out).toMatch(written(form, resources[0]?.address ?? ""))
})

test("and that of a container definition of ECS as an object", async () => {
  const task = taskDefinition("api", [ecsContainer("api", connects(10))])
  const json = firstPlan([ecsCluster(), task, ecsService("api")])
  const line = "plan --terraform plan.json --max-connections 200 --database DATABASE_URL_CORE"
  const { out } = await command(words(line), { files: { "plan.json": json } })
  expect(out).toMatch(written(OBJECT, "aws_ecs_service.api"))
})

test("every type with a notation is one that is read", () => {
  const known: readonly VariableNotation[] = ["map", "object", "block", "keyed"]
  for (const { workloads, parts = {}, notations = {} } of PLATFORMS)
    for (const [type, notation] of Object.entries(notations)) {
      expect(Object.keys({ ...workloads, ...parts })).toContain(type)
      expect(known).toContain(notation)
    }
})
