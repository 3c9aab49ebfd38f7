import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { refersTo } from "../support/stack.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { containerApp, containerJob, functionApp, GROUP, servicePlan, webApp } from "./azure-resources.ts"
import { job as cloudRunJob, service as cloudRunService } from "./google-resources.ts"
import type { Code, Tree } from "./hiding.ts"
import { configurationOf } from "./ordinary-resources.ts"
import { CORE, consumer, job as scalewayJob } from "./resources.ts"

const SETTINGS = { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "5" }
const ARN = "arn:aws:ecs:eu-west-3:111111111111"
const FUNCTION = "arn:aws:lambda:eu-west-3:111111111111:function:api"

const withId = ({ values, ...rest }: PlannedResource, id: string): PlannedResource => ({
  ...rest,
  values: { ...values, id },
})

const definition: PlannedResource = {
  address: "aws_ecs_task_definition.api",
  values: {
    family: "api",
    arn: `${ARN}:task-definition/api:1`,
    revision: 1,
    container_definitions: JSON.stringify([
      { name: "api", environment: Object.entries(SETTINGS).map(([name, value]) => ({ name, value })) },
    ]),
  },
}
const ecsService: PlannedResource = {
  address: "aws_ecs_service.api",
  values: {
    id: `${ARN}:service/main/api`,
    name: "api",
    cluster: "main",
    desired_count: 2,
    deployment_maximum_percent: 100,
    task_definition: `${ARN}:task-definition/api:1`,
  },
}
const lambda = (values: Tree = {}): PlannedResource => ({
  address: "aws_lambda_function.api",
  values: {
    id: FUNCTION,
    arn: FUNCTION,
    function_name: "api",
    reserved_concurrent_executions: 2,
    environment: [{ variables: SETTINGS }],
    ...values,
  },
})
const runner: PlannedResource = {
  address: "aws_apprunner_service.api",
  values: {
    id: "arn:aws:apprunner:eu-west-3:111111111111:service/api/x",
    source_configuration: [
      { image_repository: [{ image_configuration: [{ runtime_environment_variables: SETTINGS }] }] },
    ],
  },
}
const run = withId(cloudRunService(), "projects/shop/locations/europe-west1/services/api")
const runJob = withId(cloudRunJob("sync"), "projects/shop/locations/europe-west1/jobs/sync")
const app = withId(containerApp(), `${GROUP}/Microsoft.App/containerApps/api`)
const appJob = withId(
  containerJob({ manual_trigger_config: [{ parallelism: 1 }] }),
  `${GROUP}/Microsoft.App/jobs/sync`,
)
const functions = withId(functionApp(), `${GROUP}/Microsoft.Web/sites/events`)
const scaleway = withId(consumer("api"), "fr-par/33333333-3333-3333-3333-333333333333")
const definedJob = withId(scalewayJob("sync"), "fr-par/44444444-4444-4444-4444-444444444444")

/** What is pointed at, and what it is counted with. */
const SERVICES: readonly (readonly [PlannedResource, ...PlannedResource[]])[] = [
  [ecsService, definition],
  [lambda()],
  [runner],
  [run],
  [app],
  [webApp(), servicePlan()],
  [servicePlan(), webApp()],
  [functions, servicePlan()],
  [scaleway],
]
const JOBS: readonly (readonly [PlannedResource])[] = [[runJob], [appJob], [definedJob]]

/** Unknowns without a bound, of a plan in which further resources are of types that are not read. */
function unbounded(resources: readonly Code[]) {
  const coded = resources.map((each): Code => ({ ...each, expressions: each.expressions ?? {} }))
  const { unknowns } = fleetFromTerraform(plan(coded, configurationOf(coded)), { maxConnections: 1_000 })
  return unknowns.filter(({ isUnbounded }) => isUnbounded).map(({ name }) => name)
}

const pointing = (attribute: string, { address, values }: PlannedResource): readonly Code[] => [
  { address: "acme_scaler.x", values: { [attribute]: values?.["id"] } },
  { address: "acme_scaler.x", values: { [attribute]: String(values?.["id"]).toUpperCase() } },
  { address: "acme_scaler.x", values: { spec: [{ [attribute]: values?.["id"] }] } },
  {
    address: "acme_scaler.x",
    values: {},
    unknown: { [attribute]: true },
    expressions: { [attribute]: refersTo(`${address}.id`) },
  },
  {
    address: "acme_scaler.x",
    values: { spec: [{}] },
    unknown: { spec: [{ [attribute]: true }] },
    expressions: { spec: [{ [attribute]: refersTo(`${address}.id`) }] },
  },
]

const SCALING = ["resource_id", "target_resource_id", "scale_target_ref", "resourceId", "scaleTargetRef"]

describe("what scales or patches it makes its number unknown:", () => {
  test.each([...SERVICES, ...JOBS].map((each) => [each[0].address, each] as const))("%s", (_, resources) => {
    for (const attribute of SCALING)
      for (const [index, pointer] of pointing(attribute, resources[0]).entries())
        expect(unbounded([...resources, pointer]), `${attribute} ${index}`).toHaveLength(1)
  })

  test.each(SERVICES.map((each) => [each[0].address, each] as const))(
    "and what only refers to it does not: %s",
    (_, resources) => {
      for (const pointer of pointing("service_name", resources[0]))
        expect(unbounded([...resources, pointer])).toEqual([])
    },
  )
})

describe("what refers to a job may start it:", () => {
  test.each(JOBS.map(([each]) => [each.address, each] as const))("%s", (_, job) => {
    for (const pointer of pointing("target", job))
      expect(unbounded([job, pointer])).toEqual([`${job.address}.schedule`])
  })

  test.each([
    ["google_workflows_workflow.x", runJob, "https://run.googleapis.com/v2/", ":run"],
    [
      "azurerm_logic_app_action_http.x",
      appJob,
      "https://management.azure.com",
      "/start?api-version=2024-03-01",
    ],
  ])("%s, by the address of a call in a text", (address, job, before, after) => {
    const text = `call: http.post\nargs:\n  url: ${before}${job.values?.["id"]}${after}`
    expect(unbounded([job, { address, values: { source_contents: text } }])).toEqual([
      `${job.address}.schedule`,
    ])
    const other = text.replace("/jobs/sync", "/jobs/other")
    expect(unbounded([job, { address, values: { source_contents: other } }])).toEqual([])
  })

  test.each([
    ["terraform_data.once", "what runs once, when it is applied"],
    ["github_actions_variable.job", "a value for CI"],
    ["google_cloud_run_v2_job_iam_member.x", "a right"],
    ["aws_ssm_parameter.x", "a store"],
  ])("but not %s: %s", (address) => {
    expect(unbounded([runJob, { address, values: { input: runJob.values?.["id"] } }])).toEqual([])
  })
})

test("a state machine that invokes a function does so beside its event sources", () => {
  const bounded = lambda({ reserved_concurrent_executions: -1 })
  const source = {
    address: "aws_lambda_event_source_mapping.x",
    values: { function_name: "api", enabled: true, scaling_config: [{ maximum_concurrency: 4 }] },
  }
  expect(unbounded([bounded, source])).toEqual([])
  const definitionText = JSON.stringify({ States: { Run: { Resource: FUNCTION } } })
  const machine = { address: "aws_sfn_state_machine.x", values: { definition: definitionText } }
  expect(unbounded([bounded, source, machine])).toEqual([
    "aws_lambda_function.api.reserved_concurrent_executions",
  ])
})
