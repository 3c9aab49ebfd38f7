import { afterAll, beforeEach, expect, test, vi } from "vitest"

/** How often each kind of input was read, by what an error about the whole of it names. */
const read = vi.hoisted(() => new Map<string, number>())

vi.mock("../../src/validation/parse.ts", async (original) => {
  const { parse, parseInto } = await original<typeof import("../../src/validation/parse.ts")>()
  const count = (whole: string) => read.set(whole, (read.get(whole) ?? 0) + 1)
  return {
    parse: (...call: Parameters<typeof parse>) => count(call[2]) && parse(...call),
    parseInto: (...call: Parameters<typeof parseInto>) => count(call[3]) && parseInto(...call),
  }
})
// Test files share a process, and its modules.
vi.resetModules()
const { command, directoryWith, quietIo, words } = await import("../support/command.ts")
const { checkFleet, sizeFleet } = await import("../../src/sizing/index.ts")
const { declaredFleet } = await import("../../src/cli/input/declared-fleet.ts")
const { readObservedFleet } = await import("../../src/monitor/metrics/observed-fleet.ts")
const { consumer, container, namespace, server } = await import("../deployments/resources.ts")
const { plan } = await import("../support/terraform-plan.ts")

beforeEach(() => read.clear())
afterAll(() => {
  vi.doUnmock("../../src/validation/parse.ts")
  vi.resetModules()
})

const stated = { maxConnections: 100, consumers: { api: { instances: 2, poolSize: 5, surge: 0 } } }
const open = { maxConnections: 100, consumers: { api: { instances: 2, surge: 0 } } }
const known = plan([server("main"), namespace, consumer("web")])
const unknown = plan([
  server("main"),
  namespace,
  consumer("web"),
  container("x", {}, { unknown: { environment_variables: true } }),
])
const files = {
  "stated.json": stated,
  "open.json": open,
  "servers.json": { servers: { a: stated, b: open } },
  "known.json": known,
  "unknown.json": unknown,
}

// A fleet is read for each end of what is not known; `plan` reads the one whose sizes it solves.
test.each([
  ["check -c stated.json", 1, 1],
  ["check -c open.json", 1, 1],
  ["check -c stated.json --base open.json", 2, 1],
  ["check --max-connections 100 --consumer api=2x5+0", 0, 1],
  ["check -c stated.json --max-connections 90", 1, 1],
  ["check -c servers.json", 1, 2],
  ["check -t known.json", 0, 1],
  ["check -c open.json -t known.json", 1, 1],
  ["check -c open.json -t unknown.json", 1, 2],
  ["plan -c stated.json", 1, 1],
  ["plan -c open.json", 1, 1],
  ["plan -c open.json -t known.json", 1, 1],
  ["plan -c servers.json", 1, 2],
])("%s reads %i declarations and %i fleets", async (line, declarations, fleets) => {
  const { code } = await command(words(line), { files })
  expect(code).toBeLessThan(3)
  expect([read.get("pool.config") ?? 0, read.get("fleet") ?? 0]).toEqual([declarations, fleets])
})

test.each([
  ["stated", stated],
  ["open", open],
])("inspect, watch and preflight read one declaration and one fleet: %s", async (_, config) => {
  const io = quietIo(await directoryWith({ "pool.config.json": config }))
  const onServer = await declaredFleet({}, io)
  const slots = { maxConnections: 50, superuserReserved: 3, reservedConnections: 0, providerReserved: 0 }
  for (const _look of [1, 2]) expect(onServer?.on(slots)).toMatchObject({ maxConnections: 100 })
  expect(Object.fromEntries(read)).toEqual({ "pool.config": 1, fleet: 1 })
})

test.each([
  ["checkFleet", () => checkFleet(stated)],
  ["checkFleet of several servers", () => checkFleet({ servers: { a: stated, b: stated } })],
  ["sizeFleet", () => sizeFleet(open)],
  ["observeDatabase", () => readObservedFleet(stated)],
])("%s reads its fleet once", (_, run) => {
  run()
  expect(Object.fromEntries(read)).toEqual({ fleet: 1 })
})
