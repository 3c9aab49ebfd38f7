import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { created, firstPlan, refersTo, type StackResource } from "../support/stack.ts"
import { connecting, sizes, unknownNames } from "./resources.ts"
import { appRunner, autoScaling, connects, eventSource, lambdaFunction, URL } from "./stacks/aws.ts"

const stated: DeploymentOptions = { maxConnections: 1_000 }
const read = (resources: readonly StackResource[], options = stated) =>
  fleetFromTerraform(firstPlan(resources), options)

describe("a function of Lambda", () => {
  const api = "aws_lambda_function.api"
  const own = (more: object = {}) => lambdaFunction("api", connects(1), { ...more })

  test.each([0, 1, 20])(
    "has %i instances if so many are reserved, and twice as many in a deploy",
    (reserved) => {
      const { lowest, highest, unknowns } = read([own({ reserved_concurrent_executions: reserved })])
      const expected = { instances: reserved, surge: reserved, poolSize: 1, poolsPerInstance: 1 }
      expect([lowest.consumers[api], highest.consumers[api]]).toEqual([expected, expected])
      expect(unknowns).toEqual([])
    },
  )

  test.each([-1, null])("has as many as the account allows if none are reserved (%s)", (reserved) => {
    expect(read([own({ reserved_concurrent_executions: reserved })]).unknowns).toMatchObject([
      {
        name: `${api}.reserved_concurrent_executions`,
        problem:
          "is omitted, so as many run at a time as the account allows: 1,000 in each region by default, for all functions together",
        remedy:
          "Set reserved_concurrent_executions to the most that may run at a time, or override instances",
        isUnbounded: true,
      },
    ])
    const override = { [api]: { instances: 50, reason: "the account's quota" } }
    expect(read([own()], { ...stated, override }).unknowns).toEqual([])
  })

  test("has an unknown number if that is known only after apply", () => {
    const { values, unknown, ...rest } = own()
    const { reserved_concurrent_executions: _, ...known } = values ?? {}
    const later = { ...(unknown as object), reserved_concurrent_executions: true }
    expect(unknownNames(read([{ ...rest, values: known, unknown: later }]))).toEqual([
      `${api}.reserved_concurrent_executions`,
    ])
  })

  test("has an unknown number on managed instances", () => {
    const managed = own({ reserved_concurrent_executions: 5, capacity_provider_config: [{}] })
    expect(unknownNames(read([managed]))).toEqual([`${api}.reserved_concurrent_executions`])
  })

  describe("that only event sources invoke", () => {
    test("has as many instances as they start, which is assumed", () => {
      const mails = {
        ...eventSource("api", 3, { function_name: "arn:aws:lambda:eu-west-3:1:function:api:live" }),
        address: "aws_lambda_event_source_mapping.mails",
      }
      const { highest, unknowns, assumptions } = read([own(), eventSource("api", 5), mails])
      expect(highest.consumers[api]?.instances).toBe(8)
      expect(unknowns).toEqual([])
      expect(assumptions).toContainEqual({
        name: `${api}.reserved_concurrent_executions`,
        assumed: "omitted: 8, the maximum_concurrency of its event sources, which alone invoke it",
        remedy: "Set reserved_concurrent_executions, or override instances",
      })
    })

    test("has none while they are off", () => {
      const { highest } = read([own(), eventSource("api", 5, { enabled: false })])
      expect(highest.consumers[api]?.instances).toBe(0)
    })

    test("has as many as are reserved, where that is stated", () => {
      const { highest } = read([own({ reserved_concurrent_executions: 2 }), eventSource("api", 5)])
      expect(highest.consumers[api]?.instances).toBe(2)
    })

    test("has an unknown number if one of them has no maximum", () => {
      expect(unknownNames(read([own(), eventSource("api", null)]))).toHaveLength(1)
    })

    test.each<[type: string, attribute: string, values: object]>([
      ["aws_lambda_permission", "function_name", { statement_id: "gateway" }],
      ["aws_lambda_function_url", "function_name", { authorization_type: "NONE" }],
      ["aws_cloudwatch_event_target", "arn", { rule: "daily" }],
    ])("has an unknown number if %s lets others invoke it too", (type, attribute, values) => {
      const other = created(
        `${type}.api`,
        { ...values },
        { [attribute]: true },
        { [attribute]: refersTo("aws_lambda_function.api.arn") },
      )
      expect(unknownNames(read([own(), eventSource("api", 5), other]))).toEqual([
        `${api}.reserved_concurrent_executions`,
      ])
    })
  })

  test("has the variables of its environment, and what its image's command sets", () => {
    const of = (more: object, variables = {}) =>
      read([lambdaFunction("api", variables, { reserved_concurrent_executions: 1, ...more })])
    expect(sizes(of({}, connects(3)))).toEqual({ [api]: 3 })
    expect(connecting(of({}))).toEqual([])
    expect(connecting(of({ environment: [] }))).toEqual([])
    const image_config = [{ command: ["sh", "-c", "DATABASE_URL_CORE=$(url) node main.js"] }]
    expect(unknownNames(of({ image_config }))).toEqual([`${api}.DATABASE_URL_CORE`])
    const file_system_config = [{ local_mount_path: "/mnt/app" }]
    expect(unknownNames(of({ file_system_config }))).toEqual([`${api}.DATABASE_URL_CORE`])
  })

  test("has a variable whose value is known only after apply", () => {
    const { values, unknown, ...rest } = lambdaFunction(
      "api",
      { PRISMA_POOL_SIZE_CORE: "2" },
      { reserved_concurrent_executions: 4 },
    )
    const later = { ...(unknown as object), environment: [{ variables: { DATABASE_URL_CORE: true } }] }
    const expressions = { environment: [{ variables: refersTo("aws_db_instance.core.address") }] }
    const fleet = read([{ ...rest, ...(values && { values }), unknown: later, expressions }])
    expect(sizes(fleet)).toEqual({ [api]: 2 })
  })
})

describe("a service of App Runner", () => {
  const api = "aws_apprunner_service.api"
  const unknown = { auto_scaling_configuration_arn: true }

  test.each<[size: number | null, instances: number]>([
    [1, 1],
    [7, 7],
    [null, 25],
  ])("with max_size %s has %i instances, and twice as many in a deploy", (size, instances) => {
    const { highest, unknowns, assumptions } = read([appRunner(connects(2), {}, unknown), autoScaling(size)])
    expect(highest.consumers[api]).toMatchObject({ instances, surge: instances, poolSize: 2 })
    expect(unknowns).toEqual([])
    expect(assumptions.map(({ name }) => name)).toEqual(
      size === null ? [`${api}.max_size`, "surge"] : ["surge"],
    )
  })

  test("without a configuration has 25, and that is named", () => {
    const { highest, assumptions } = read([appRunner(connects(2))])
    expect(highest.consumers[api]).toMatchObject({ instances: 25, surge: 25 })
    expect(assumptions[0]).toMatchObject({ name: `${api}.auto_scaling_configuration_arn` })
  })

  test("with a configuration that is in no document has an unknown number", () => {
    const elsewhere = { auto_scaling_configuration_arn: "arn:aws:apprunner:eu-west-3:1:autoscaling/x/1/y" }
    expect(unknownNames(read([appRunner(connects(2), elsewhere)]))).toEqual([
      `${api}.auto_scaling_configuration_arn`,
    ])
  })

  const sourced = (source: object) => appRunner({}, { source_configuration: [{ ...source }] }, unknown)

  test("has secrets, and what its start command sets", () => {
    const image = (configuration: object) =>
      read([sourced({ image_repository: [{ image_configuration: [configuration] }] }), autoScaling(1)])
    const secrets = {
      runtime_environment_secrets: { DATABASE_URL_CORE: "arn:aws:ssm:eu-west-3:1:parameter/x" },
    }
    expect(image(secrets).unknowns).toMatchObject([
      { problem: "is a reference to a secret, and may have a connection_limit in it" },
    ])
    expect(image({ start_command: "env DATABASE_URL_CORE=$(url) node main.js" }).unknowns).toMatchObject([
      { problem: "is set in its command, and may have a connection_limit in it" },
    ])
    expect(connecting(image({ runtime_environment_variables: { PORT: "80" } }))).toEqual([])
  })

  test("from a repository may have its variables there", () => {
    const code = (configuration_source: string, variables: object) =>
      read([
        sourced({
          code_repository: [
            {
              code_configuration: [
                {
                  configuration_source,
                  code_configuration_values: [{ runtime_environment_variables: variables }],
                },
              ],
            },
          ],
        }),
        autoScaling(1),
      ])
    expect(sizes(code("API", { DATABASE_URL_CORE: URL, PRISMA_POOL_SIZE_CORE: "3" }))).toEqual({ [api]: 3 })
    expect(connecting(code("API", {}))).toEqual([])
    expect(code("REPOSITORY", {}).unknowns).toMatchObject([
      { problem: "may be set: its environment is in apprunner.yaml of its repository" },
    ])
  })
})
