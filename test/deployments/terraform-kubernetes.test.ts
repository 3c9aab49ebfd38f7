import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type DeployedFleet, fleetFromKubernetes, fleetFromTerraform } from "../../src/deployments/index.ts"
import { runs, SEED } from "../support/properties.ts"
import { asManifest, asText, inBlocks } from "../support/terraform-blocks.ts"
import { type PlannedResource, plan } from "../support/terraform-plan.ts"
import { CASES, type Values } from "./kubernetes-objects.ts"

type Form = (object: Values) => PlannedResource

const FORMS: readonly (readonly [name: string, form: Form])[] = [
  ["in blocks", (object) => inBlocks(object) ?? asManifest(object)],
  ["as kubernetes_manifest", asManifest],
  ["as kubectl_manifest", asText],
]

const addressOf = ({ kind, metadata }: Values) => {
  const { name, namespace } = metadata as { name: string; namespace: string }
  return `${namespace}/${String(kind).toLowerCase()}/${name}`
}

/** What a fleet says, with the addresses of manifests in place of Terraform's, and the words of each in common. */
function said(fleet: DeployedFleet, names: readonly (readonly [own: string, common: string])[]) {
  const { lowest, highest, open, sizeVariables, maxConnections, servers, unknowns, assumptions, warnings } =
    fleet
  const text = JSON.stringify({
    fleets: [lowest, highest, open, sizeVariables, maxConnections, servers],
    // Only a manifest has lines.
    unknowns: unknowns.map(({ place: _, ...unknown }) => unknown),
    assumptions,
    warnings,
  })
  const common = names.reduce((all, [own, name]) => all.replaceAll(own, name), text)
  return JSON.parse(
    common
      .replaceAll("not in the plans", "not in the manifests")
      // The provider's blocks have names of their own.
      .replaceAll(/\b[a-z]+(?:_[a-z]+)+\b/g, (name) =>
        name.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()),
      )
      .replaceAll("timezone", "timeZone"),
  ) as unknown
}

const sorted = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, item) =>
    Array.isArray(item) ? item.map((each) => JSON.stringify(each)).sort() : item,
  ) as unknown

function expectSame(objects: readonly Values[], form: Form) {
  const plain = objects.map((object) => JSON.parse(JSON.stringify(object)) as Values)
  const resources = plain.map(form)
  const names = plain.map((object, index) => [resources[index]?.address ?? "", addressOf(object)] as const)
  const options = { keys: ["DATABASE_URL_CORE"] }
  const manifests = fleetFromKubernetes(plain, options)
  const terraform = fleetFromTerraform(plan(resources), options)
  expect(sorted(said(terraform, names))).toEqual(sorted(said(manifests, [])))
}

describe.each(FORMS)("%s, a resource is the same as its manifest:", (_, form) => {
  test.each(Object.entries(CASES))("%s", (_name, objects) => expectSame(objects, form))
})

test("so is any choice of them in namespaces of their own, each in any form", () => {
  const one = fc.tuple(fc.constantFrom(...Object.values(CASES)), fc.constantFrom(...FORMS))
  fc.assert(
    fc.property(fc.array(one, { minLength: 1, maxLength: 5 }), (chosen) => {
      const forms = new Map<string, Form>()
      const objects = chosen.flatMap(([objects, [, form]], index) =>
        objects.map((object) => {
          const { name } = object["metadata"] as { name: string }
          const own = { ...object, metadata: { name: `${name}${index}x`, namespace: `n${index}` } }
          forms.set(addressOf(own), form)
          return own
        }),
      )
      expectSame(objects, (object) => (forms.get(addressOf(object)) ?? asText)(object))
    }),
    { seed: SEED, ...runs(60) },
  )
})
