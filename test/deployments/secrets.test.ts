import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { PoolConfigError } from "../../src/error.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { runs } from "../support/properties.ts"
import { type PlannedResource, plan, state } from "../support/terraform-plan.ts"
import { production, SECRET } from "./production.ts"

const MARK = "hunter2"

/** What a plan may be printed of: everything else of a generated plan has the mark in it. */
const secret = fc.string({ unit: "grapheme", maxLength: 12 }).map((text) => `${MARK}${text}`)
const url = fc
  .tuple(secret, fc.constantFrom("", "?connection_limit=7", "?schema=core&pool_timeout=5", "?pool_timeout=x"))
  .map(
    ([password, query]) =>
      `postgresql://${MARK}:${encodeURIComponent(password)}@${MARK}.example.org/${MARK}${query}`,
  )
const number = fc.integer({ min: 1, max: 50 }).map(String)

/** A variable of the database, or another one, with a good value or with a secret in its place. */
const variable = fc.oneof(
  fc.tuple(fc.constantFrom("DATABASE_URL_CORE", "DATABASE_URL_ANALYTICS"), fc.oneof(url, secret)),
  fc.tuple(
    fc.constantFrom(
      "PRISMA_POOL_SIZE_CORE",
      "PRISMA_POOL_TIMEOUT",
      "PRISMA_MAX_CONNECTIONS",
      "PRISMA_APPLICATION_NAME",
    ),
    fc.oneof({ weight: 6, arbitrary: number }, secret, url),
  ),
  fc.tuple(secret, secret),
)
const variables = fc.array(variable, { maxLength: 5 }).map((entries) => Object.fromEntries(entries))

const unknown = fc.option(
  fc.constantFrom(true, { DATABASE_URL_CORE: true }, { PRISMA_POOL_SIZE_CORE: true }),
  {
    nil: undefined,
    freq: 4,
  },
)

const container = fc
  .record({ environment: variables, secrets: variables, unknown, name: secret, number: fc.nat({ max: 5 }) })
  .map(
    ({ environment, secrets, unknown, name, number }): Omit<PlannedResource, "address"> => ({
      values: {
        name,
        max_scale: number,
        description: name,
        environment_variables: environment,
        secret_environment_variables: secrets,
        registry_image: name,
      },
      ...(unknown === undefined ? {} : { unknown: { environment_variables: unknown } }),
    }),
  )

const job = fc
  .record({
    env: variables,
    command: secret,
    schedule: fc.constantFrom("0 3 * * *", "*/5 * * * *", "0 0 1 * 1"),
  })
  .map(
    ({ env, command, schedule }): Omit<PlannedResource, "address"> => ({
      values: {
        name: command,
        command,
        env,
        timeout: "45m",
        cron: [{ schedule, timezone: "Europe/Paris" }],
        secret_reference: [
          { secret_id: command, secret_version: command, file: command, environment: command },
        ],
      },
    }),
  )

const server = fc.record({ password: secret, setting: fc.oneof(number, secret) }).map(
  ({ password, setting }): Omit<PlannedResource, "address"> => ({
    values: {
      engine: "PostgreSQL-15",
      node_type: `${password} not a node type`,
      user_name: password,
      password,
      settings: { max_connections: setting, [password]: password },
    },
  }),
)

const foreign = variables.map(
  (environment): Omit<PlannedResource, "address"> => ({
    values: {
      environment: [{ variables: environment }],
      user_data: JSON.stringify(environment),
      [MARK]: MARK,
    },
  }),
)

const cloudRun = fc.tuple(variables, secret).map(
  ([environment, image]): Omit<PlannedResource, "address"> => ({
    values: {
      location: image,
      template: [
        {
          scaling: [{ max_instance_count: 3 }],
          containers: [{ image, env: Object.entries(environment).map(([name, value]) => ({ name, value })) }],
        },
      ],
    },
  }),
)

const ecs = fc.tuple(variables, secret).map(
  ([environment, text]): Omit<PlannedResource, "address"> => ({
    values: {
      family: text,
      container_definitions: JSON.stringify([
        {
          name: text,
          command: [text],
          environment: Object.entries(environment).map(([name, value]) => ({ name, value })),
          secrets: [{ name: text, valueFrom: text }],
        },
      ]),
    },
  }),
)

const rds = secret.map(
  (text): Omit<PlannedResource, "address"> => ({
    values: { engine: "postgres", password: text, instance_class: text, identifier: text, address: text },
  }),
)

const lambda = fc.tuple(variables, secret).map(
  ([environment, text]): Omit<PlannedResource, "address"> => ({
    values: {
      function_name: text,
      environment: [{ variables: environment }],
      reserved_concurrent_executions: 2,
    },
  }),
)

const schedule = fc.tuple(secret, secret).map(
  ([text, input]): Omit<PlannedResource, "address"> => ({
    values: {
      name: text,
      schedule_expression: "rate(1 hour)",
      target: [{ input, ecs_parameters: [{ task_definition_arn: text }] }],
    },
  }),
)

const kinds = {
  aws_ecs_task_definition: ecs,
  aws_ecs_service: rds,
  aws_db_instance: rds,
  aws_lambda_function: lambda,
  aws_scheduler_schedule: schedule,
  scaleway_container: container,
  scaleway_container_namespace: container,
  scaleway_job_definition: job,
  scaleway_rdb_instance: server,
  aws_codebuild_project: foreign,
  google_cloud_run_v2_service: cloudRun,
}

const resources = fc.array(
  fc
    .constantFrom(...(Object.keys(kinds) as (keyof typeof kinds)[]))
    .chain((type) => kinds[type].map((resource) => ({ type, resource })))
    .chain(({ type, resource }) =>
      fc
        .constantFrom<Partial<PlannedResource>>(
          {},
          { before: resource.values ?? {} },
          { before: { ...resource.values, environment_variables: { DATABASE_URL_CORE: MARK } } },
          { before: resource.values ?? {}, actions: ["delete", "create"] },
        )
        .map((change) => ({ type, resource: { ...resource, ...change } })),
    ),
  { maxLength: 6 },
)

const documents = fc.tuple(resources, secret, fc.boolean()).map(([list, text, isState]) => {
  const all = list.map(({ type, resource }, index) => ({ ...resource, address: `${type}.r${index}` }))
  return isState
    ? state(all)
    : plan(all, {
        variables: { password: { value: text } },
        output_changes: { url: { after: text } },
        configuration: { root_module: { variables: { x: { default: text } } } },
      })
})

/** Everything that may be printed: what comes back, and what is thrown. */
function said(json: unknown): string {
  try {
    const fleet = fleetFromTerraform(json)
    return JSON.stringify([fleet, checkFleet({ maxConnections: 1_000, ...fleet.highest })])
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return `${error.stack} ${JSON.stringify(error.issues)}`
  }
}

test("nothing of a plan is said but addresses, counts, schedules, timeouts and whole numbers", () => {
  let fleets = 0
  fc.assert(
    fc.property(documents, (json) => {
      const text = said(json)
      if (text.startsWith("[")) fleets++
      expect(text.toLowerCase()).not.toContain(MARK)
    }),
    runs(300),
  )
  expect(fleets).toBeGreaterThan(50)
})

test("nor of one whose shape is broken anywhere", () => {
  fc.assert(
    fc.property(documents, fc.nat(), (json, place) => {
      const text = JSON.stringify(json)
      const brackets = [
        ...text.matchAll(/"(?:values|change|cron|settings|environment_variables|env|template)":[{[]/g),
      ]
      const at = brackets[place % Math.max(1, brackets.length)]
      if (at === undefined) return
      const { key = "" } = /"(?<key>\w+)":/.exec(at[0])?.groups ?? {}
      const broken = JSON.parse(text, (name, value) =>
        name === key ? `${MARK} ${JSON.stringify(value)}` : value,
      )
      expect(said(broken).toLowerCase()).not.toContain(MARK)
    }),
    runs(300),
  )
})

describe("the secrets of the production fleet", () => {
  test("are in the plan, and nowhere else", () => {
    const json = production()
    expect(JSON.stringify(json)).toContain(encodeURIComponent(SECRET))
    const text = said(json)
    for (const secret of [SECRET, encodeURIComponent(SECRET), "s3cr3t", "10.0.0.4", "api.example.org"]) {
      expect(text).not.toContain(secret)
    }
  })
})
