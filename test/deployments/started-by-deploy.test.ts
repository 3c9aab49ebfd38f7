import { describe, expect, test } from "vitest"
import { type DeploymentOptions, fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet, sizeFleet } from "../../src/sizing/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CORE, connecting, consumer, job, namespace, reading, server, unknownNames } from "./resources.ts"

const sync = "scaleway_job_definition.sync"
const started = `${sync} (started by the deploy)`
const reason = "the deploy runs the migrations"
const starting = (startedByDeploy: number, more: object = {}) => ({
  override: { [sync]: { startedByDeploy, reason, ...more } },
})

describe("a job that a deploy starts", () => {
  const sums = (options: DeploymentOptions, resource: PlannedResource = job("sync")) => {
    const { total, deploy } = checkFleet({ maxConnections: 100, ...reading([resource], options).highest })
    return { steady: total, deploy: deploy.total }
  }

  test("counts in the deploy alone, beside the runs of its schedule", () => {
    expect(sums(starting(0))).toEqual({ steady: 10, deploy: 10 })
    expect(sums(starting(1))).toEqual({ steady: 10, deploy: 20 })
    expect(sums(starting(2, { replicas: 3 }))).toEqual({ steady: 30, deploy: 90 })
  })

  test("counts once, however many schedules it has", () => {
    const schedule = ["0 3 * * *", "0 15 * * *"]
    expect(connecting(reading([job("sync")], starting(1, { schedule })))).toEqual([
      started,
      sync,
      `${sync} (schedule 2)`,
    ])
  })

  test("is shown as stated, and is planned as large as the job", () => {
    const fleet = reading([job("sync")], starting(1))
    expect(fleet.explicit).toEqual([{ name: `${sync}.startedByDeploy`, value: 1, reason }])
    expect(fleet.highest.consumers).toEqual({
      [started]: { instances: 0, surge: 1, poolSize: 10, poolsPerInstance: 1 },
    })
    const { sizes, jobSizes } = sizeFleet({ maxConnections: 100, ...fleet.open })
    expect(sizes[started]).toBe(jobSizes[sync])
  })

  test("has at least one task, where their number is known only after apply", () => {
    const migrate = "google_cloud_run_v2_job.migrate"
    const env = [
      { name: "DATABASE_URL_CORE", value: CORE },
      { name: "PRISMA_POOL_SIZE_CORE", value: "2" },
    ]
    const task = { timeout: "600s", max_retries: 0, containers: [{ env }] }
    const resource = {
      address: migrate,
      values: { template: [{ template: [task] }] },
      unknown: { template: [{ task_count: true }] },
    }
    const override = { [migrate]: { startedByDeploy: 2, reason } }
    const { lowest, highest } = reading([resource], { override })
    const surge = ({ consumers }: typeof lowest) => consumers[`${migrate} (started by the deploy)`]?.surge
    expect([surge(lowest), surge(highest)]).toEqual([2, 20_000])
  })

  test("is no service, and nothing but a number of runs", () => {
    const api = { override: { "scaleway_container.api": { startedByDeploy: 1, reason } } }
    expect(names(refusal(() => reading([consumer("api")], api)))).toEqual([
      "override.scaleway_container.api.startedByDeploy",
    ])
    for (const value of [-1, 1.5, "1", null, 1_000_001]) {
      const options = starting(value as number)
      expect(names(refusal(() => reading([job("sync")], options)))).toEqual([
        `override.${sync}.startedByDeploy`,
      ])
    }
  })
})

interface Action {
  readonly address?: string
  readonly type?: string
  readonly values?: unknown
  readonly unknown?: unknown
  readonly invokedBy?: string
  readonly expressions?: object
}

const START = "scaleway_job_definition_start"

/** A plan with an invocation of actions, as Terraform 1.14 writes it. */
function invoking(resources: readonly PlannedResource[], ...actions: readonly Action[]) {
  const parts = actions.map(({ type = START, address = `action.${type}.migrate`, ...rest }) => ({
    type,
    address,
    name: /([^.[]+)(\[.*\])?$/.exec(address)?.[1] ?? "",
    ...rest,
  }))
  return plan([server("main"), namespace, ...resources], {
    action_invocations: parts.map(({ address, type, name, values = {}, unknown = {}, invokedBy }) => ({
      address,
      type,
      name,
      config_values: values,
      config_unknown: unknown,
      provider_name: "registry.terraform.io/scaleway/scaleway",
      ...(invokedBy === undefined
        ? { invoke_action_trigger: {} }
        : {
            lifecycle_action_trigger: {
              triggering_resource_address: invokedBy,
              action_trigger_event: "AfterUpdate",
              action_trigger_block_index: 0,
              actions_list_index: 0,
            },
          }),
    })),
    configuration: {
      root_module: {
        actions: parts.map(({ type, name, expressions }) => ({
          address: `action.${type}.${name}`,
          type,
          name,
          ...(expressions === undefined ? {} : { expressions }),
        })),
      },
    },
  })
}

const reference = { job_definition_id: { references: [`${sync}.id`, sync] } }
const byExpression: Action = { unknown: { job_definition_id: true }, expressions: reference }
const withId = job("sync", { id: "fr-par/1111" })

describe("an action that starts a job adds a run of it to the deploy,", () => {
  const surge = (json: object, options?: DeploymentOptions) => {
    const { highest, unknowns } = fleetFromTerraform(json, options)
    expect(unknowns).toEqual([])
    return highest.consumers[started]?.surge
  }

  test.each<[how: string, resource: PlannedResource, action: Action]>([
    ["by its id", withId, { values: { job_definition_id: "fr-par/1111" } }],
    ["by its id without the region", withId, { values: { job_definition_id: "1111" } }],
    ["by its expression", job("sync"), byExpression],
    ["by what invokes it", job("sync"), { unknown: { job_definition_id: true }, invokedBy: sync }],
    ["by its older type", withId, { type: `${START}_action`, values: { job_definition_id: "1111" } }],
  ])("%s", (_, resource, action) => {
    expect(surge(invoking([resource], action))).toBe(1)
  })

  test("as many as it says, and as often as it is invoked", () => {
    const values = { job_definition_id: "1111", replicas: 3 }
    expect(surge(invoking([withId], { values }))).toBe(3)
    const again = { address: `action.${START}.again`, values: { ...values, replicas: 0 } }
    expect(surge(invoking([withId], { values }, { values }, again))).toBe(7)
  })

  test("unless an override says how many", () => {
    expect(surge(invoking([job("sync")], byExpression), starting(4))).toBe(4)
    expect(surge(invoking([job("sync")], byExpression), starting(0))).toBeUndefined()
  })

  test("of several instances, the one of the same index", () => {
    const jobs = ["a", "b"].map((key) => ({
      ...job("jobs"),
      address: `scaleway_job_definition.jobs["${key}"]`,
    }))
    const action = {
      address: `action.${START}.migrate["b"]`,
      unknown: { job_definition_id: true },
      expressions: { job_definition_id: { references: ["scaleway_job_definition.jobs", "each.key"] } },
    }
    const fleet = fleetFromTerraform(invoking(jobs, action))
    expect(Object.keys(fleet.highest.consumers)).toEqual([
      'scaleway_job_definition.jobs["b"] (started by the deploy)',
    ])
    expect(fleet.unknowns).toEqual([])
  })

  test("of a module", () => {
    const inModule = { ...withId, address: `module.db.${sync}` }
    const action = {
      address: `module.db.action.${START}.migrate`,
      values: { job_definition_id: "1111" },
    }
    const { highest } = fleetFromTerraform(invoking([inModule], action))
    expect(Object.keys(highest.consumers)).toEqual([`module.db.${started}`])
  })

  test("and nothing where the job does not connect, or is excluded", () => {
    const values = { job_definition_id: "1111" }
    expect(surge(invoking([job("sync", { id: "1111", env: {} })], { values }))).toBeUndefined()
    expect(surge(invoking([withId], { values }), { exclude: { [sync]: reason } })).toBeUndefined()
  })
})

describe("nobody can tell what is started by an action", () => {
  test.each<[what: string, action: Action, problem: string]>([
    [
      "of a job elsewhere",
      { values: { job_definition_id: "2222" } },
      "starts a job that is not in these plans",
    ],
    ["of some job", { unknown: { job_definition_id: true } }, "starts a job that is not in these plans"],
    ["with a size of its own", size("PRISMA_POOL_SIZE_CORE"), "has PRISMA_POOL_SIZE_CORE, and actions of"],
    ["with a URL of its own", size("DATABASE_URL_CORE"), "has DATABASE_URL_CORE, and actions of"],
    [
      "whose environment cannot be seen",
      { values: { job_definition_id: "1111" }, unknown: { environment_variables: true } },
      "may have DATABASE_URL_CORE or",
    ],
    [
      "of another type, with the variable",
      { type: "aws_lambda_invoke", values: { payload: '{"DATABASE_URL_CORE":"x"}' } },
      "has DATABASE_URL_CORE, and actions of type aws_lambda_invoke are not read",
    ],
    [
      "of another type, whose text cannot be seen",
      { type: "aws_lambda_invoke", unknown: { payload: true } },
      "may have DATABASE_URL_CORE, and actions of type aws_lambda_invoke are not read",
    ],
  ])("%s", (_, action, problem) => {
    const { unknowns } = fleetFromTerraform(invoking([withId], action))
    const address = `action.${action.type ?? START}.migrate`
    expect(unknowns).toMatchObject([{ name: address, isUnbounded: true }])
    expect(unknowns[0]?.problem).toContain(problem)
    const excluded = fleetFromTerraform(invoking([withId], action), { exclude: { [address]: reason } })
    expect(excluded).toMatchObject({ unknowns: [], warnings: [], excluded: [{ address, reason }] })
  })

  test("but one that neither names the variable nor hides text connects nothing", () => {
    const values = { distribution_id: "E1", paths: ["/*"] }
    const other = { type: "aws_cloudfront_create_invalidation", values }
    const named = {
      type: "aws_lambda_invoke",
      unknown: { function_name: true },
      expressions: { function_name: { references: ["aws_lambda_function.f.function_name"] } },
    }
    expect(unknownNames(fleetFromTerraform(invoking([withId], other, named)))).toEqual([])
  })
})

/** An action that gives the job a variable. */
function size(name: string): Action {
  return { values: { job_definition_id: "1111", environment_variables: { [name]: "50" } } }
}

describe("actions that are not of Terraform's format are refused by their place:", () => {
  const action = { address: "action.x.y", type: "x", name: "y" }
  test.each<[actions: unknown, place: string]>([
    [{}, "action_invocations"],
    ["x", "action_invocations"],
    [[15], "action_invocations[0]"],
    [[{ ...action, type: 15 }], "action_invocations[0]"],
    [[action, { ...action, config_values: [] }], "action_invocations[1].config_values"],
    [
      [{ ...action, type: START, config_values: { job_definition_id: "1111", replicas: "2" } }],
      "action_invocations[0].config_values.replicas",
    ],
  ])("%j", (actions, place) => {
    const json = plan([withId], { action_invocations: actions })
    expect(names(refusal(() => fleetFromTerraform(json)))).toEqual([place])
  })

  test("and those that wait for a later plan make this one incomplete", () => {
    const json = plan([withId], { deferred_action_invocations: [{ reason: "x", action_invocation: {} }] })
    expect(fleetFromTerraform(json).incomplete).toEqual(["deferred_action_invocations: 1 not planned yet"])
  })
})
