import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { realPlan } from "./real/real-plan.ts"
import { connecting, sizes, unknownNames } from "./resources.ts"

const EXPORTS = 'scaleway_job_definition.sync["export]s"]'
const IMPORT = 'scaleway_job_definition.sync["import"]'
const BACKEND = 'module.backend["eu"]'

// The server of these plans has no address that a provider computes.
const HOSTS = { hosts: ["db.example.org"] }

describe("what the real Terraform prints", () => {
  test("of a plan that creates everything", () => {
    const fleet = fleetFromTerraform(realPlan("created"), HOSTS)
    expect(sizes(fleet)).toEqual({
      "scaleway_container.api": 10,
      "scaleway_container.inherits": 15,
      "scaleway_container.perhaps": "nothing to 10000",
      [`${BACKEND}.scaleway_container.api[0]`]: 1,
      [`${BACKEND}.scaleway_container.api[1]`]: 2,
      [`${BACKEND}.module.admin.scaleway_container.admin`]: 15,
      [EXPORTS]: 5,
      [IMPORT]: 5,
    })
    expect(unknownNames(fleet)).toEqual(["scaleway_container.perhaps.DATABASE_URL_CORE"])
    expect(fleet.servers).toEqual([
      { address: "scaleway_rdb_instance.main", maxConnections: 100, nodeType: "DB-GP-S" },
    ])
    expect(fleet.highest.consumers["scaleway_container.api"]).toMatchObject({ instances: 3, surge: 3 })
    expect(fleet.highest.jobs).toMatchObject([
      { schedule: "0 4 * * *", timezone: "Europe/Paris", timeout: "1h30m0s" },
      { schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "1h30m0s" },
    ])
    expect(fleet.incomplete).toEqual([])
    expect(fleet.warnings).toEqual([])
  })

  test("of the state that it leaves, in which nothing is unknown any more", () => {
    const fleet = fleetFromTerraform(realPlan("state"), HOSTS)
    expect(fleet.unknowns).toEqual([])
    expect(connecting(fleet)).toEqual(
      connecting(fleetFromTerraform(realPlan("created"), HOSTS)).filter(
        (name) => name !== "scaleway_container.perhaps",
      ),
    )
    expect(fleet.maxConnections).toBe(100)
  })

  test("of a plan that replaces, deletes, and leaves the rest alone", () => {
    const fleet = fleetFromTerraform(realPlan("changed"), HOSTS)
    expect(fleet.unknowns).toEqual([])
    expect(fleet.highest.consumers).toEqual({
      "scaleway_container.api": { instances: 1, surge: 0, poolSize: 10, poolsPerInstance: 1 },
      "scaleway_container.api (before this plan)": {
        instances: 0,
        surge: 3,
        poolSize: 10,
        poolsPerInstance: 1,
      },
      "scaleway_container.inherits": { instances: 1, surge: 1, poolSize: 15, poolsPerInstance: 1 },
      ...Object.fromEntries(
        [
          [`${BACKEND}.scaleway_container.api[0]`, 2, 1],
          [`${BACKEND}.scaleway_container.api[1]`, 2, 2],
          [`${BACKEND}.module.admin.scaleway_container.admin`, 1, 15],
        ].map(([address, surge, poolSize]) => [
          `${address} (before this plan)`,
          { instances: 0, surge, poolSize, poolsPerInstance: 1 },
        ]),
      ),
    })
    const check = checkFleet({ maxConnections: 100, ...fleet.highest })
    expect(check.total).toBe(10 + 15 + 10)
    expect(check.deploy.total).toBe(35 + 30 + 15 + 2 * 1 + 2 * 2 + 15)
  })

  test("of a plan that only refreshes, which has no resource in it", () => {
    const fleet = fleetFromTerraform(realPlan("refreshed"), HOSTS)
    expect(connecting(fleet)).toEqual([])
    expect(fleet.incomplete).toEqual([
      "resource_changes: 12 resources of prior_state are missing, as with -target and -refresh-only",
    ])
  })

  test("has a secret in plain text, and the fleet has not", () => {
    for (const name of ["created", "state", "changed", "refreshed"] as const) {
      const json = realPlan(name)
      expect(JSON.stringify(json)).toContain("hunter2")
      expect(JSON.stringify(fleetFromTerraform(json))).not.toContain("hunter2")
    }
  })
})
