import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { findFleetBounds } from "../../src/declaration/fleet-bounds.ts"
import { verdictOf } from "../../src/declaration/verdict.ts"
import type { DeployedFleet, DeploymentOptions } from "../../src/deployments/index.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { names, refusal } from "../support/bad-values.ts"
import { command, words } from "../support/command.ts"
import { runs } from "../support/properties.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { compose, consumer as composed, postgres, reading as readingCompose } from "./compose-file.ts"
import { type Code, change, type Hiding, judged, unknown, written } from "./hiding.ts"
import { client, daemonSet, deployment, env, reading as readingManifests, URL_OF_DB } from "./manifests.ts"
import { CORE, container, job, namespace, reading, server, unknownNames } from "./resources.ts"

const AUTO = { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: "auto" }
const BUDGET = { ...AUTO, PRISMA_POOL_BUDGET_CORE: "60" }
const api = (environment_variables: object, values: object = {}, more: object = {}) =>
  container("api", { environment_variables, max_scale: 4, ...values }, more)
const API = "scaleway_container.api"
const PRISMA_BUDGET = `${API}.PRISMA_POOL_BUDGET_CORE`

function verdict(resources: readonly PlannedResource[], strict = false, deployments: DeploymentOptions = {}) {
  const json = plan([server("main"), namespace, ...resources])
  const [[, bounds] = []] = findFleetBounds({ deployments }, [readTerraform([{ name: "", json }])])
  if (bounds === undefined) throw new Error("no server")
  return verdictOf(bounds, { deploy: "fail", strict }).verdict
}

describe("a size that is auto, in a Terraform plan", () => {
  test("is the budget of all instances", () => {
    const { highest, lowest, open, sizeVariables, unknowns } = reading([api(BUDGET)])
    const shared = { poolSize: "auto", budget: 60, instances: 4, surge: 4, poolsPerInstance: 1 }
    expect([highest.consumers[API], lowest.consumers[API], unknowns]).toEqual([shared, shared, []])
    // plan computes the budget.
    const { budget: _, ...opened } = shared
    expect(open.consumers[API]).toEqual({ ...opened, weight: 1 })
    expect(sizeVariables).toEqual({ [API]: "PRISMA_POOL_BUDGET_CORE" })
  })

  test("has the budget of an override, before that of the environment", () => {
    const override = { [API]: { budget: 40, reason: "the role's limit" } }
    for (const environment of [AUTO, BUDGET]) {
      const { highest, explicit, unknowns } = reading([api(environment)], { override })
      expect(highest.consumers[API]).toMatchObject({ poolSize: "auto", budget: 40 })
      expect([explicit.map(({ value }) => value), unknowns]).toEqual([[40], []])
    }
  })

  test("may be said by an override alone, or contradicted by one", () => {
    const secret = api({}, { secret_environment_variables: { PRISMA_POOL_SIZE_CORE: null } })
    const override = { [API]: { poolSize: "auto", budget: 40, reason: "auto" } } as const
    expect(reading([api({ DATABASE_URL_CORE: CORE })], { override }).highest.consumers[API]).toMatchObject({
      budget: 40,
    })
    expect(secret.address).toBe(API)
    const number = { [API]: { poolSize: 5, reason: "not yet" } }
    expect(reading([api(AUTO)], { override: number }).highest.consumers[API]).toMatchObject({ poolSize: 5 })
    const only = { [API]: { budget: 40, reason: "?" } }
    expect(
      names(refusal(() => reading([api({ ...AUTO, PRISMA_POOL_SIZE_CORE: "5" })], { override: only }))),
    ).toEqual([`override.${API}.budget`])
  })

  test("is not known without a budget, and the remedy names the variable and the override", () => {
    const { unknowns, highest, lowest } = reading([api(AUTO)])
    expect(unknowns).toMatchObject([
      {
        cause: "size",
        field: "budget",
        name: PRISMA_BUDGET,
        problem: "is not set, and is what the pools share, whose size is auto",
        remedy: expect.stringMatching(/^Set PRISMA_POOL_BUDGET_CORE .*override budget$/),
      },
    ])
    expect([lowest.consumers[API]?.poolSize, highest.consumers[API]?.poolSize]).toEqual([1, 10_000])
    expect(verdict([api(AUTO)])).toBe("unknown")
    const override = { "scaleway_container.*": { budget: 40, reason: "the role's limit" } }
    expect(verdict([api(AUTO)], true, { override })).toBe("fits")
  })

  test("has a budget that cannot be seen", () => {
    const hidden = api(AUTO, {}, { unknown: { secret_environment_variables: true } })
    expect(unknownNames(reading([hidden]))).toContain(PRISMA_BUDGET)
  })

  test("is a failure of a job, which takes a number, and of a URL that leads to a pooler", () => {
    const sync = job("sync", { env: BUDGET })
    expect(reading([sync]).failures).toEqual([
      {
        name: "scaleway_job_definition.sync.PRISMA_POOL_SIZE_CORE",
        problem: "is auto, and this is a job",
        remedy: "Set a number: a job takes one",
      },
    ])
    expect(verdict([sync])).toBe("does not fit")
    const pooled = api({ ...BUDGET, DATABASE_URL_CORE: `${CORE}?pgbouncer=true` })
    expect(reading([pooled]).failures).toMatchObject([{ name: `${API}.PRISMA_POOL_SIZE_CORE` }])
    expect(verdict([pooled])).toBe("does not fit")
    const override = { "scaleway_job_definition.sync": { poolSize: 2, reason: "in its code" } }
    expect(verdict([sync], false, { override })).toBe("fits")
  })

  test("counts beside what ends with the deploy", () => {
    const before = { values: api({ ...BUDGET, PRISMA_POOL_SIZE_CORE: "20" }).values }
    const resource = { ...api(BUDGET), actions: ["update"], before: before.values } as PlannedResource
    const { highest } = reading([resource])
    // 4 × 20 were more than the budget: they count until they have ended.
    expect(highest.consumers[`${API} (before this plan)`]).toMatchObject({ poolSize: 20, surge: 4 })
    expect(highest.consumers[API]).toMatchObject({ budget: 60 })
  })
})

describe("a size that is auto, in manifests", () => {
  const variables = (more: Readonly<Record<string, string>>) =>
    client({ env: env({ DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "auto", ...more }) })
  const budgets = ({ highest }: DeployedFleet) =>
    Object.values(highest.consumers).map((each) => [each.poolSize, each.budget, each.instances])

  test("is the budget of a Deployment's pods", () => {
    const fleet = readingManifests([
      deployment("api", { spec: { replicas: 3 }, containers: [variables({ PRISMA_POOL_BUDGET: "30" })] }),
    ])
    expect(budgets(fleet)).toEqual([["auto", 30, 3]])
    expect(fleet.unknowns.filter(({ cause }) => cause !== "surge")).toEqual([])
  })

  test("is not known without a budget", () => {
    const fleet = readingManifests([deployment("api", { containers: [variables({})] })])
    expect(fleet.unknowns.map(({ attribute }) => attribute)).toContain("PRISMA_POOL_BUDGET")
  })

  test("needs no number of nodes: a budget bounds a DaemonSet, of which only the logins are assumed", () => {
    const fleet = readingManifests([
      daemonSet("agent", { containers: [variables({ PRISMA_POOL_BUDGET: "30" })] }),
    ])
    expect(budgets(fleet)).toEqual([["auto", 30, undefined]])
    expect([fleet.unknowns, fleet.assumptions.map(({ assumed }) => assumed)]).toEqual([
      [],
      expect.arrayContaining(["any number, which share the budget: 3 logins at once beside it"]),
    ])
  })
})

describe("a size that is auto, in a compose file", () => {
  const auto = (more: object = {}) => composed({ scale: 3 }, { PRISMA_POOL_SIZE: "auto", ...more })

  test("is the budget of a service's containers", () => {
    const { highest, sizeVariables } = readingCompose({ api: auto({ PRISMA_POOL_BUDGET: "30" }) })
    expect(highest.consumers["service/api"]).toMatchObject({ poolSize: "auto", budget: 30, instances: 3 })
    expect(sizeVariables).toEqual({ "service/api": "PRISMA_POOL_BUDGET" })
  })

  test("is in the table of the check, and 2 without a budget", async () => {
    const files = (more: object) => ({ "compose.json": compose({ db: postgres(), api: auto(more) }) })
    const line = words("check --compose compose.json")
    const known = await command(line, { files: files({ PRISMA_POOL_BUDGET: "30" }) })
    expect(known.code).toBe(0)
    expect(known.out).toMatch(/service\/api +\| +3 +\| auto, 30 in all \| +33/)
    const unseen = await command(line, { files: files({}) })
    expect(unseen.code).toBe(2)
    expect(unseen.out).toContain(
      '{ "deployments": { "override": { "service/api": { "budget": N, "reason": "REASON" } } } }',
    )
  })

  test("is planned as a budget", async () => {
    const files = { "compose.json": compose({ db: postgres(), api: auto() }) }
    const { code, out } = await command(words("plan --compose compose.json"), { files })
    expect(code).toBe(0)
    expect(out).toMatch(/environment:\n +PRISMA_POOL_BUDGET: "\d+"/)
  })
})

describe("what is hidden never makes a verdict better, where the size is auto:", () => {
  const fleet = fc
    .record({
      instances: fc.integer({ min: 1, max: 40 }),
      budget: fc.integer({ min: 1, max: 120 }),
      size: fc.integer({ min: 1, max: 20 }),
      ceiling: fc.integer({ min: 20, max: 200 }),
    })
    .map(({ instances, budget, size, ceiling }): Code[] => [
      written("scaleway_rdb_instance.main", {
        engine: "PostgreSQL-15",
        settings: { max_connections: String(ceiling) },
        load_balancer: [{ hostname: "db.example.org" }],
      }),
      written(API, {
        max_scale: instances,
        environment_variables: { ...AUTO, PRISMA_POOL_BUDGET_CORE: String(budget) },
      }),
      written("scaleway_job_definition.sync", {
        timeout: "1h0m0s",
        cron: [{ schedule: "0 3 * * *", timezone: "UTC" }],
        env: { DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: String(size) },
      }),
    ])
  const secretly =
    (...variables: readonly string[]) =>
    (resource: Code): Code => {
      const all = resource.values?.["environment_variables"] as Readonly<Record<string, string>>
      const left = Object.entries(all).filter(([name]) => !variables.includes(name))
      return {
        ...resource,
        values: { ...resource.values, environment_variables: Object.fromEntries(left) },
        unknown: { secret_environment_variables: true },
        expressions: { ...resource.expressions, secret_environment_variables: { references: ["var.x"] } },
      }
    }
  const HIDING: readonly Hiding[] = [
    ["an environment", API, unknown("environment_variables")],
    ["the budget", API, secretly("PRISMA_POOL_BUDGET_CORE")],
    ["the size", API, secretly("PRISMA_POOL_SIZE_CORE")],
    ["size and budget", API, secretly("PRISMA_POOL_SIZE_CORE", "PRISMA_POOL_BUDGET_CORE")],
    ["the URL", API, secretly("DATABASE_URL_CORE")],
    ["the ceiling", "scaleway_rdb_instance.main", unknown("settings")],
    ["the job's environment", "scaleway_job_definition.sync", unknown("env")],
  ]

  test.each(HIDING)("%s", (_, address, how) => {
    let notFitting = 0
    fc.assert(
      fc.property(fleet, (resources) => {
        if (judged(resources) === "fits") return
        notFitting += 1
        expect(judged(change(resources, address, how))).not.toBe("fits")
      }),
      runs(60),
    )
    expect(notFitting, "there are fleets that do not fit").toBeGreaterThan(0)
  })
})
