import type { PlannedResource } from "../support/terraform-plan.ts"
import { type Fleet, fieldByField } from "./field-by-field.ts"
import type { Tree } from "./hiding.ts"
import { CORE } from "./resources.ts"

const PROXY = "core.proxy-x.eu-west-3.rds.amazonaws.com"
const READER = "core.cluster-ro-x.eu-west-3.rds.amazonaws.com"
const ARN = "arn:aws:ecs:eu-west-3:111111111111"
const variables = (size: number, url = CORE) => ({
  DATABASE_URL_CORE: url,
  PRISMA_POOL_SIZE_CORE: String(size),
})
const at = (address: string, values: Tree): PlannedResource => ({ address, values })

const task = (name: string, size: number, url = CORE): PlannedResource =>
  at(`aws_ecs_task_definition.${name}`, {
    family: name,
    arn: `${ARN}:task-definition/${name}:1`,
    revision: 1,
    container_definitions: JSON.stringify([
      {
        name,
        image: "shop:1",
        environment: Object.entries(variables(size, url)).map(([key, value]) => ({ name: key, value })),
      },
    ]),
    volume: [],
  })

const service = (name: string, values: Tree = {}): PlannedResource =>
  at(`aws_ecs_service.${name}`, {
    name,
    cluster: "main",
    desired_count: 2,
    scheduling_strategy: "REPLICA",
    deployment_maximum_percent: 200,
    deployment_controller: [{ type: "ECS" }],
    task_definition: `${ARN}:task-definition/${name}:1`,
    ...values,
  })

const instance = (ceiling: number): PlannedResource[] => [
  at("aws_db_parameter_group.core", {
    id: "core-17",
    name: "core-17",
    family: "postgres17",
    parameter: [
      { name: "log_statement", value: "none", apply_method: "immediate" },
      { name: "max_connections", value: String(ceiling), apply_method: "pending-reboot" },
    ],
  }),
  at("aws_db_instance.core", {
    id: "db-CORE",
    identifier: "core",
    engine: "postgres",
    instance_class: "db.t4g.medium",
    address: "db.example.org",
    endpoint: "db.example.org:5432",
    parameter_group_name: "core-17",
    replicate_source_db: null,
  }),
]

const rule = (name: string, values: Tree = {}, target: Tree = {}): PlannedResource[] => [
  at(`aws_cloudwatch_event_rule.${name}`, {
    id: name,
    name,
    schedule_expression: "cron(0 3 * * ? *)",
    event_pattern: null,
    state: "ENABLED",
    is_enabled: null,
    ...values,
  }),
  at(`aws_cloudwatch_event_target.${name}`, {
    rule: name,
    arn: `${ARN}:cluster/main`,
    input: null,
    input_transformer: [],
    ecs_target: [
      { task_count: 2, launch_type: "FARGATE", task_definition_arn: `${ARN}:task-definition/${name}:1` },
    ],
    ...target,
  }),
]

const schedule = (name: string, values: Tree = {}): PlannedResource =>
  at(`aws_scheduler_schedule.${name}`, {
    name,
    schedule_expression: "cron(0 3 * * ? *)",
    schedule_expression_timezone: "UTC",
    state: "ENABLED",
    target: [
      {
        arn: `${ARN}:cluster/main`,
        input: null,
        ecs_parameters: [
          { task_count: 1, launch_type: "FARGATE", task_definition_arn: `${ARN}:task-definition/${name}:1` },
        ],
      },
    ],
    ...values,
  })

const lambda = (name: string, size: number, values: Tree = {}): PlannedResource =>
  at(`aws_lambda_function.${name}`, {
    function_name: name,
    arn: `arn:aws:lambda:eu-west-3:111111111111:function:${name}`,
    environment: [{ variables: variables(size) }],
    reserved_concurrent_executions: 3,
    file_system_config: [],
    image_config: [],
    capacity_provider_config: [],
    ...values,
  })

const source = (name: string, values: Tree = {}): PlannedResource =>
  at(`aws_lambda_event_source_mapping.${name}`, {
    function_name: "queue",
    enabled: true,
    scaling_config: [{ maximum_concurrency: 4 }],
    ...values,
  })

const runner = (): PlannedResource[] => [
  at("aws_apprunner_auto_scaling_configuration_version.web", {
    arn: "arn:aws:apprunner:x",
    max_size: 2,
    min_size: 1,
  }),
  at("aws_apprunner_service.web", {
    service_name: "web",
    auto_scaling_configuration_arn: "arn:aws:apprunner:x",
    source_configuration: [
      {
        code_repository: [],
        image_repository: [
          {
            image_identifier: "shop:1",
            image_configuration: [
              {
                runtime_environment_variables: variables(4),
                runtime_environment_secrets: null,
                start_command: "node main.js",
              },
            ],
          },
        ],
      },
    ],
  }),
]

const FLEETS: readonly Fleet[] = [
  {
    name: "a service that is scaled, and a task that is started by hand",
    resources: (ceiling) => [
      ...instance(ceiling),
      at("aws_ecs_cluster.main", { id: `${ARN}:cluster/main`, arn: `${ARN}:cluster/main`, name: "main" }),
      task("api", 10),
      service("api"),
      at("aws_appautoscaling_target.api", {
        max_capacity: 4,
        min_capacity: 1,
        resource_id: "service/main/api",
        scalable_dimension: "ecs:service:DesiredCount",
        service_namespace: "ecs",
      }),
      at("aws_appautoscaling_scheduled_action.api", {
        resource_id: "service/main/api",
        service_namespace: "ecs",
        scalable_dimension: "ecs:service:DesiredCount",
        schedule: "cron(0 8 * * ? *)",
        scalable_target_action: [{ max_capacity: 6, min_capacity: 2 }],
      }),
      task("migrate", 2),
    ],
    // 6 × 10, of which a deploy starts as many again, and one task.
    steady: [62, 62],
    deploy: [122, 122],
  },
  {
    name: "tasks on schedules",
    resources: (ceiling) => [
      ...instance(ceiling),
      task("sync", 5),
      ...rule("sync"),
      task("mail", 3),
      schedule("mail"),
    ],
    // 2 × 5 + 3.
    steady: [13, 13],
    deploy: [13, 13],
  },
  {
    name: "functions and App Runner",
    resources: (ceiling) => [
      ...instance(ceiling),
      lambda("mails", 2),
      lambda("queue", 3, { reserved_concurrent_executions: -1 }),
      source("first"),
      source("second", { enabled: false }),
      ...runner(),
    ],
    // 3 × 2 + 4 × 3 + 2 × 4, which a deploy doubles.
    steady: [26, 26],
    deploy: [52, 52],
  },
  {
    name: "what is switched off beside a service that stops first",
    resources: (ceiling) => [
      ...instance(ceiling),
      task("api", 10),
      service("api", { deployment_maximum_percent: 100 }),
      task("sync", 5),
      ...rule("sync", { state: "DISABLED" }),
      task("old", 5),
      ...rule("old", { state: null, is_enabled: false }),
      task("mail", 3),
      schedule("mail", { state: "DISABLED" }),
      at("aws_appautoscaling_target.other", {
        max_capacity: 90,
        resource_id: "service/main/api",
        service_namespace: "custom-resource",
      }),
    ],
    steady: [20, 20],
    deploy: [20, 40],
  },
  {
    name: "a cluster with a reader and an RDS Proxy",
    resources: (ceiling) => [
      at("aws_rds_cluster_parameter_group.core", {
        name: "core-c",
        parameter: [{ name: "max_connections", value: String(ceiling) }],
      }),
      at("aws_rds_cluster.core", {
        cluster_identifier: "core",
        engine: "aurora-postgresql",
        endpoint: "db.example.org",
        reader_endpoint: READER,
        db_cluster_parameter_group_name: "core-c",
        serverlessv2_scaling_configuration: [{ min_capacity: 1, max_capacity: 8 }],
      }),
      ...["one", "two"].map((name) =>
        at(`aws_rds_cluster_instance.${name}`, {
          identifier: name,
          cluster_identifier: "core",
          engine: "aurora-postgresql",
          instance_class: "db.serverless",
          db_parameter_group_name: null,
        }),
      ),
      at("aws_db_proxy.core", { id: "core", name: "core", endpoint: PROXY }),
      at("aws_db_proxy_default_target_group.core", {
        db_proxy_name: "core",
        connection_pool_config: [{ max_connections_percent: 20, max_idle_connections_percent: 10 }],
      }),
      at("aws_db_proxy_target.core", {
        db_proxy_name: "core",
        target_group_name: "default",
        db_cluster_identifier: "core",
        db_instance_identifier: null,
      }),
      task("api", 10),
      service("api", { desired_count: 4, deployment_maximum_percent: 100 }),
      task("web", 10, `postgresql://app:pw@${PROXY}:5432/core`),
      service("web", { desired_count: 50 }),
    ],
    numbers: { fits: 125, fails: 45 },
    // 4 × 10, and a fifth of 125.
    steady: [65, 65],
    deploy: [65, 105],
  },
  {
    name: "a cluster that may shrink to half a unit",
    resources: (count) => [
      at("aws_rds_cluster_parameter_group.core", {
        name: "core-c",
        parameter: [{ name: "max_connections", value: "5000" }],
      }),
      at("aws_rds_cluster.core", {
        cluster_identifier: "core",
        engine: "aurora-postgresql",
        endpoint: "db.example.org",
        db_cluster_parameter_group_name: "core-c",
        serverlessv2_scaling_configuration: [{ min_capacity: 0.5, max_capacity: 64 }],
      }),
      at("aws_rds_cluster_instance.one", {
        identifier: "one",
        cluster_identifier: "core",
        engine: "aurora-postgresql",
        instance_class: "db.serverless",
        db_parameter_group_name: null,
      }),
      lambda("mails", 2, { reserved_concurrent_executions: count }),
    ],
    numbers: { fits: 300, fails: 1_000 },
    steady: [600, 600],
    deploy: [1_200, 1_200],
  },
]

fieldByField("AWS", FLEETS, {
  computed: [[/\.connection_pool_config$/, "the whole of the connections, which is assumed and named"]],
  nulls: [
    [/_scheduled_action\./, "an action that changes nothing"],
    [/\.ecs_target$/, "a target that is no task"],
    [/\.task_count$/, "one task"],
    [/^aws_apprunner_service\.source_configuration/, "a service without an image"],
    [/^aws_lambda_event_source_mapping\.function_name$/, "a source of nothing"],
  ],
})
