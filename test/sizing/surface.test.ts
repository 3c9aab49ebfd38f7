import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import * as sizing from "../../src/sizing/index.ts"

const src = new URL("../../src/", import.meta.url)
const rooms = ["sizing", "schedule", "validation"]

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

const files = rooms.flatMap((room) =>
  readdirSync(new URL(room, src), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((file) => `${room}/${file}`),
)
/** The packages of the few files that have one. */
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  "schedule/parse-cron.ts": ["cron-schedule"],
  "validation/parse.ts": ["zod/mini"],
  "validation/schema.ts": ["zod/mini"],
}

const inside = (url: URL) =>
  rooms.some((room) => url.href.startsWith(new URL(`${room}/`, src).href)) ||
  url.href.endsWith("/src/error.ts")

test.each(files)(
  "%s imports its neighbours, the error, a parser of schedules and one of shapes, and nothing else",
  (file) => {
    const url = new URL(file, src)
    const source = readFileSync(url, "utf8")
    const imported = [...source.matchAll(/^(?:import|export)\b[^"()=]*? from "(.+?)"/gm)].map(
      ([, path = ""]) => path,
    )
    const others = imported.filter((path) => !(path.startsWith(".") && inside(new URL(path, url))))
    expect(others).toEqual(PACKAGES[file] ?? [])
    expect(source).not.toMatch(/\b(process|globalThis|console)\b[.[]|\bimport\(/)
  },
)
