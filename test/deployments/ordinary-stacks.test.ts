import { describe, expect, test } from "vitest"
import { command } from "../support/command.ts"
import { type Calls, constant, created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import {
  connects,
  ecsCluster,
  ecsContainer,
  ecsService,
  eventSource,
  lambdaFunction,
  rdsInstance,
  ruledTask,
  scalingTarget,
  taskDefinition,
} from "./stacks/aws.ts"
import {
  azureAppService,
  azureContainerApp,
  azureContainerJob,
  azureDatabase,
  azureSurroundings,
} from "./stacks/azure.ts"
import { cloudSql, secretManager } from "./stacks/cloud-sql.ts"
import {
  app,
  bound,
  component,
  computedEnv,
  digitalOceanDatabase,
  digitalOceanSurroundings,
  env,
  service,
  size,
} from "./stacks/digitalocean.ts"
import { frontendParts, vercelVariable } from "./stacks/frontend.ts"
import {
  cloudRunJob,
  cloudRunService,
  cloudScheduler,
  type Env,
  plainEnv,
  secretEnv,
} from "./stacks/google.ts"
import { hiddenApi, kubernetes } from "./stacks/kubernetes.ts"
import {
  scalewayCockpit,
  scalewayContainer,
  scalewayDatabase,
  scalewayJob,
  scalewayNamespace,
  scalewaySecret,
} from "./stacks/scaleway.ts"

/** A stack as its first plan has it: everything is created, and what providers compute is known only after apply. */
interface Stack {
  readonly name: string
  /** With a server of so many connections. */
  readonly resources: (maxConnections: number) => readonly StackResource[]
  readonly calls?: Calls
  /** Whether the plan tells the ceiling; else the server is asked, and a flag says what it answered. */
  readonly hasCeiling: boolean
  /** The same resources, with the variable where nothing can see it. */
  readonly hidden: readonly StackResource[]
}

const SIZE = plainEnv("PRISMA_POOL_SIZE_CORE", "10")
const sized = { NODE_ENV: "production", PRISMA_POOL_SIZE_CORE: "10" }
const api = (more?: Parameters<typeof scalewayContainer>[2]) => scalewayContainer("api", sized, more)
const withoutUrl = { hasUrl: false }

const scaleway: Stack = {
  name: "Scaleway: containers, jobs with schedules, a database, secrets, a registry and Cockpit",
  hasCeiling: true,
  resources: (maxConnections) => [
    ...scalewayDatabase(maxConnections),
    ...scalewayNamespace(),
    ...scalewaySecret(),
    ...scalewayCockpit(),
    api(),
    scalewayContainer("widget", { API_URL: "https://api.example.org" }, withoutUrl),
    scalewayJob("import", "0 3 * * *"),
    scalewayJob("export", "0 4 * * *"),
  ],
  hidden: [api({ environmentIsUnknown: true })],
}

const mounted = {
  template: { volumes: [{ name: "env", secret: [{ secret: "env", items: [{ path: ".env" }] }] }] },
  container: { volume_mounts: [{ name: "env", mount_path: "/app" }] },
}
const cloudRun: Stack = {
  name: "Cloud Run: a service, a job that a scheduler starts, Cloud SQL, secrets, rights and a connector",
  hasCeiling: false,
  resources: () => [
    { address: "data.google_project.project", mode: "data", values: { number: "1", project_id: "project" } },
    ...cloudSql(),
    ...secretManager(),
    cloudRunService({ env: [secretEnv, SIZE] }),
    cloudRunJob([secretEnv, SIZE]),
    cloudScheduler(
      "sync",
      "https://run.googleapis.com/v2/projects/project/locations/europe-west1/jobs/sync:run",
      refersTo("google_cloud_run_v2_job.sync.name"),
    ),
    cloudScheduler("ping", undefined, refersTo("google_cloud_run_v2_service.api.uri")),
    created(
      "google_cloud_run_v2_service_iam_member.public",
      { location: "europe-west1", member: "allUsers", name: "api", role: "roles/run.invoker" },
      { etag: true, project: true },
      { name: refersTo("google_cloud_run_v2_service.api.name") },
    ),
  ],
  hidden: [cloudRunService({ env: [], ...mounted })],
}

const azure: Stack = {
  name: "Azure: Container Apps, a job, App Service that is scaled, a flexible server, a vault, logs and rights",
  hasCeiling: true,
  resources: (maxConnections) => [
    ...azureDatabase(maxConnections),
    ...azureSurroundings(),
    azureContainerApp(),
    azureContainerJob(),
    ...azureAppService(),
  ],
  hidden: [azureContainerApp(true)],
}

/** An API with two instances, a worker that is scaled, a migration, a nightly job, a site and a frontend. */
const shop = (own = [bound, size(10)]) =>
  app(
    {
      service: [
        service("api", own, { instance_count: 2 }),
        service("web", [env("API_URL", `\${${"api.PUBLIC_URL"}}`), env("NODE_ENV", "production")]),
      ],
      worker: [
        service("mails", [bound, size(4)], {
          autoscaling: [{ min_instance_count: 1, max_instance_count: 3, metrics: [] }],
        }),
      ],
      job: [
        component("migrate", [bound, size(1)], { kind: "PRE_DEPLOY", instance_count: 1, schedule: [] }),
        component("nightly", [computedEnv("DATABASE_URL", `${MAIN}.private_uri`), size(3)], {
          kind: "SCHEDULED",
          instance_count: 1,
          schedule: [{ cron: "0 3 * * *", time_zone: "UTC" }],
        }),
      ],
      static_site: [
        component("site", [env("API_URL", `\${${"APP_URL"}}`)], { build_command: "npm run build" }),
      ],
    },
    [env("LOG_LEVEL", "info")],
  )
const MAIN = "digitalocean_database_cluster.main"
const digitalOcean: Stack = {
  name: "DigitalOcean: an app with a worker and jobs, a cluster, a project, a registry, storage and a bastion",
  hasCeiling: true,
  // The smallest has 25, and 1000 have 64 GiB.
  resources: (maxConnections) => [
    ...digitalOceanDatabase(maxConnections > 100 ? "db-s-16vcpu-64gb" : "db-s-1vcpu-1gb"),
    ...digitalOceanSurroundings(),
    shop(),
  ],
  hidden: [
    shop([
      {
        values: { scope: "RUN_AND_BUILD_TIME" },
        unknown: { key: true, value: true, type: true },
        expression: { key: refersTo("random_pet.name.id"), value: refersTo("local.url") },
      },
    ]),
  ],
}

const frontend: Stack = {
  name: "Scaleway containers beside a frontend on Vercel, DNS on Cloudflare and monitors of Datadog",
  hasCeiling: true,
  resources: (maxConnections) => [
    ...scalewayDatabase(maxConnections),
    ...scalewayNamespace(),
    api(),
    ...frontendParts(),
  ],
  hidden: [vercelVariable("DATABASE_URL_CORE")],
}

const worker = (key: string, env: readonly Env[], more: object = {}) =>
  cloudRunService({
    address: `module.worker["${key}"].google_cloud_run_v2_service.this`,
    env,
    isDynamic: true,
    ...more,
  })
/** What a module makes of the list of variables that it is given. */
const passed: Env = {
  value: { name: "DATABASE_URL_CORE", value_source: [] },
  unknown: { value: true, value_source: [] },
  expression: {},
}
const ADDRESS = "google_sql_database_instance.main.private_ip_address"
const modules: Stack = {
  name: "Cloud Run in modules, with secrets of GitHub, alerts, topics and buckets",
  hasCeiling: false,
  calls: {
    api: {
      passed: { environment: refersTo(ADDRESS, "random_password.app.result") },
      returned: { url: refersTo("google_cloud_run_v2_service.this.uri") },
    },
    worker: { passed: { environment: refersTo(ADDRESS, "each.value") } },
  },
  resources: () => [
    ...cloudSql(),
    ...secretManager(),
    cloudRunService({
      address: "module.api.google_cloud_run_v2_service.this",
      env: [passed, SIZE],
      isDynamic: true,
    }),
    cloudScheduler("ping", undefined, refersTo("module.api.url")),
    worker("mails", [passed, SIZE]),
    worker("stats", [passed, SIZE]),
    created(
      "github_actions_secret.core",
      { repository: "api", secret_name: "DATABASE_URL_CORE" },
      { created_at: true, plaintext_value: true, updated_at: true },
      { repository: constant("api"), plaintext_value: refersTo("random_password.app.result") },
    ),
    created(
      "google_monitoring_alert_policy.connections",
      {
        display_name: "Connections",
        combiner: "OR",
        conditions: [
          {
            display_name: "80 %",
            condition_threshold: [{ filter: "resource.type = cloudsql_database", threshold_value: 80 }],
          },
        ],
      },
      {
        creation_record: true,
        name: true,
        project: true,
        notification_channels: [true],
        conditions: [{ name: true, condition_threshold: [{}] }],
      },
      {
        notification_channels: refersTo("google_monitoring_notification_channel.mail.id"),
        combiner: constant("OR"),
      },
    ),
    created(
      "google_pubsub_topic.mails",
      { name: "mails" },
      { effective_labels: true, message_storage_policy: true, project: true, schema_settings: true },
      { name: constant("mails") },
    ),
    created(
      "google_pubsub_subscription.mails",
      { name: "mails", push_config: [{ attributes: null, oidc_token: [{ audience: null }] }] },
      {
        expiration_policy: true,
        project: true,
        topic: true,
        push_config: [{ push_endpoint: true, oidc_token: [{ service_account_email: true }] }],
      },
      {
        topic: refersTo("google_pubsub_topic.mails.id"),
        push_config: [
          {
            push_endpoint: refersTo("module.worker"),
            oidc_token: [{ service_account_email: refersTo("google_service_account.run.email") }],
          },
        ],
      },
    ),
    created(
      "google_storage_bucket.files",
      { name: "files", location: "EU" },
      { effective_labels: true, project: true, self_link: true, url: true, versioning: true },
      { name: constant("files") },
    ),
  ],
  hidden: [worker("mails", [SIZE], { container: { env: null }, unknownContainer: { env: true } })],
}

const migrate = (command: object, values = {}) =>
  created(
    "null_resource.migrate",
    values,
    { triggers: { image: true } },
    { triggers: refersTo("scaleway_container.api.registry_image") },
    { provisioners: [{ type: "local-exec", expressions: { command } }] },
  )
const helpers: Stack = {
  name: "Scaleway with a size from a variable, passwords, keys, waits, and what runs when the image changes",
  hasCeiling: true,
  resources: (maxConnections) => [
    ...scalewayDatabase(maxConnections),
    ...scalewayNamespace(),
    api(),
    migrate(constant("echo deployed")),
    created(
      "tls_private_key.deploy",
      { algorithm: "ED25519", ecdsa_curve: "P224", rsa_bits: 2048 },
      {
        private_key_openssh: true,
        private_key_pem: true,
        private_key_pem_pkcs8: true,
        public_key_fingerprint_md5: true,
        public_key_fingerprint_sha256: true,
        public_key_openssh: true,
        public_key_pem: true,
      },
      { algorithm: constant("ED25519") },
    ),
    created(
      "time_sleep.wait",
      { create_duration: "30s", destroy_duration: null, triggers: {} },
      { triggers: { database: true } },
      { create_duration: constant("30s"), triggers: refersTo("scaleway_rdb_instance.main.id") },
    ),
    created(
      "random_id.suffix",
      { byte_length: 4, keepers: null, prefix: null },
      { b64_std: true, b64_url: true, dec: true, hex: true },
      { byte_length: constant(4) },
    ),
  ],
  hidden: [migrate(refersTo("var.migrate_command"))],
}

const cluster: Stack = {
  name: "Kubernetes: a StatefulSet, a CronJob and a page, with a Secret, an ingress and charts of infrastructure",
  hasCeiling: false,
  resources: kubernetes,
  hidden: [hiddenApi()],
}

const mails = (more: Partial<StackResource> = {}) => ({
  ...lambdaFunction("mails", connects(1), { reserved_concurrent_executions: 5 }),
  ...more,
})
/** What a rule starts that is no task. */
const pingedEachMinute = () => {
  const [rule, target] = ruledTask("ping", "rate(1 minute)", {}, { ecs_target: [] })
  return [rule, target && { ...target, unknown: { id: true, arn: true, target_id: true } }].flatMap(
    (each) => each ?? [],
  )
}
const aws: Stack = {
  name: "AWS: services on Fargate that scale, functions with a queue and a rule, RDS, rights, a balancer and logs",
  hasCeiling: true,
  resources: (maxConnections) => [
    ...rdsInstance(String(maxConnections)),
    ecsCluster(),
    taskDefinition("api", [
      ecsContainer("proxy", {}, { essential: false, image: "public.ecr.aws/aws-observability/aws-otel:1" }),
      ecsContainer("api", connects(10), {
        secrets: [{ name: "SESSION_KEY", valueFrom: "arn:aws:ssm:eu-west-3:1:parameter/session" }],
      }),
    ]),
    ecsService("api", { desired_count: 2 }),
    scalingTarget("api", { max_capacity: 4 }),
    created(
      "aws_appautoscaling_policy.cpu",
      { name: "cpu", policy_type: "TargetTrackingScaling", resource_id: "service/main/api" },
      { alarm_arns: true, arn: true },
      { resource_id: refersTo("aws_appautoscaling_target.api.resource_id") },
    ),
    taskDefinition("web", [ecsContainer("web", { API_URL: "https://api.example.org" })]),
    ecsService("web"),
    mails(),
    eventSource("mails", 5),
    lambdaFunction("ping", { API_URL: "https://api.example.org" }),
    ...pingedEachMinute(),
    created(
      "aws_lambda_permission.ping",
      { action: "lambda:InvokeFunction", principal: "events.amazonaws.com" },
      { function_name: true, source_arn: true, statement_id: true, statement_id_prefix: true },
      {
        function_name: refersTo("aws_lambda_function.ping.function_name"),
        source_arn: refersTo("aws_cloudwatch_event_rule.ping.arn"),
      },
    ),
    created(
      "aws_iam_role.execution",
      { name: "execution" },
      { arn: true, assume_role_policy: true, managed_policy_arns: true, unique_id: true },
      { assume_role_policy: refersTo("data.aws_iam_policy_document.ecs.json") },
    ),
    created(
      "aws_lb_target_group.api",
      { name: "api", port: 3000, protocol: "HTTP", target_type: "ip" },
      { arn: true, arn_suffix: true, vpc_id: true },
      { vpc_id: refersTo("aws_vpc.main.id") },
    ),
    created(
      "aws_secretsmanager_secret_version.core",
      {},
      { arn: true, secret_id: true, secret_string: true, version_id: true },
      {
        secret_id: refersTo("aws_secretsmanager_secret.core.id"),
        secret_string: refersTo("random_password.app.result", "aws_db_instance.core.address"),
      },
    ),
    created(
      "aws_ecr_repository.api",
      { name: "api" },
      { arn: true, registry_id: true, repository_url: true },
    ),
  ],
  hidden: [
    mails({
      unknown: { id: true, arn: true, environment: [{ variables: true }] },
      expressions: { environment: [{ variables: refersTo("local.environment") }] },
    }),
  ],
}

const LARGE = 500
const SMALL = 40

async function check(
  { resources, calls, hasCeiling }: Stack,
  maxConnections: number,
  hidden: readonly StackResource[] = [],
) {
  const replaced = new Map(hidden.map((resource) => [resource.address, resource]))
  const all = resources(maxConnections).map((resource) => replaced.get(resource.address) ?? resource)
  const flags = hasCeiling ? [] : ["--max-connections", String(maxConnections)]
  const files = { "plan.json": firstPlan(all, calls) }
  return await command(["check", "--terraform", "plan.json", ...flags], { files })
}

describe.each([scaleway, cloudRun, azure, digitalOcean, frontend, modules, helpers, aws, cluster])(
  "$name",
  (stack) => {
    test("fits a large server", async () => {
      const { code, out } = await check(stack, LARGE)
      expect(out).not.toContain("Not known")
      expect(code).toBe(0)
    })

    test("does not fit a small one", async () => {
      expect((await check(stack, SMALL)).code).toBe(1)
    })

    test("cannot be told where the variable cannot be seen", async () => {
      expect(stack.hidden.length).toBeGreaterThan(0)
      const { code, out } = await check(stack, LARGE, stack.hidden)
      for (const { address } of stack.hidden) expect(out).toContain(address)
      expect(code).toBe(2)
    })
  },
)
