import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, connecting, server } from "./resources.ts"

type Values = Readonly<Record<string, unknown>>

const read = (address: string, values: Values, more: Partial<PlannedResource> = {}) =>
  fleetFromTerraform(plan([server("main"), { address, values, ...more }]))

const ELSEWHERE = "postgresql://app@elsewhere.example.org/core"

const definitions = (name: string, value = CORE) =>
  JSON.stringify([{ name: "api", environment: [{ name, value }], secrets: [] }])

describe("a resource of another type that has the variable is unknown, and no sum can be told:", () => {
  test.each<[address: string, values: Values]>([
    ["aws_codebuild_project.api", { environment: [{ variables: { DATABASE_URL_CORE: CORE } }] }],
    ["aws_batch_job_definition.api", { container_definitions: definitions("DATABASE_URL_CORE") }],
    [
      "aws_batch_job_definition.api",
      {
        container_definitions:
          '[{"secrets":[{"name":"DATABASE_URL_CORE","valueFrom":"arn:aws:ssm:eu-west-3:1:parameter/x"}]}]',
      },
    ],
    ["vercel_project_environment_variable.core", { key: "DATABASE_URL_CORE", value: CORE }],
    ["heroku_config.core", { sensitive_vars: { DATABASE_URL_CORE: CORE } }],
    ["aws_instance.run", { user_data: "docker run -e DATABASE_URL_CORE app" }],
    ["aws_launch_template.web", { user_data: Buffer.from("export DATABASE_URL_CORE=x").toString("base64") }],
    [
      "aws_batch_job_definition.escaped",
      { container_definitions: '[{"environment":[{"name":"DATABASE_URL\\u005fCORE","value":"x"}]}]' },
    ],
    [
      "aws_batch_job_definition.lines",
      { container_definitions: '[{"command":["sh","-c","set -e\\nDATABASE_URL_CORE=x node"]}]' },
    ],
    ["aws_instance.glued", { user_data: "docker run -eDATABASE_URL_CORE=x app" }],
    [
      "aws_instance.twice",
      { user_data: btoa(`content: ${btoa("#!/bin/sh\nexport DATABASE_URL_CORE=x; node worker.js")}`) },
    ],
    [
      "aws_instance.wide",
      {
        user_data: Buffer.from("$env:DATABASE_URL_CORE = 'x'; node worker.js", "utf16le").toString("base64"),
      },
    ],
    ["scaleway_function_namespace.main", { environment_variables: { DATABASE_URL_CORE: CORE } }],
    [
      "azurerm_container_registry_task.job",
      { encoded_step: [{ task_content: btoa("run: -e DATABASE_URL_CORE node x") }] },
    ],
    ["kubernetes_job_set.lower", { spec: [{ env: [{ name: "database_url_core" }] }] }],
    ["kubernetes_annotations.unquoted", { template_annotations: { run: "- name: DATABASE_URL_CORE\n" } }],
    ["scaleway_function.api", { secret_environment_variables: { DATABASE_URL_CORE: CORE } }],
    ["scaleway_instance_server.api", { user_data: { "cloud-init": `export DATABASE_URL_CORE=${CORE}` } }],
    ["aws_instance.api", { user_data: `#!/bin/sh\nexport DATABASE_URL_CORE=${CORE}\n` }],
    [
      "google_cloudfunctions2_function.api",
      { service_config: [{ environment_variables: { DATABASE_URL_CORE: CORE } }] },
    ],
    ["docker_container.api", { env: [`DATABASE_URL_CORE=${CORE}`] }],
  ])("%s", (address, values) => {
    const fleet = read(address, values)
    expect(connecting(fleet)).toEqual([])
    expect(fleet.unknowns).toMatchObject([
      {
        name: address,
        problem: `has DATABASE_URL_CORE, and resources of type ${address.split(".")[0]} are not read`,
        between: "0 or any number of connections",
        isUnbounded: true,
        remedy:
          "Count it by hand: add --consumer NAME=INSTANCESxSIZE and --exclude 'ADDRESS=counted by hand', or declare both",
      },
    ])
  })

  test("with a value that is known only after apply", () => {
    const unknown = { environment: [{ variables: { DATABASE_URL_CORE: true } }] }
    const fleet = read("aws_codebuild_project.api", { environment: [{ variables: {} }] }, { unknown })
    expect(fleet.unknowns).toMatchObject([{ name: "aws_codebuild_project.api", isUnbounded: true }])
  })

  test.each<[address: string, unknown: Values]>([
    ["aws_codebuild_project.api", { environment: [{ variables: true }] }],
    ["aws_batch_job_definition.api", { container_definitions: true }],
    ["scaleway_function.api", { environment_variables: true }],
    ["azurerm_app_service.api", { app_settings: true }],
    ["aws_elastic_beanstalk_environment.api", { setting: true }],
    ["kubernetes_manifest.api", { manifest: true }],
    ["kubectl_manifest.api", { yaml_body: true }],
    ["nomad_job.api", { jobspec: true }],
  ])("%s, where all of the environment is known only after apply", (address, unknown) => {
    const [found] = read(address, {}, { unknown }).unknowns
    expect(found).toMatchObject({ name: address, isUnbounded: true })
    expect(found?.problem).toMatch(/^may have DATABASE_URL_CORE, and/)
  })
})

test.each<[address: string, values: Values]>([
  [
    "kubernetes_deployment.api",
    { spec: [{ container: [{ env_from: [{ secret_ref: [{ name: "env" }] }] }] }] },
  ],
  [
    "aws_batch_job_definition.api",
    { container_definitions: '[{"environmentFiles":[{"value":"arn:aws:s3:::x"}]}]' },
  ],
  ["kubectl_manifest.from", { yaml_body: "spec:\n  envFrom:\n  - secretRef: {name: env}\n" }],
  ["aws_instance.file", { user_data: "docker run --env-file /etc/app.env app" }],
  ["aws_instance.api", { user_data_base64: "H4sIAAAAAAAAA0vOSSxJVbJSSkosUtJRSkksSQQA" }],
])("%s, whose environment stands elsewhere, may have it", (address, values) => {
  expect(read(address, values).unknowns).toMatchObject([
    { name: address, problem: expect.stringMatching(/^may have DATABASE_URL_CORE, and/), isUnbounded: true },
  ])
})

describe("the code of a resource is read as well:", () => {
  const block = { address: "null_resource.run", mode: "managed", type: "null_resource", name: "run" }
  const unknowns = (code: object) => {
    const configuration = { root_module: { resources: [{ ...block, ...code }] } }
    return fleetFromTerraform(
      plan([server("main"), { address: block.address, values: {} }], { configuration }),
    ).unknowns
  }

  test.each<[what: string, code: object]>([
    [
      "a provisioner that sets the variable",
      {
        provisioners: [
          {
            type: "local-exec",
            expressions: { command: { constant_value: "DATABASE_URL_CORE=x node w.js" } },
          },
        ],
      },
    ],
    [
      "one that runs what cannot be seen",
      { provisioners: [{ type: "remote-exec", expressions: { inline: { references: ["var.commands"] } } }] },
    ],
    [
      "a script of which a plan has the hash",
      { expressions: { user_data: { constant_value: "export DATABASE_URL_CORE=x" } } },
    ],
  ])("%s", (_, code) => {
    expect(unknowns(code)).toMatchObject([{ name: "null_resource.run", isUnbounded: true }])
  })

  test("but not one that does something else", () => {
    const command = { constant_value: "aws eks update-kubeconfig" }
    expect(unknowns({ provisioners: [{ type: "local-exec", expressions: { command } }] })).toEqual([])
  })
})

test("a value of CI is assumed to open nothing", () => {
  const fleet = read("github_actions_secret.core", { secret_name: "DATABASE_URL_CORE" })
  expect(fleet.unknowns).toEqual([])
  expect(fleet.assumptions).toMatchObject([{ name: "github_actions_secret.core" }])
})

describe("what is known only after apply counts where somebody wrote text there:", () => {
  const configured = (expressions: object) => ({
    configuration: {
      root_module: {
        resources: [
          { address: "aws_instance.web", mode: "managed", type: "aws_instance", name: "web", expressions },
        ],
        module_calls: {
          api: {
            expressions: { ping: { references: ["module.api.loop", "module.api"] } },
            module: {
              outputs: {
                url: {
                  expression: {
                    references: ["google_cloud_run_v2_service.a.uri", "google_cloud_run_v2_service.a"],
                  },
                },
                database: { expression: { references: ["neon_project.m.connection_uri", "neon_project.m"] } },
                loop: { expression: { references: ["var.ping"] } },
              },
            },
          },
          net: { expressions: { subnet: { references: ["aws_subnet.a.id", "aws_subnet.a"] } } },
        },
      },
    },
  })
  const unknowns = (unknown: Values, expressions: object) =>
    fleetFromTerraform(
      plan([server("main"), { address: "aws_instance.web", values: {}, unknown }], configured(expressions)),
    ).unknowns.flatMap(({ name, isUnbounded }) => (isUnbounded ? [name] : []))

  test.each<[what: string, unknown: Values, expressions: object]>([
    [
      "a text that is made of names",
      { container_definitions: true },
      {
        container_definitions: {
          references: ["aws_secretsmanager_secret.core.arn", "aws_secretsmanager_secret.core"],
        },
      },
    ],
    [
      "what another resource gives",
      { endpoint: true },
      { endpoint: { references: ["neon_project.m.connection_uri"] } },
    ],
    [
      "what is called a name, of a module",
      { flags: true },
      { flags: { references: ["module.x.env_by_name"] } },
    ],
    [
      "what a module returns",
      { target: true },
      { target: { references: ["module.api.database", "module.api"] } },
    ],
    [
      "what leads back to itself",
      { target: true },
      { target: { references: ["module.api.loop", "module.api"] } },
    ],
    ["blocks whose number is not known", { env: true }, {}],
    ["an attribute with references", { user_data: true }, { user_data: { references: ["local.script"] } }],
    ["one that a function of literals made", { user_data: true }, { user_data: {} }],
    ["one in a block", { env: [{ value: true }] }, { env: [{ value: { references: ["var.url"] } }] }],
    ["one in a dynamic block", { env: [{ value: true }] }, {}],
  ])("%s", (_, unknown, expressions) => {
    expect(unknowns(unknown, expressions)).toEqual(["aws_instance.web"])
  })

  test.each<[what: string, unknown: Values, expressions: object]>([
    ["what the provider computes", { id: true, arn: true, user_data: true, tags_all: true }, {}],
    [
      "what another resource is called",
      { subnet_id: true, ami: true },
      {
        subnet_id: { references: ["aws_subnet.a.id", "aws_subnet.a"] },
        ami: { references: ["data.aws_ami.x.id"] },
      },
    ],
    [
      "where a service is, from a module too",
      { http_target: [{ uri: true }], target: true },
      {
        http_target: [
          { uri: { references: ["google_cloud_run_v2_service.a.uri", "google_cloud_run_v2_service.a"] } },
        ],
        target: { references: ["module.api.url", "module.api"] },
      },
    ],
    [
      "what is a name by its own name, whatever it is made of",
      { subnets: true, vpc_config: [{ subnet_ids: true }], security_groups: true },
      {
        subnets: { references: ["module.vpc.private_subnets", "module.vpc"] },
        vpc_config: [{ subnet_ids: { references: ["aws_subnet.private"] } }],
        security_groups: { references: ["local.groups"] },
      },
    ],
    [
      "the account that it runs as",
      { oidc_token: [{ service_account_email: true }] },
      { oidc_token: [{ service_account_email: { references: ["google_service_account.run.email"] } }] },
    ],
    [
      "the value of another variable",
      { environment: [{ variables: { QUEUE_URL: true } }] },
      { environment: [{ variables: { references: ["aws_sqs_queue.q.url"] } }] },
    ],
    ["when to do it again", { triggers: true, tags: { At: true } }, { triggers: {}, tags: {} }],
    [
      "what the provider computes beside literals",
      { settings: [{ key: false, branch: true }], source: { production_branch: true } },
      { settings: { constant_value: [{ key: "A" }] }, source: { constant_value: { repo: "x/web" } } },
    ],
    [
      "what the provider computes in a block",
      { network_interface: [{ access_config: [{ nat_ip: true }], network_ip: true }] },
      { network_interface: [{ access_config: [{}], network: { constant_value: "default" } }] },
    ],
  ])("and not %s", (_, unknown, expressions) => {
    expect(unknowns(unknown, expressions)).toEqual([])
  })
})

describe("it is none of that to", () => {
  test.each<[what: string, address: string, values: Values, unknown?: Values]>([
    ["be called like the variable", "scaleway_secret.core", { name: "DATABASE_URL_CORE" }],
    ["have it in a path", "aws_ssm_parameter.core", { name: "/production/DATABASE_URL_CORE", value: CORE }],
    ["have it in an ARN", "aws_iam_policy.core", { arn: "arn:aws:ssm:eu:1:parameter/DATABASE_URL_CORE" }],
    [
      "speak of it",
      "scaleway_registry_namespace.core",
      { description: "The one whose DATABASE_URL_CORE is known" },
    ],
    [
      "have a variable whose name is longer",
      "aws_codebuild_project.api",
      { environment: [{ variables: { OLD_DATABASE_URL_CORE: ELSEWHERE } }] },
    ],
    [
      "have other definitions",
      "aws_batch_job_definition.api",
      { container_definitions: definitions("SHOP_URL", ELSEWHERE) },
    ],
    [
      "know its own id only after apply",
      "aws_codebuild_project.api",
      {},
      { id: true, arn: true, environment: [{}] },
    ],
    [
      "be a PostgreSQL server",
      "scaleway_rdb_instance.other",
      { tags: ["DATABASE_URL_CORE"], engine: "MySQL-8" },
    ],
    ["be a secret of a cluster", "kubernetes_secret.core", { data: { DATABASE_URL_CORE: CORE } }],
    ["be a map of one", "kubernetes_config_map_v1.core", { data: { DATABASE_URL_CORE: CORE } }],
    ["be a secret's value", "vault_kv_secret_v2.core", { data_json: `{"DATABASE_URL_CORE":"${CORE}"}` }],
    ["be a namespace of other variables", "scaleway_container_namespace.main", { environment_variables: {} }],
  ])("%s", (_, address, values, unknown = {}) => {
    expect(read(address, values, { unknown }).unknowns).toEqual([])
  })

  test("be excluded, with a reason", () => {
    const lambda = {
      address: "aws_codebuild_project.api",
      values: { environment: [{ variables: { DATABASE_URL_CORE: CORE } }] },
    }
    const exclude = { "aws_codebuild_project.api": "declared as a consumer" }
    const fleet = fleetFromTerraform(plan([server("main"), lambda]), { exclude })
    expect(fleet.unknowns).toEqual([])
    expect(fleet.excluded).toHaveLength(1)
  })

  test("be deleted: what it opens until then is not counted, which is a warning", () => {
    const before = { environment: [{ variables: { DATABASE_URL_CORE: CORE } }] }
    const fleet = fleetFromTerraform(
      plan([server("main"), { address: "aws_codebuild_project.api", before, actions: ["delete"] }]),
    )
    expect(fleet.unknowns).toEqual([])
    expect(fleet.warnings).toEqual([
      "aws_codebuild_project.api: has DATABASE_URL_CORE, and its connections until it is deleted are not counted",
    ])
  })
})

test("a namespace that has the variable for containers in another plan", () => {
  const values = { id: "1", environment_variables: { DATABASE_URL_CORE: CORE } }
  const fleet = read("scaleway_container_namespace.main", values)
  expect(fleet.unknowns).toMatchObject([
    {
      name: "scaleway_container_namespace.main",
      problem: "has DATABASE_URL_CORE for its containers, and none of them is counted",
      between: "0 or any number of connections",
      isUnbounded: true,
      remedy: "Also give the plan that has its containers, or exclude it with a reason",
    },
  ])
})

test("every variable that is asked for is looked for", () => {
  const lambda = {
    address: "aws_codebuild_project.api",
    values: { environment: [{ variables: { DATABASE_URL: CORE } }] },
  }
  const fleet = fleetFromTerraform(plan([server("main"), lambda]), {
    keys: ["DATABASE_URL_CORE", "DATABASE_URL"],
  })
  expect(fleet.unknowns[0]?.problem).toMatch(/^has DATABASE_URL, and/)
})

test("an attribute may be as deep as it likes", () => {
  let deep: unknown = { DATABASE_URL_CORE: CORE }
  for (let depth = 0; depth < 200_000; depth++) deep = [deep]
  expect(read("aws_codebuild_project.api", { environment: deep }).unknowns).toHaveLength(1)
})
