import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

type Values = Readonly<Record<string, unknown>>

export const DATABASE = "core.c1.eu-west-3.rds.amazonaws.com"
export const URL = `postgresql://app:pw@${DATABASE}:5432/core`

/** A container of a task definition, with names in the case that the API has. */
export const ecsContainer = (
  name: string,
  variables: Readonly<Record<string, string>> = {},
  more: object = {},
) => ({
  name,
  image: `1.dkr.ecr.eu-west-3.amazonaws.com/${name}:1`,
  essential: true,
  environment: Object.entries(variables).map(([key, value]) => ({ name: key, value })),
  ...more,
})

export const connects = (size: number, more: Readonly<Record<string, string>> = {}) => ({
  DATABASE_URL_CORE: URL,
  PRISMA_POOL_SIZE_CORE: String(size),
  ...more,
})

/** A task definition, which gets a new revision with each change. */
export const taskDefinition = (
  name: string,
  containers: readonly object[],
  more: Values = {},
  key = "",
): StackResource =>
  created(
    `aws_ecs_task_definition.${name}${key}`,
    {
      container_definitions: JSON.stringify(containers),
      cpu: "256",
      enable_fault_injection: null,
      ephemeral_storage: [],
      family: name,
      inference_accelerator: [],
      ipc_mode: null,
      memory: "512",
      network_mode: "awsvpc",
      pid_mode: null,
      placement_constraints: [],
      proxy_configuration: [],
      requires_compatibilities: ["FARGATE"],
      runtime_platform: [],
      skip_destroy: false,
      tags: null,
      task_role_arn: null,
      track_latest: false,
      volume: [],
      ...more,
    },
    { arn: true, arn_without_revision: true, execution_role_arn: true, revision: true, tags_all: true },
    {
      container_definitions: {},
      family: constant(name),
      execution_role_arn: refersTo("aws_iam_role.execution.arn"),
    },
  )

/** A task definition whose containers have something in them that is known only after apply. */
export const unseenTaskDefinition = (name: string): StackResource => {
  const { values, unknown, ...rest } = taskDefinition(name, [])
  const { container_definitions: _, ...known } = values ?? {}
  return {
    ...rest,
    values: known,
    unknown: { ...(unknown as Values), container_definitions: true },
    expressions: {
      family: constant(name),
      container_definitions: refersTo("aws_secretsmanager_secret.core.arn"),
    },
  }
}

/** A service of ECS on Fargate, whose task definition is created with it. */
export const ecsService = (
  name: string,
  more: Values = {},
  { key = "", task = [`aws_ecs_task_definition.${name}.arn`] }: { key?: string; task?: string[] } = {},
): StackResource =>
  created(
    `aws_ecs_service.${name}${key}`,
    {
      alarms: [],
      capacity_provider_strategy: [],
      deployment_circuit_breaker: [{ enable: true, rollback: true }],
      deployment_controller: [],
      deployment_maximum_percent: 200,
      deployment_minimum_healthy_percent: 100,
      desired_count: 2,
      enable_execute_command: null,
      force_new_deployment: null,
      health_check_grace_period_seconds: null,
      launch_type: "FARGATE",
      load_balancer: [],
      name,
      network_configuration: [{ assign_public_ip: false }],
      ordered_placement_strategy: [],
      placement_constraints: [],
      propagate_tags: null,
      scheduling_strategy: "REPLICA",
      service_connect_configuration: [],
      service_registries: [],
      tags: null,
      timeouts: null,
      wait_for_steady_state: false,
      ...more,
    },
    {
      availability_zone_rebalancing: true,
      cluster: true,
      deployment_configuration: true,
      iam_role: true,
      network_configuration: [{ security_groups: true, subnets: true }],
      platform_version: true,
      tags_all: true,
      task_definition: true,
      triggers: true,
    },
    {
      name: constant(name),
      cluster: refersTo("aws_ecs_cluster.main.arn"),
      desired_count: constant(2),
      launch_type: constant("FARGATE"),
      network_configuration: [
        {
          security_groups: refersTo("aws_security_group.api.id"),
          subnets: refersTo("aws_subnet.private"),
        },
      ],
      task_definition: refersTo(...task),
    },
  )

export const ecsCluster = (name = "main"): StackResource =>
  created(
    "aws_ecs_cluster.main",
    { name, configuration: [], service_connect_defaults: [], tags: null },
    { arn: true, setting: true, tags_all: true },
    { name: constant(name) },
  )

/** A scaling target of a service, whose name is known before it is created. */
export const scalingTarget = (name: string, more: Values = {}, unknown: Values = {}): StackResource =>
  created(
    `aws_appautoscaling_target.${name}`,
    {
      max_capacity: 6,
      min_capacity: 2,
      ...(Object.hasOwn(unknown, "resource_id") ? {} : { resource_id: `service/main/${name}` }),
      scalable_dimension: "ecs:service:DesiredCount",
      service_namespace: "ecs",
      tags: null,
      ...more,
    },
    { arn: true, role_arn: true, suspended_state: true, tags_all: true, ...unknown },
    {
      max_capacity: constant(6),
      min_capacity: constant(2),
      resource_id: refersTo("aws_ecs_cluster.main.name", `aws_ecs_service.${name}.name`),
      scalable_dimension: constant("ecs:service:DesiredCount"),
      service_namespace: constant("ecs"),
    },
  )

/** PostgreSQL on RDS, which is there already, with its own parameters. */
export const rdsInstance = (
  maxConnections: string | undefined,
  more: Values = {},
): readonly StackResource[] => {
  const values = {
    address: DATABASE,
    allocated_storage: 20,
    endpoint: `${DATABASE}:5432`,
    engine: "postgres",
    engine_version: "17",
    id: "db-CORE",
    identifier: "core",
    instance_class: "db.t4g.medium",
    parameter_group_name: maxConnections === undefined ? "default.postgres17" : "core-17",
    port: 5432,
    replicate_source_db: null,
    ...more,
  }
  const group = {
    arn: "arn:aws:rds:eu-west-3:1:pg:core-17",
    family: "postgres17",
    id: "core-17",
    name: "core-17",
    parameter: [{ apply_method: "pending-reboot", name: "max_connections", value: maxConnections }],
  }
  const stays = (address: string, own: Values): StackResource => ({
    address,
    values: own,
    before: own,
    actions: ["no-op"],
    expressions: {},
  })
  return [
    stays("aws_db_instance.core", values),
    ...(maxConnections === undefined ? [] : [stays("aws_db_parameter_group.core", group)]),
  ]
}

/** A schedule of EventBridge Scheduler that starts a task. */
export const scheduledTask = (
  name: string,
  schedule: string,
  more: Values = {},
  target: Values = {},
): StackResource =>
  created(
    `aws_scheduler_schedule.${name}`,
    {
      action_after_completion: "NONE",
      description: null,
      end_date: null,
      flexible_time_window: [{ maximum_window_in_minutes: null, mode: "OFF" }],
      kms_key_arn: null,
      name,
      schedule_expression: schedule,
      schedule_expression_timezone: "UTC",
      start_date: null,
      state: "ENABLED",
      target: [
        {
          dead_letter_config: [],
          ecs_parameters: [{ launch_type: "FARGATE", task_count: 1, network_configuration: [] }],
          eventbridge_parameters: [],
          input: null,
          retry_policy: [],
          ...target,
        },
      ],
      ...more,
    },
    {
      arn: true,
      group_name: true,
      name_prefix: true,
      region: true,
      target: [{ arn: true, role_arn: true, ecs_parameters: [{ task_definition_arn: true }] }],
    },
    {
      schedule_expression: constant(schedule),
      target: [
        {
          arn: refersTo("aws_ecs_cluster.main.arn"),
          role_arn: refersTo("aws_iam_role.scheduler.arn"),
          ecs_parameters: [{ task_definition_arn: refersTo(`aws_ecs_task_definition.${name}.arn`) }],
        },
      ],
    },
  )

/** A rule of EventBridge with a target that starts a task. */
export const ruledTask = (
  name: string,
  schedule: string | null,
  rule: Values = {},
  target: Values = {},
): readonly StackResource[] => [
  created(
    `aws_cloudwatch_event_rule.${name}`,
    {
      description: null,
      event_bus_name: "default",
      event_pattern: null,
      force_destroy: false,
      is_enabled: null,
      name,
      role_arn: null,
      schedule_expression: schedule,
      state: "ENABLED",
      tags: null,
      ...rule,
    },
    { arn: true, name_prefix: true, tags_all: true },
    { name: constant(name), schedule_expression: constant(schedule) },
  ),
  created(
    `aws_cloudwatch_event_target.${name}`,
    {
      batch_target: [],
      ecs_target: [{ launch_type: "FARGATE", task_count: 1, network_configuration: [] }],
      event_bus_name: "default",
      input: null,
      input_path: null,
      input_transformer: [],
      rule: name,
      ...target,
    },
    { arn: true, role_arn: true, target_id: true, ecs_target: [{ task_definition_arn: true }] },
    {
      arn: refersTo("aws_ecs_cluster.main.arn"),
      role_arn: refersTo("aws_iam_role.events.arn"),
      rule: refersTo(`aws_cloudwatch_event_rule.${name}.name`),
      ecs_target: [{ task_definition_arn: refersTo(`aws_ecs_task_definition.${name}.arn`) }],
    },
  ),
]

/** A function of Lambda. */
export const lambdaFunction = (
  name: string,
  variables: Readonly<Record<string, string>>,
  more: Values = {},
): StackResource =>
  created(
    `aws_lambda_function.${name}`,
    {
      dead_letter_config: [],
      environment: [{ variables }],
      file_system_config: [],
      function_name: name,
      handler: "index.handler",
      image_config: [],
      memory_size: 512,
      package_type: "Zip",
      publish: false,
      reserved_concurrent_executions: -1,
      runtime: "nodejs22.x",
      tags: null,
      timeout: 30,
      vpc_config: [{ ipv6_allowed_for_dual_stack: false }],
      ...more,
    },
    {
      arn: true,
      architectures: true,
      code_sha256: true,
      ephemeral_storage: true,
      invoke_arn: true,
      last_modified: true,
      logging_config: true,
      qualified_arn: true,
      qualified_invoke_arn: true,
      role: true,
      source_code_hash: true,
      source_code_size: true,
      tags_all: true,
      tracing_config: true,
      version: true,
      vpc_config: [{ security_group_ids: true, subnet_ids: true, vpc_id: true }],
    },
    {
      environment: [{ variables: constant(variables) }],
      function_name: constant(name),
      role: refersTo("aws_iam_role.lambda.arn"),
      source_code_hash: refersTo("data.archive_file.lambda.output_base64sha256"),
      vpc_config: [
        {
          security_group_ids: refersTo("aws_security_group.api.id"),
          subnet_ids: refersTo("aws_subnet.private"),
        },
      ],
    },
  )

/** What starts a function with the messages of a queue. */
export const eventSource = (name: string, maximum: number | null, more: Values = {}): StackResource =>
  created(
    `aws_lambda_event_source_mapping.${name}`,
    {
      batch_size: 10,
      enabled: true,
      function_name: name,
      scaling_config: maximum === null ? [] : [{ maximum_concurrency: maximum }],
      ...more,
    },
    { arn: true, event_source_arn: true, function_arn: true, last_modified: true, state: true, uuid: true },
    {
      event_source_arn: refersTo("aws_sqs_queue.jobs.arn"),
      function_name: refersTo(`aws_lambda_function.${name}.function_name`),
    },
  )

/** A service of App Runner with an image. */
export const appRunner = (
  variables: Readonly<Record<string, string>>,
  more: Values = {},
  unknown: Values = {},
): StackResource =>
  created(
    "aws_apprunner_service.api",
    {
      encryption_configuration: [],
      service_name: "api",
      source_configuration: [
        {
          authentication_configuration: [{ connection_arn: null }],
          auto_deployments_enabled: false,
          code_repository: [],
          image_repository: [
            {
              image_configuration: [
                {
                  port: "8080",
                  runtime_environment_secrets: null,
                  runtime_environment_variables: variables,
                  start_command: null,
                },
              ],
              image_identifier: "1.dkr.ecr.eu-west-3.amazonaws.com/api:1",
              image_repository_type: "ECR",
            },
          ],
        },
      ],
      ...more,
    },
    {
      arn: true,
      health_check_configuration: true,
      instance_configuration: true,
      network_configuration: true,
      service_id: true,
      service_url: true,
      status: true,
      tags_all: true,
      ...unknown,
    },
    { auto_scaling_configuration_arn: refersTo("aws_apprunner_auto_scaling_configuration_version.api.arn") },
  )

export const autoScaling = (max_size: number | null): StackResource =>
  created(
    "aws_apprunner_auto_scaling_configuration_version.api",
    { auto_scaling_configuration_name: "api", max_concurrency: 100, max_size, min_size: 1 },
    {
      arn: true,
      auto_scaling_configuration_revision: true,
      has_associated_service: true,
      is_default: true,
      latest: true,
      status: true,
      tags_all: true,
    },
    { auto_scaling_configuration_name: constant("api") },
  )
