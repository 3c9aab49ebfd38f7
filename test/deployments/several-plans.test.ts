import { describe, expect, test } from "vitest"
import { fleetOf } from "../../src/deployments/deployed-fleet.ts"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { readTerraform } from "../../src/deployments/terraform/terraform-reader.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { names, refusal } from "../support/bad-values.ts"
import { plan, state } from "../support/terraform-plan.ts"
import { connecting, consumer, container, job, namespace, server } from "./resources.ts"

const api = "scaleway_container.api"
const one = plan([server("main"), namespace, consumer("api"), job("sync")])
const two = plan([namespace, consumer("api", { max_scale: 2 }), container("widget")])

describe("several plans of one server", () => {
  test("add up, though their addresses are equal", () => {
    const fleet = fleetFromTerraform([one, two])
    expect(connecting(fleet)).toEqual([
      `plans[0]: ${api}`,
      `plans[1]: ${api}`,
      "plans[0]: scaleway_job_definition.sync",
    ])
    expect(fleet.maxConnections).toBe(100)
    expect(checkFleet({ maxConnections: 100, ...fleet.highest }).total).toBe(10 + 20 + 10)
  })

  test("and states", () => {
    expect(connecting(fleetFromTerraform([one, state([consumer("old")])]))).toContain(
      "plans[1]: scaleway_container.old",
    )
  })

  test("a list of one is that one", () => {
    expect(fleetFromTerraform([one])).toEqual(fleetFromTerraform(one))
  })

  test("with names of their own", () => {
    const plans = [
      { name: "api.json", json: one },
      { name: "web.json", json: two },
    ]
    const fleet = fleetOf([readTerraform(plans)], {})
    expect(connecting(fleet)).toContain(`web.json: ${api}`)
    expect(fleet.servers.map(({ address }) => address)).toEqual(["api.json: scaleway_rdb_instance.main"])
  })

  test("that have one name are refused: they would hide each other", () => {
    const twice = [
      { name: "api.json", json: one },
      { name: "api.json", json: two },
    ]
    expect(names(refusal(() => fleetOf([readTerraform(twice)], {})))).toEqual(["api.json"])
  })

  test("each may be incomplete", () => {
    expect(fleetFromTerraform([one, plan([], { complete: false })]).incomplete).toEqual([
      "plans[1]: complete: false, the plan leaves changes for a later one",
    ])
  })

  test("with what is wrong in any of them, by plan and path", () => {
    const broken = { ...plan([]), resource_changes: {} }
    const error = refusal(() => fleetFromTerraform([one, 15, broken]))
    expect(names(error)).toEqual(["plans[1]", "plans[2]: resource_changes"])
  })
})

describe("an address is", () => {
  const reason = "runs something else"

  test("that of one plan with the plan's name before it", () => {
    const fleet = fleetFromTerraform([one, two], { exclude: { [`plans[0]: ${api}`]: reason } })
    expect(connecting(fleet)).toEqual([`plans[1]: ${api}`, "plans[0]: scaleway_job_definition.sync"])
    expect(fleet.warnings).toEqual([])
  })

  test("that of all plans without it", () => {
    const fleet = fleetFromTerraform([one, two], { exclude: { [api]: reason } })
    expect(connecting(fleet)).toEqual(["plans[0]: scaleway_job_definition.sync"])
    expect(fleet.excluded).toEqual([
      { address: `plans[0]: ${api}`, reason },
      { address: `plans[1]: ${api}`, reason },
    ])
  })

  test("of an override, with the more exact one before the other", () => {
    const override = { [api]: { poolSize: 3, reason }, [`plans[1]: ${api}`]: { poolSize: 4, reason } }
    const { consumers } = fleetFromTerraform([one, two], { override }).highest
    expect(consumers[`plans[0]: ${api}`]?.poolSize).toBe(3)
    expect(consumers[`plans[1]: ${api}`]?.poolSize).toBe(4)
  })
})

test("no plan at all is no fleet, and the ceiling is not known", () => {
  const fleet = fleetFromTerraform([])
  expect(connecting(fleet)).toEqual([])
  expect(fleet.unknowns.map(({ name }) => name)).toEqual(["max_connections"])
})
