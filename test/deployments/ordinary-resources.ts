import type { PlannedResource } from "../support/terraform-plan.ts"

/** A resource of a plan that creates everything, with what the code says of it. */
export interface OrdinaryResource extends PlannedResource {
  readonly expressions: Readonly<Record<string, unknown>>
}

type Tree = Readonly<Record<string, unknown>>

const ref = (...references: string[]) => ({ references })
const is = (value: unknown) => ({ constant_value: value })

const ordinary = (
  address: string,
  unknown: Tree,
  expressions: Tree,
  values: Tree = {},
): OrdinaryResource => ({
  address,
  values,
  unknown: { id: true, ...unknown },
  expressions,
})

/** What stands beside the applications in a plan, in the shape that providers give it: much is computed, nothing connects. */
export const ORDINARY: readonly OrdinaryResource[] = [
  ordinary(
    "aws_vpc.main",
    { arn: true, default_security_group_id: true, tags_all: true },
    { cidr_block: is("10.0.0.0/16") },
  ),
  ordinary("aws_subnet.a", { arn: true, vpc_id: true }, { vpc_id: ref("aws_vpc.main.id", "aws_vpc.main") }),
  ordinary(
    "aws_security_group.api",
    { arn: true, ingress: [{ security_groups: true }], owner_id: true },
    { vpc_id: ref("aws_vpc.main.id", "aws_vpc.main"), ingress: ref("aws_security_group.lb.id") },
  ),
  ordinary(
    "aws_lb.api",
    { arn: true, dns_name: true, zone_id: true },
    { subnets: ref("aws_subnet.a.id", "aws_subnet.a") },
  ),
  ordinary(
    "aws_lb_listener.https",
    { arn: true, certificate_arn: true },
    { certificate_arn: ref("aws_acm_certificate.api.arn") },
  ),
  ordinary(
    "aws_acm_certificate.api",
    { arn: true, domain_validation_options: true },
    { domain_name: is("api.example.org") },
  ),
  ordinary(
    "aws_acm_certificate_validation.api",
    { certificate_arn: true, validation_record_fqdns: true },
    { validation_record_fqdns: ref("aws_route53_record.validation") },
  ),
  ordinary(
    "aws_route53_record.api",
    { fqdn: true, records: true },
    { records: ref("aws_lb.api.dns_name", "aws_lb.api") },
  ),
  ordinary(
    "aws_iam_role.task",
    { arn: true, unique_id: true, assume_role_policy: true },
    { assume_role_policy: ref("data.aws_iam_policy_document.task.json") },
  ),
  ordinary("aws_iam_policy.read", { arn: true, policy: true }, { policy: {} }),
  ordinary("aws_s3_bucket.files", { arn: true, bucket_domain_name: true }, { bucket: is("files") }),
  ordinary("aws_s3_object.index", { etag: true, content: true }, { content: ref("local.index") }),
  ordinary(
    "aws_cloudfront_distribution.web",
    { arn: true, etag: true, origin: [{ domain_name: true }] },
    { origin: [{ domain_name: ref("aws_s3_bucket.files.bucket_domain_name") }] },
  ),
  ordinary("aws_cloudwatch_log_group.api", { arn: true }, { name: is("api") }),
  ordinary(
    "aws_cloudwatch_metric_alarm.cpu",
    { arn: true, dimensions: true },
    { dimensions: ref("aws_db_instance.main.identifier") },
  ),
  ordinary(
    "aws_secretsmanager_secret.core",
    { arn: true },
    { name: is("DATABASE_URL_CORE") },
    { name: "DATABASE_URL_CORE" },
  ),
  ordinary(
    "aws_secretsmanager_secret_version.core",
    { arn: true, secret_string: true },
    { secret_string: ref("local.core") },
  ),
  ordinary(
    "aws_ssm_parameter.core",
    { arn: true, value: true },
    { value: ref("local.core") },
    { name: "/prod/DATABASE_URL_CORE" },
  ),
  ordinary("aws_ecr_repository.api", { arn: true, repository_url: true }, { name: is("api") }),
  ordinary("aws_ecs_cluster.main", { arn: true }, { name: is("main") }),
  ordinary(
    "aws_ecs_cluster_capacity_providers.main",
    { cluster_name: true },
    { cluster_name: ref("aws_ecs_cluster.main.name") },
    { capacity_providers: ["FARGATE"] },
  ),
  ordinary(
    "aws_ecs_capacity_provider.main",
    { arn: true, auto_scaling_group_provider: [{ auto_scaling_group_arn: true }] },
    { auto_scaling_group_provider: [{ auto_scaling_group_arn: ref("aws_autoscaling_group.main.arn") }] },
  ),
  ordinary(
    "aws_appautoscaling_policy.cpu",
    { arn: true, resource_id: true, alarm_arns: true },
    { resource_id: ref("aws_appautoscaling_target.api.resource_id") },
    { target_tracking_scaling_policy_configuration: [{ target_value: 80 }] },
  ),
  ordinary(
    "aws_codedeploy_deployment_group.api",
    { arn: true, ecs_service: [{ service_name: true }] },
    { ecs_service: [{ service_name: ref("aws_ecs_service.api.name") }] },
  ),
  ordinary(
    "aws_cloudwatch_event_bus.main",
    { arn: true, kms_key_identifier: true, description: true },
    { name: is("main") },
  ),
  ordinary(
    "aws_cloudwatch_event_rule.uploads",
    { arn: true, event_pattern: true },
    { event_pattern: ref("aws_s3_bucket.files.id") },
  ),
  ordinary(
    "aws_cloudwatch_event_target.uploads",
    { arn: true, target_id: true, input: true },
    { arn: ref("aws_sqs_queue.jobs.arn"), input: ref("aws_s3_bucket.files.id") },
    { rule: "uploads", ecs_target: [] },
  ),
  ordinary(
    "aws_scheduler_schedule.ping",
    { arn: true, target: [{ arn: true, role_arn: true, input: true }] },
    { target: [{ arn: ref("aws_lambda_function.ping.arn"), input: ref("aws_sqs_queue.jobs.url") }] },
    { schedule_expression: "rate(1 minute)", target: [{ ecs_parameters: [] }] },
  ),
  ordinary("aws_scheduler_schedule_group.main", { arn: true, state: true }, { name: is("main") }),
  ordinary(
    "aws_lambda_function.ping",
    { arn: true, environment: [{ variables: { QUEUE_URL: true } }], source_code_hash: true, version: true },
    {
      environment: [{ variables: ref("aws_sqs_queue.jobs.url") }],
      source_code_hash: ref("data.archive_file.ping.output_base64sha256"),
    },
    { environment: [{ variables: {} }], reserved_concurrent_executions: -1 },
  ),
  ordinary(
    "aws_lambda_permission.ping",
    { function_name: true, source_arn: true, statement_id: true },
    { function_name: ref("aws_lambda_function.ping.function_name"), source_arn: {} },
  ),
  ordinary(
    "aws_lambda_event_source_mapping.ping",
    { arn: true, event_source_arn: true, filter_criteria: [{ filter: [{ pattern: true }] }] },
    { event_source_arn: ref("aws_sqs_queue.jobs.arn"), filter_criteria: [{ filter: [{ pattern: {} }] }] },
  ),
  ordinary(
    "aws_lambda_layer_version.sharp",
    { arn: true, layer_arn: true, source_code_hash: true },
    { source_code_hash: ref("data.archive_file.sharp.output_base64sha256") },
  ),
  ordinary(
    "aws_apigatewayv2_integration.ping",
    { integration_uri: true, request_templates: true },
    { integration_uri: ref("aws_lambda_function.ping.invoke_arn"), request_templates: {} },
  ),
  ordinary(
    "aws_api_gateway_rest_api.main",
    { arn: true, body: true, execution_arn: true },
    { body: ref("aws_lambda_function.ping.invoke_arn") },
  ),
  ordinary("aws_cognito_user_pool.main", { arn: true, lambda_config: [{}] }, { name: is("main") }),
  ordinary("aws_efs_file_system.main", { arn: true, dns_name: true }, { encrypted: is(true) }),
  ordinary(
    "aws_service_discovery_service.api",
    { arn: true, dns_config: [{ namespace_id: true }] },
    { dns_config: [{ namespace_id: ref("aws_service_discovery_private_dns_namespace.main.id") }] },
  ),
  ordinary(
    "aws_apprunner_vpc_connector.main",
    { arn: true, subnets: true, security_groups: true },
    { subnets: ref("aws_subnet.a.id") },
  ),
  ordinary("aws_db_parameter_group.other", { arn: true, parameter: [{ value: true }] }, { parameter: {} }),
  ordinary("aws_rds_cluster_parameter_group.other", { arn: true, parameter: true }, { parameter: {} }),
  ordinary("aws_db_option_group.main", { arn: true, option: true }, { name: is("main") }),
  ordinary("aws_default_vpc.main", { arn: true }, {}),
  ordinary("aws_kms_key.main", { arn: true, key_id: true, policy: true }, {}),
  ordinary("aws_sqs_queue.jobs", { arn: true, url: true }, { name: is("jobs") }),
  ordinary(
    "aws_db_subnet_group.main",
    { arn: true, vpc_id: true },
    { subnet_ids: ref("aws_subnet.a.id", "aws_subnet.a") },
  ),
  ordinary(
    "aws_instance.bastion",
    { arn: true, user_data: true, private_ip: true, subnet_id: true, root_block_device: true },
    { ami: ref("data.aws_ami.x.id", "data.aws_ami.x"), subnet_id: ref("aws_subnet.a.id", "aws_subnet.a") },
  ),
  ordinary(
    "azurerm_virtual_network.main",
    { guid: true, dns_servers: true },
    { address_space: is(["10.0.0.0/16"]) },
  ),
  ordinary(
    "azurerm_private_endpoint.database",
    {
      private_dns_zone_group: true,
      custom_dns_configs: true,
      private_service_connection: [{ private_connection_resource_id: true }],
    },
    {
      private_service_connection: [
        { private_connection_resource_id: ref("azurerm_storage_account.main.id") },
      ],
    },
  ),
  ordinary(
    "azurerm_container_app_environment.main",
    {
      default_domain: true,
      dapr_application_insights_connection_string: true,
      log_analytics_workspace_id: true,
    },
    {
      dapr_application_insights_connection_string: ref("azurerm_application_insights.main.connection_string"),
    },
  ),
  ordinary(
    "azurerm_application_insights.main",
    { connection_string: true, instrumentation_key: true },
    { application_type: is("Node.JS") },
  ),
  ordinary(
    "azurerm_role_assignment.pull",
    { principal_id: true, scope: true },
    { principal_id: ref("azurerm_user_assigned_identity.app.principal_id") },
  ),
  ordinary(
    "azurerm_user_assigned_identity.app",
    { client_id: true, principal_id: true },
    { name: is("app") },
  ),
  ordinary(
    "azurerm_federated_identity_credential.ci",
    { parent_id: true, issuer: true, subject: true },
    { subject: ref("local.subject") },
  ),
  ordinary("azurerm_key_vault_secret.core", { value: true, version: true }, { value: ref("local.core") }),
  ordinary("azurerm_app_configuration_key.core", { value: true }, { value: ref("local.core") }),
  ordinary(
    "azurerm_storage_account.main",
    { primary_access_key: true, primary_connection_string: true },
    { name: is("shop") },
  ),
  ordinary("azurerm_servicebus_queue.jobs", { namespace_id: true }, { name: is("jobs") }),
  ordinary(
    "azurerm_cdn_frontdoor_origin.api",
    { host_name: true, origin_host_header: true },
    { host_name: ref("azurerm_container_app.api.ingress[0].fqdn", "azurerm_container_app.api") },
  ),
  ordinary(
    "azurerm_app_service_custom_hostname_binding.api",
    { virtual_ip: true, app_service_name: true, thumbprint: true },
    { app_service_name: ref("local.app") },
  ),
  ordinary(
    "azurerm_monitor_diagnostic_setting.api",
    { target_resource_id: true, log_analytics_workspace_id: true },
    { target_resource_id: ref("azurerm_container_app.api.id", "azurerm_container_app.api") },
  ),
  ordinary("azuread_application_password.ci", { value: true, key_id: true }, { display_name: is("ci") }),
  ordinary("google_project_service.run", {}, { service: is("run.googleapis.com") }),
  ordinary("google_service_account.api", { email: true, unique_id: true }, { account_id: is("api") }),
  ordinary(
    "google_secret_manager_secret_version.core",
    { name: true, secret_data: true },
    { secret_data: ref("local.core") },
  ),
  ordinary("google_compute_network.main", { self_link: true, gateway_ipv4: true }, { name: is("main") }),
  ordinary("google_compute_global_address.api", { address: true, self_link: true }, { name: is("api") }),
  ordinary(
    "google_cloud_run_v2_service_iam_member.public",
    { etag: true, name: true },
    { name: ref("google_cloud_run_v2_service.api.name") },
  ),
  ordinary(
    "google_artifact_registry_repository.api",
    { name: true, create_time: true },
    { repository_id: is("api") },
  ),
  ordinary("google_storage_bucket.files", { self_link: true, url: true }, { name: is("files") }),
  ordinary(
    "google_monitoring_alert_policy.db",
    { name: true, creation_record: true },
    { conditions: [{ display_name: is("db") }] },
  ),
  ordinary(
    "scaleway_registry_namespace.main",
    { endpoint: true, organization_id: true },
    { name: is("main") },
  ),
  ordinary(
    "scaleway_container_domain.api",
    { url: true, container_id: true },
    { container_id: ref("scaleway_container.api.id", "scaleway_container.api") },
  ),
  ordinary("scaleway_vpc_private_network.main", { ipv4_subnet: true, vpc_id: true }, { name: is("main") }),
  ordinary("scaleway_secret_version.core", { data: true, status: true }, { data: ref("local.core") }),
  ordinary(
    "scaleway_rdb_user.app",
    { password: true, instance_id: true },
    { password: ref("random_password.app.result") },
  ),
  ordinary(
    "scaleway_rdb_privilege.app",
    { instance_id: true },
    { instance_id: ref("scaleway_rdb_instance.main.id") },
  ),
  ordinary("scaleway_object_bucket.files", { endpoint: true }, { name: is("files") }),
  ordinary("scaleway_cockpit_token.app", { secret_key: true, scopes: [{}] }, { name: is("app") }),
  ordinary("random_password.app", { bcrypt_hash: true, result: true }, { length: is(32) }),
  ordinary(
    "tls_private_key.deploy",
    { private_key_pem: true, public_key_openssh: true },
    { algorithm: is("ED25519") },
  ),
  ordinary(
    "cloudflare_dns_record.api",
    { created_on: true, content: true },
    { content: ref("scaleway_container.api.domain_name") },
  ),
  ordinary("sentry_project.api", { project_id: true, features: true }, { name: is("api") }),
  ordinary(
    "kubernetes_namespace.main",
    { metadata: [{ uid: true, resource_version: true }] },
    { metadata: [{ name: is("main") }] },
  ),
  ordinary("kubernetes_secret.core", { data: true }, { data: ref("local.core") }),
  ordinary("kubernetes_config_map.app", { data: true }, { data: {} }),
  ordinary(
    "github_actions_secret.core",
    { created_at: true, plaintext_value: true },
    { plaintext_value: ref("local.core") },
  ),
]

/** The `configuration` of a plan with these resources in its root module. */
export const configurationOf = (
  resources: readonly { readonly address: string; readonly expressions?: Tree }[],
) => ({
  configuration: {
    root_module: {
      resources: resources.map(({ address, expressions = {} }) => {
        const [type = "", name = ""] = address.split(".")
        return { address, mode: "managed", type, name, expressions }
      }),
    },
  },
})
