import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { runs } from "../support/properties.ts"
import {
  type Code,
  change,
  type Hiding,
  judged,
  removed,
  renamed,
  type Tree,
  unknown,
  variables,
  written,
} from "./hiding.ts"
import { ORDINARY } from "./ordinary-resources.ts"

describe("what is hidden of AWS never makes a verdict better:", () => {
  const ARN = "arn:aws:ecs:eu-west-3:1:task-definition"
  const environment = (values: Tree) => Object.entries(values).map(([name, value]) => ({ name, value }))
  const definition = (name: string, container: Tree) =>
    written(`aws_ecs_task_definition.${name}`, {
      family: name,
      arn: `${ARN}/${name}:1`,
      revision: 1,
      container_definitions: JSON.stringify([{ name, ...container }]),
    })
  const parameters = (value: number) =>
    written("aws_db_parameter_group.main", {
      name: "main",
      parameter: [{ name: "max_connections", value: String(value) }],
    })
  const target = {
    ...written("aws_appautoscaling_target.api", {
      max_capacity: 1,
      resource_id: "service/main/api",
      scalable_dimension: "ecs:service:DesiredCount",
      service_namespace: "ecs",
    }),
  }

  const onAws = fc
    .record({
      tasks: fc.integer({ min: 1, max: 3 }),
      most: fc.integer({ min: 1, max: 5 }),
      reserved: fc.integer({ min: 1, max: 5 }),
      own: variables,
      ofJob: variables,
      ceiling: fc.integer({ min: 20, max: 400 }),
    })
    .map(({ tasks, most, reserved, own, ofJob, ceiling }): Code[] => [
      parameters(ceiling),
      written("aws_db_instance.main", {
        engine: "postgres",
        parameter_group_name: "main",
        address: "db.example.org",
      }),
      definition("api", { environment: environment(own) }),
      definition("sync", { environment: environment(ofJob) }),
      written("aws_ecs_service.api", {
        name: "api",
        cluster: "main",
        desired_count: tasks,
        deployment_maximum_percent: 200,
        task_definition: `${ARN}/api:1`,
      }),
      { ...target, values: { ...target.values, max_capacity: most } },
      written("aws_cloudwatch_event_rule.sync", {
        name: "sync",
        schedule_expression: "rate(1 hour)",
        state: "ENABLED",
      }),
      written("aws_cloudwatch_event_target.sync", {
        rule: "sync",
        ecs_target: [{ task_count: 1, task_definition_arn: `${ARN}/sync:1` }],
      }),
      written("aws_lambda_function.mails", {
        function_name: "mails",
        reserved_concurrent_executions: reserved,
        environment: [{ variables: own }],
      }),
      written("aws_apprunner_auto_scaling_configuration_version.web", {
        arn: "arn:aws:x",
        max_size: reserved,
      }),
      written("aws_apprunner_service.web", {
        auto_scaling_configuration_arn: "arn:aws:x",
        source_configuration: [
          { image_repository: [{ image_configuration: [{ runtime_environment_variables: ofJob }] }] },
        ],
      }),
    ])

  const stated = {
    deployments: {
      override: { "aws_cloudwatch_event_target.sync": { duration: "30m", reason: "measured" } },
    },
  }

  const intoDefinition = (resource: Code) => {
    const [container] = JSON.parse(String(resource.values?.["container_definitions"]))
    const moved = container.environment.map(({ name, value }: Tree) => `${name}=${value}`).join(" ")
    const command = ["sh", "-c", `${moved} node main.js`]
    const text = JSON.stringify([{ ...container, environment: [], command }])
    return { ...resource, values: { ...resource.values, container_definitions: text } }
  }

  const renamedTo = (family: string) => (resource: Code) => ({
    ...resource,
    values: { ...resource.values, task_definition: `${ARN}/${family}` },
  })

  test.each<Hiding>([
    ["containers", "aws_ecs_task_definition.api", unknown("container_definitions")],
    ["containers of a scheduled task", "aws_ecs_task_definition.sync", unknown("container_definitions")],
    ["a task definition", "aws_ecs_service.api", unknown("task_definition")],
    ["another revision", "aws_ecs_service.api", renamedTo("api:7")],
    ["another family", "aws_ecs_service.api", renamedTo("other:1")],
    ["the number of tasks", "aws_ecs_service.api", unknown("desired_count")],
    ["the most tasks", "aws_appautoscaling_target.api", unknown("max_capacity")],
    ["what is scaled", "aws_appautoscaling_target.api", unknown("resource_id")],
    ["the type of a scaling target", "aws_appautoscaling_target.api", renamed],
    ["the type of a service", "aws_ecs_service.api", renamed],
    ["the type of a task definition", "aws_ecs_task_definition.api", renamed],
    ["a task definition that is not here", "aws_ecs_task_definition.api", removed],
    ["the rule of a target", "aws_cloudwatch_event_target.sync", unknown("rule")],
    ["a rule", "aws_cloudwatch_event_rule.sync", removed],
    ["a schedule", "aws_cloudwatch_event_rule.sync", unknown("schedule_expression")],
    ["the type of a target", "aws_cloudwatch_event_target.sync", renamed],
    ["what a target starts", "aws_cloudwatch_event_target.sync", unknown("ecs_target")],
    ["an environment", "aws_lambda_function.mails", unknown("environment")],
    ["a reserved number", "aws_lambda_function.mails", unknown("reserved_concurrent_executions")],
    ["the type of a function", "aws_lambda_function.mails", renamed],
    ["a source", "aws_apprunner_service.web", unknown("source_configuration")],
    ["a scaling configuration", "aws_apprunner_service.web", unknown("auto_scaling_configuration_arn")],
    ["the type of App Runner", "aws_apprunner_service.web", renamed],
    ["a parameter", "aws_db_parameter_group.main", unknown("parameter")],
    ["a parameter group", "aws_db_parameter_group.main", removed],
    ["the type of a server", "aws_db_instance.main", renamed],
    ["variables, in a command", "aws_ecs_task_definition.api", intoDefinition],
  ])("%s", (_, address, how) => {
    let notFitting = 0
    fc.assert(
      fc.property(onAws, (resources) => {
        if (judged(resources, stated) === "fits") return
        notFitting += 1
        expect(judged(change(resources, address, how), stated)).not.toBe("fits")
      }),
      runs(15),
    )
    expect(notFitting, "there are fleets that do not fit").toBeGreaterThan(0)
  })

  test("and what is ordinary never worse", () => {
    let fitting = 0
    fc.assert(
      fc.property(onAws, fc.subarray([...ORDINARY]), (resources, others) => {
        const alone = judged(resources, stated)
        if (alone === "fits") fitting += 1
        expect(judged([...resources, ...others], stated)).toBe(alone)
      }),
      runs(25),
    )
    expect(fitting, "there are fleets that fit").toBeGreaterThan(0)
  })
})
