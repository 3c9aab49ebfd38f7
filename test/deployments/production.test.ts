import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet, sizeFleet } from "../../src/sizing/index.ts"
import { type Production, production } from "./production.ts"

const reserved = { others: 10 }

function verdict(change?: Production) {
  const fleet = fleetFromTerraform(production(change))
  expect(fleet.unknowns).toEqual([])
  expect(fleet.incomplete).toEqual([])
  const { maxConnections = 0, highest } = fleet
  return checkFleet({ maxConnections, reserved, ...highest })
}

describe("the sizing document's production", () => {
  test("fits: one API of 15, two jobs of 10 at once, 10 reserved", () => {
    const check = verdict()
    expect(check.usable).toBe(97)
    expect(check.total).toBe(45)
    expect(check.fits).toBe(true)
    expect(check.deploy).toMatchObject({ total: 60, fits: true })
  })

  test("does not count the Widget, which has no database", () => {
    const { highest, excluded } = fleetFromTerraform(production())
    expect(Object.keys(highest.consumers)).toEqual(["scaleway_container.api"])
    expect(highest.jobs).toHaveLength(15)
    expect(excluded).toEqual([])
  })

  test("is refused with max_scale 3 and 35, with the size that would fit", () => {
    const check = verdict({ maxScale: 3, poolSize: 35 })
    expect(check.total).toBe(3 * 35 + 20 + 10)
    expect(check.fits).toBe(false)
    const sizing = sizeFleet({
      maxConnections: 100,
      reserved,
      ...fleetFromTerraform(production({ maxScale: 3, poolSize: 35 })).open,
    })
    expect(sizing.check.fits).toBe(true)
    expect(sizing.check.deploy.fits).toBe(true)
    expect(sizing.sizes["scaleway_container.api"]).toBeLessThan(35)
    expect(check.nextSteps.join("\n")).toContain("scaleway_container.api")
  })

  test("is told of the deploy, in which the API is there twice", () => {
    const { assumptions } = fleetFromTerraform(production())
    expect(assumptions).toEqual([
      {
        name: "surge",
        assumed:
          "a deploy on Scaleway starts new instances before it stops the old ones, so these count twice during a deploy: scaleway_container.api",
        remedy: "If fewer are added, override surge",
      },
    ])
  })

  test("has a server that agrees with the document's table", () => {
    const { servers, warnings } = fleetFromTerraform(production())
    expect(servers).toEqual([
      { address: "scaleway_rdb_instance.main", maxConnections: 100, nodeType: "db-gp-s" },
    ])
    expect(warnings).toEqual([])
  })
})
