import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { state } from "../support/terraform-plan.ts"
import { connecting, unknownNames } from "./resources.ts"
import { connects, ecsCluster, ecsContainer, ecsService, taskDefinition } from "./stacks/aws.ts"

const service = "aws_ecs_service.api"
const task = "aws_ecs_task_definition.api"
const definition = taskDefinition("api", [ecsContainer("api", connects(10))])

const read = (resources: readonly StackResource[], override = {}) =>
  fleetFromTerraform(firstPlan([ecsCluster(), definition, ...resources]), { maxConnections: 1_000, override })

const scaler = (attribute: string, reference: string) =>
  created("acme_autoscaler.x", { most: 50 }, { [attribute]: true }, { [attribute]: refersTo(reference) })

describe("a service that something of a type which is not read scales has an unknown number of tasks:", () => {
  test.each(["resource_id", "target_resource_id", "scale_target_ref"])("%s", (attribute) => {
    const { unknowns } = read([ecsService("api"), scaler(attribute, `${service}.id`)])
    expect(unknowns).toMatchObject([
      {
        name: `${service}.instances`,
        problem: "may be changed by acme_autoscaler.x, and resources of type acme_autoscaler are not read",
        isUnbounded: true,
      },
    ])
    const override = { [service]: { instances: 50, reason: "its most" } }
    expect(read([ecsService("api"), scaler(attribute, `${service}.id`)], override).unknowns).toEqual([])
  })

  test("in a state, by its ARN", () => {
    const id = "arn:aws:ecs:eu-west-3:1:service/main/api"
    const arn = "arn:aws:ecs:eu-west-3:1:task-definition/api:7"
    const json = state([
      { address: task, values: { ...definition.values, arn } },
      { address: service, values: { ...ecsService("api").values, id, task_definition: arn } },
      { address: "acme_autoscaler.x", values: { resource_id: id } },
    ])
    expect(unknownNames(fleetFromTerraform(json, { maxConnections: 100 }))).toEqual([`${service}.instances`])
  })

  test("by its path", () => {
    const path = created("acme_autoscaler.x", { resource_id: "service/main/api" }, {})
    expect(unknownNames(read([ecsService("api"), path]))).toEqual([`${service}.instances`])
    const other = created("acme_autoscaler.x", { resource_id: "service/main/web" }, {})
    expect(unknownNames(read([ecsService("api"), other]))).toEqual([])
  })

  test("and not where something only refers to it", () => {
    expect(read([ecsService("api"), scaler("service_name", `${service}.name`)]).unknowns).toEqual([])
  })

  test("nor where the service does not connect", () => {
    const web = [taskDefinition("web", [ecsContainer("web")]), ecsService("web")]
    const { unknowns } = read([...web, scaler("resource_id", "aws_ecs_service.web.id")])
    expect(unknowns).toEqual([])
  })
})

describe("a task definition that something of a type which is not read starts", () => {
  const machine = created(
    "aws_sfn_state_machine.x",
    {},
    { definition: true },
    { definition: refersTo(`${task}.arn`) },
  )

  test("has an unknown number of runs, beside those that are counted", () => {
    expect(read([machine]).unknowns.map(({ name }) => name)).toEqual([
      "aws_sfn_state_machine.x",
      `${task}.concurrent`,
    ])
    const fleet = read([machine, ecsService("api")])
    expect(connecting(fleet)).toEqual([service, task])
    const override = { [task]: { concurrent: 3, reason: "the machine's own limit" } }
    expect(unknownNames(read([machine], override))).toEqual(["aws_sfn_state_machine.x"])
  })

  test("in a text of a state, by its ARN", () => {
    const arn = "arn:aws:ecs:eu-west-3:1:task-definition/api:7"
    const definitionText = JSON.stringify({ States: { Run: { Parameters: { TaskDefinition: arn } } } })
    const json = state([
      { address: task, values: { ...definition.values, arn } },
      { address: "aws_sfn_state_machine.x", values: { definition: definitionText } },
    ])
    expect(unknownNames(fleetFromTerraform(json, { maxConnections: 100 }))).toEqual([`${task}.concurrent`])
  })

  test("runs once where it is run when the plan is applied", () => {
    const once = created("terraform_data.migrate", {}, {}, { triggers_replace: refersTo(`${task}.arn`) })
    const fleet = read([once])
    expect(fleet.unknowns).toEqual([])
    expect(connecting(fleet)).toEqual([task])
  })
})
