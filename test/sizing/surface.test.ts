import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import * as sizing from "../../src/sizing/index.ts"

const folder = new URL("../../src/sizing/", import.meta.url)

test("the surface is what the design names, reservedTotal and connectionsForLoad", () => {
  expect(Object.keys(sizing).sort()).toEqual([
    "PoolConfigError",
    "checkFleet",
    "connectionLimitByShares",
    "connectionLimitBySlots",
    "connectionsForLoad",
    "maxConcurrentRuns",
    "reservedTotal",
    "scalewayPlans",
    "sizeFleet",
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

const files = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
)
const inside = (url: URL) => url.href.startsWith(folder.href) || url.href.endsWith("/src/error.ts")

test.each(files)(
  "%s imports its neighbours, the error and a parser of schedules, and nothing else",
  (file) => {
    const url = new URL(file, folder)
    const source = readFileSync(url, "utf8")
    const imported = [...source.matchAll(/^(?:import|export)\b[^"()=]*? from "(.+?)"/gm)].map(
      ([, path = ""]) => path,
    )
    const others = imported.filter((path) => !(path.startsWith(".") && inside(new URL(path, url))))
    expect(others).toEqual(file.endsWith("schedule.ts") ? ["cron-schedule"] : [])
    expect(source).not.toMatch(/\b(process|globalThis|console)\b[.[]|\bimport\(/)
  },
)
