import { expect, test } from "vitest"
import { fragmentOf, openDeclaration, openLink } from "../../site/calculator/link.ts"
import { firstLoad } from "../../site/calculator/load.ts"

const FLEET = { maxConnections: 100, consumers: { api: { instances: 1, poolSize: 5 } } }

test("a link has the load behind the fleet, where it is another than at first", () => {
  const load = { ...firstLoad(), acquisitionsPerSecond: "900", consumer: "a, b & c" }
  expect(openLink(`#${fragmentOf(FLEET, load)}`)).toEqual({ fleet: FLEET, load })
  expect(fragmentOf(FLEET, firstLoad())).not.toContain("&")
})

test("a load that cannot be read is as at first", () => {
  const fragment = fragmentOf(FLEET, firstLoad())
  for (const load of ["%ff", "1".repeat(99), "%"]) {
    expect(openLink(`#${fragment}&load=${load}`)).toEqual({ fleet: FLEET, load: firstLoad() })
  }
})

test("a load without numbers is one whose fields are empty", () => {
  const fragment = fragmentOf(FLEET, firstLoad())
  for (const load of ["", ",,,,,,,,,"]) {
    const opened = openLink(`#${fragment}&load=${load}`)
    expect(opened).toMatchObject({ fleet: FLEET, load: { acquisitionsPerSecond: "" } })
  }
})

test("a name that is a URL has no link", () => {
  const consumers = { "http://db": { instances: 1, poolSize: 5 } }
  expect(fragmentOf({ ...FLEET, consumers }, firstLoad())).toBeUndefined()
})

test.each([
  ["{", "pool.config"],
  ["[]", "pool.config"],
  ['{"servers":{}}', "servers"],
  ['{"maxConnections":0}', "maxConnections"],
])("a pasted text that is no declaration is refused: %s", (text, name) => {
  expect(openDeclaration(text)).toMatchObject({ issues: [{ name }] })
})
