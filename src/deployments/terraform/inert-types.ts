// Resource types that open no connections, although their attributes may hold a URL. A type that no list has may run
// something.

/** Types that store values for other resources, whose own environments show which ones they read. */
const STORES = [
  /^aws_(secretsmanager_secret|ssm_parameter)(_|$)/,
  /^azurerm_(key_vault|app_configuration)(_|$)/,
  /^google_secret_manager_/,
  /^scaleway_secret(_version)?$/,
  /^(vault|random|tls|time|onepassword|infisical|doppler_secret)(_|$)/,
  /^kubernetes_(secret|config_map)(_v1)?(_data)?$/,
]

/** Types for rights, names, networks, storage, certificates, images and monitoring: no user code runs in them. */
const INERT = [
  /^aws_(acm|acmpca|cloudtrail|cloudwatch_(log|metric|dashboard|composite_alarm|event_(rule|bus|permission|archive|connection|api_destination))|config|dynamodb|ecr|ecrpublic|eip|iam|internet_gateway|egress_only_internet_gateway|kms|lb|alb|elb|nat_gateway|network|route|route53|route_table|main_route_table_association|s3|security_group|sns|sqs|subnet|vpc|flow_log|wafv2|cloudfront|elasticache|opensearch|backup|budgets|guardduty|default)(_|$)/,
  /^aws_(db|rds|docdb|redshift|efs|kinesis|cognito|ses|sesv2|service_discovery|resourcegroups|xray|api_gateway|apigatewayv2)_/,
  /^aws_(appautoscaling_(target|policy|scheduled_action)|codedeploy_(app|deployment_group|deployment_config)|ecs_(cluster|cluster_capacity_providers|capacity_provider|account_setting_default|tag)|scheduler_schedule_group)$/,
  /^aws_apprunner_(auto_scaling_configuration_version|connection|custom_domain_association|default_auto_scaling_configuration_version|observability_configuration|vpc_connector|vpc_ingress_connection)$/,
  /^aws_lambda_(alias|code_signing_config|event_source_mapping|function_event_invoke_config|function_recursion_config|function_url|layer_version|layer_version_permission|permission|provisioned_concurrency_config|runtime_management_config)$/,
  /^azurerm_(application_insights|dns|log_analytics|management|monitor|network|private_dns|private_endpoint|public_ip|resource_group|role|storage|subnet|user_assigned_identity|virtual_network|postgresql|redis)(_|$)/,
  /^azurerm_(application_gateway|bastion|cdn|cognitive|communication|consumption_budget|cosmosdb|data_protection|disk|eventgrid|eventhub|federated_identity_credential|firewall|frontdoor|lb|managed_redis|mssql|mysql|nat_gateway|policy|portal_dashboard|recovery_services|resource_provider|route|search_service|servicebus|signalr|web_pubsub)(_|$)/,
  /^azurerm_(container_app_(custom_domain|environment|environment_(certificate|custom_domain|managed_certificate|storage))|container_registry_(scope_map|token|token_password|webhook)|app_service_(certificate|certificate_binding|custom_hostname_binding|managed_certificate|public_certificate|virtual_network_swift_connection|slot_virtual_network_swift_connection))$/,
  /^azuread_/,
  /^(azurerm_container_registry|github_repository|aws_key_pair|docker_image|hcloud_ssh_key)$/,
  /^google_(artifact_registry|compute_(address|firewall|global_address|network|router|route|subnetwork|ssl_certificate|url_map|target|backend|forwarding_rule|global_forwarding_rule|region_network_endpoint_group|security_policy|managed_ssl_certificate)|dns|kms|logging|monitoring|project|pubsub|redis|service_account|service_networking|sql|storage|vpc_access|iap|cloud_run_(v2_)?(service|job)_iam|cloud_run_domain)(_|$)/,
  /^scaleway_(account|cockpit|container_(domain|token)|domain|function_(domain|token)|iam|instance_(ip|security_group|volume|placement_group|private_nic)|ipam|lb|mnq|object|rdb|redis|registry|sdb|tem|vpc|block|mongodb)(_|$)/,
  /^digitalocean_(byoip_prefix|cdn|certificate|container_registry|custom_image|database_(?!online_migration)\w+|domain|droplet_snapshot|firewall|floating_ip|kubernetes|loadbalancer|monitor_alert|nfs|partner|project|record|reserved_ip|reserved_ipv6|spaces|ssh_key|tag|uptime|volume|vpc)(_|$)/,
  /^(cloudflare_(dns_record|record|zone|ruleset|page_rule|r2_bucket|load_balancer|zero_trust_tunnel)|datadog|grafana|sentry|pagerduty|newrelic|betteruptime|dnsimple|okta|local|postgresql|github_(branch|team|membership)|kubernetes_(namespace|service|ingress|service_account|default_service_account|api_service|certificate_signing_request|csi_driver|endpoints|endpoint_slice|ingress_class|labels|mutating_webhook_configuration|node_taint|pod_security_policy|priority_class|runtime_class|token_request|validating_admission_policy|validating_webhook_configuration|role|cluster_role|role_binding|cluster_role_binding|network_policy|persistent_volume|persistent_volume_claim|storage_class|horizontal_pod_autoscaler|pod_disruption_budget|resource_quota|limit_range))(_|$)/,
]

/** Types whose values reach CI jobs, which no plan shows. */
const CI_SECRETS =
  /^(github_(actions|codespaces|dependabot)_(organization_|environment_)?(secret|variable)|gitlab_(project|group|instance)_variable|circleci_(context_)?environment_variable|buildkite_cluster_secret)$/

/** True if no resource of a type opens a connection because of its attributes. */
export const connectsNothing = (type: string): boolean =>
  [...STORES, ...INERT].some((pattern) => pattern.test(type))

/** True for a type that runs its code once, when it is applied. */
export const runsOnce = (type: string): boolean => /^(null_resource|terraform_data)$/.test(type)

export const isCiSecret = (type: string): boolean => CI_SECRETS.test(type)
