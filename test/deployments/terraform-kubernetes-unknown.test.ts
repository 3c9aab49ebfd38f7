import { describe, expect, test } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import { checkFleet } from "../../src/sizing/index.ts"
import { asManifest, inBlocks } from "../support/terraform-blocks.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CASES, type Values } from "./kubernetes-objects.ts"

type Path = readonly (string | number)[]

const isTree = (value: unknown): value is object => typeof value === "object" && value !== null

/** Every place in some values, but for a resource as a whole. */
function* placesIn(value: unknown, path: Path = []): Generator<Path> {
  if (path.length > 0) yield path
  if (!isTree(value)) return
  for (const key of Object.keys(value))
    yield* placesIn(value[key as never], [...path, Array.isArray(value) ? Number(key) : key])
}

/** The values without what is at a place. Terraform leaves out an attribute, and has null in a list. */
function without(value: unknown, [step, ...others]: Path): unknown {
  if (step === undefined) return null
  if (Array.isArray(value)) return value.map((item, index) => (index === step ? without(item, others) : item))
  const { [step]: own, ...rest } = value as Values
  return others.length === 0 ? rest : { ...rest, [step]: without(own, others) }
}

/** The shape of the values with true at a place. */
function unknownAt(value: unknown, [step, ...others]: Path): unknown {
  if (step === undefined) return true
  if (Array.isArray(value))
    return value.map((item, index) => (index === step ? unknownAt(item, others) : isTree(item) ? {} : false))
  return { [step]: unknownAt((value as Values)[step], others) }
}

const read = (resources: readonly PlannedResource[]) => {
  const fleet = fleetFromTerraform(plan(resources), { keys: ["DATABASE_URL_CORE"] })
  const { total, deploy } = checkFleet({ maxConnections: 262_143, ...fleet.highest })
  return {
    fleet,
    total,
    deploy: deploy.total, // Of a URL that cannot be seen, no host can be told to be another.
    isUnbounded: fleet.unknowns.some(({ cause, isUnbounded }) => isUnbounded && cause !== "host"),
  }
}

describe("what is known only after apply may be what it then is:", () => {
  test.each(Object.entries(CASES))("%s", (_, objects) => {
    const plain = objects.map((object) => JSON.parse(JSON.stringify(object)) as Values)
    const resources = plain.map((object) => inBlocks(object) ?? asManifest(object))
    const known = read(resources)
    for (const [index, { values = {}, ...resource }] of resources.entries()) {
      for (const path of placesIn(values)) {
        if (path.length === 1 && path[0] === "manifest") continue
        const open: PlannedResource = {
          ...resource,
          values: without(values, path) as Values,
          unknown: unknownAt(values, path) as Values,
        }
        const found = read(resources.map((each, at) => (at === index ? open : each)))
        const place = `${resource.address}: ${path.join(".")}`
        if (found.fleet.maxConnections !== undefined)
          expect(found.fleet.maxConnections, place).toBe(known.fleet.maxConnections)
        // Nothing fits what is not known to have an end, or has no ceiling.
        if (found.isUnbounded || found.total >= 10_000) continue
        if (known.fleet.maxConnections !== undefined && found.fleet.maxConnections === undefined) continue
        expect(known.isUnbounded, place).toBe(false)
        expect(found.total, place).toBeGreaterThanOrEqual(known.total)
        expect(found.deploy, place).toBeGreaterThanOrEqual(known.deploy)
      }
    }
  })
})
