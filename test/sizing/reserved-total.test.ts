import { describe, expect, test } from "vitest"
import { reservedTotal } from "../../src/sizing/index.ts"
import { badValues, names, refusal, title } from "../support/bad-values.ts"

describe("reservedTotal", () => {
  test.each([
    ["the superuser's 3 by default", {}, 3],
    ["both settings of the server", { superuserReserved: 5, reservedConnections: 2 }, 7],
    ["everything that is reserved by name", { reserved: { metabase: 10, admin: 2 } }, 15],
    ["what a provider keeps beside them", { providerReserved: 12 }, 15],
    [
      "all of them",
      { superuserReserved: 1, reservedConnections: 20, providerReserved: 5, reserved: { a: 300, b: 4_000 } },
      4_326,
    ],
    ["nothing at all", { superuserReserved: 0 }, 0],
  ])("adds up %s", (_, reservations, total) => {
    expect(reservedTotal(reservations)).toBe(total)
  })

  test("takes a whole fleet, and reads its reservations only", () => {
    const fleet = { maxConnections: 100, reserved: { metabase: 10 }, consumers: {} }
    expect(reservedTotal(fleet)).toBe(13)
    expect(reservedTotal({ ...fleet, consumers: { api: { instances: 1, poolSize: 0 } } } as never)).toBe(13)
  })

  test.each(badValues.map((value) => [title(value), value]))(
    "names every reservation that is %s",
    (_, value) => {
      const reservations = {
        superuserReserved: value,
        reservedConnections: value,
        providerReserved: value,
        reserved: { metabase: value },
      }
      expect(names(refusal(() => reservedTotal(reservations as never)))).toEqual([
        "superuserReserved",
        "reservedConnections",
        "providerReserved",
        "reserved.metabase",
      ])
    },
  )

  test("refuses a field that it does not know", () => {
    expect(names(refusal(() => reservedTotal({ superuser_reserved: 3 } as never)))).toEqual([
      "superuser_reserved",
    ])
  })
})
