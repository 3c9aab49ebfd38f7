import { describe, expect, test } from "vitest"
import { budgetOf } from "../../src/pool/auto/budget.ts"
import { lookWith } from "./looks.ts"

const settings = { budget: undefined, reserved: 10 }

describe("the ceiling", () => {
  test("is the role's limit", () => {
    expect(budgetOf(lookWith({ roleLimit: 44, ofRole: 7 }), settings)).toEqual({
      ceiling: 44,
      joining: 4,
      shared: 40,
      used: 7,
      enforcedBy: "role",
    })
  })

  test("is the database's limit without what other roles have in it", () => {
    const look = lookWith({ databaseLimit: 30, ofOthersInDatabase: 4, ofRole: 9, ofRoleInDatabase: 7 })
    expect(budgetOf(look, settings)).toMatchObject({ ceiling: 26, used: 7, enforcedBy: "database" })
  })

  test("is the tightest of all limits, and a budget is enforced by none", () => {
    const look = lookWith({
      roleLimit: 40,
      databaseLimit: 50,
      ofOthersInDatabase: 5,
      ofRole: 3,
      ofRoleInDatabase: 3,
    })
    expect(budgetOf(look, settings)).toMatchObject({ ceiling: 40, enforcedBy: "role" })
    expect(budgetOf({ ...look, ofOthersInDatabase: 20 }, settings)).toMatchObject({
      ceiling: 30,
      enforcedBy: "database",
    })
    expect(budgetOf(look, { ...settings, budget: 20 })).toMatchObject({ ceiling: 20, enforcedBy: "role" })
    expect(budgetOf(look, { ...settings, budget: 60 })).toMatchObject({ ceiling: 40, enforcedBy: "role" })
  })

  test("without limits leaves what is reserved, or what the server keeps and others have", () => {
    const look = lookWith({ connections: 6, ofRole: 4 })
    expect(budgetOf(look, settings)).toMatchObject({ ceiling: 90, used: 4, enforcedBy: undefined })
    const crowded = lookWith({ connections: 26, ofRole: 4, reservedConnections: 2, providerReserved: 1 })
    expect(budgetOf(crowded, settings)).toMatchObject({ ceiling: 100 - 6 - 22, used: 4 })
    expect(budgetOf(crowded, { ...settings, budget: 200 })).toMatchObject({ ceiling: 72 })
    expect(budgetOf(crowded, { ...settings, budget: 20 })).toMatchObject({
      ceiling: 20,
      enforcedBy: undefined,
    })
  })

  test("is no limit that the server has no slots for", () => {
    const look = lookWith({ roleLimit: 98, databaseLimit: 10_000 })
    expect(budgetOf(look, settings)).toMatchObject({ ceiling: 90, enforcedBy: undefined })
    expect(budgetOf({ ...look, roleLimit: 97 }, settings)).toMatchObject({ ceiling: 97, enforcedBy: "role" })
  })

  test("is never below nothing, and something is shared all the same", () => {
    expect(budgetOf(lookWith({ roleLimit: 0 }), settings)).toMatchObject({
      ceiling: 0,
      joining: 0,
      shared: 1,
    })
    const full = lookWith({ databaseLimit: 3, ofOthersInDatabase: 5, ofRoleInDatabase: 2 })
    expect(budgetOf(full, settings)).toMatchObject({ ceiling: 0, shared: 1, used: 4 })
    expect(budgetOf(lookWith(), { ...settings, reserved: 200 })).toMatchObject({ ceiling: 0, shared: 1 })
  })
})

test.each([
  [1, 0, 1],
  [2, 1, 1],
  [3, 1, 2],
  [4, 2, 2],
  [5, 2, 3],
  [20, 2, 18],
  [29, 2, 27],
  [30, 3, 27],
  [97, 9, 88],
])("of a ceiling of %i, %i are for newcomers and %i are shared", (roleLimit, joining, shared) => {
  expect(budgetOf(lookWith({ roleLimit }), settings)).toMatchObject({ joining, shared })
})

describe("what is used", () => {
  test("counts against the limit that it counts for", () => {
    // Two services on one role: the budget is this service's, the limit is both's.
    const look = lookWith({ roleLimit: 40, ofRole: 25, ofService: 8 })
    expect(budgetOf(look, { ...settings, budget: 20 })).toMatchObject({ ceiling: 20, used: 8 })
    expect(budgetOf({ ...look, ofRole: 36 }, { ...settings, budget: 20 })).toMatchObject({ used: 16 })
  })

  test("is more than the ceiling where a limit was lowered", () => {
    expect(budgetOf(lookWith({ roleLimit: 10, ofRole: 30 }), settings)).toMatchObject({
      ceiling: 10,
      used: 30,
    })
  })
})
