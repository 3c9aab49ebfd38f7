import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import * as sizing from "../../src/sizing/index.ts"

const folder = new URL("../../src/sizing/", import.meta.url)

test("the surface is what the design names, and reservedTotal", () => {
  expect(Object.keys(sizing).sort()).toEqual([
    "PoolConfigError",
    "checkFleet",
    "connectionLimitByShares",
    "connectionLimitBySlots",
    "reservedTotal",
    "scalewayPlans",
  ])
})

test("scalewayPlans has the five numbers of the document", () => {
  expect(sizing.scalewayPlans).toEqual({
    "DB-DEV": 20,
    "DB-GP-S": 100,
    "DB-GP-M": 200,
    "DB-GP-L": 400,
    "DB-GP-XL": 600,
  })
})

test.each(readdirSync(folder))("%s imports its neighbours and the error, and nothing else", (file) => {
  const source = readFileSync(new URL(file, folder), "utf8")
  const imported = [...source.matchAll(/from "(.+)"/g)].map(([, path]) => path)
  expect(imported.filter((path) => path !== "../error.ts" && !path?.startsWith("./"))).toEqual([])
  expect(source).not.toMatch(/\b(process|globalThis|console)\b[.[]|\bimport\(/)
})
