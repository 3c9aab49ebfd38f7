import { afterAll, beforeAll, expect, test } from "vitest"
import { BEST_BY_HAND, PLANNED } from "../../bench/faults/contender.ts"
import { setLane } from "../../bench/faults/lane.ts"
import { ONE_FROZEN, RESTART } from "../../bench/faults/list.ts"
import { suffer } from "../../bench/faults/suffer.ts"
import type { Ground } from "../../bench/scenario.ts"
import { type DemoServer, startServer } from "../support/seeded-server.ts"
import { testGround } from "./ground.ts"

// However long it takes on a busy machine, which is also that of the proxy that a statement passes.
const PATIENT = { ...PLANNED, env: { PRISMA_RECONNECT_TIMEOUT: "60" } }
const TIMES = { socketTimeout: 5, patience: 60 }

let ground: Ground
let server: DemoServer
beforeAll(async () => {
  ground = await testGround()
  server = await startServer(ground.scope, 40)
})
afterAll(() => ground.scope.end())

test("an instance under load outlives a restart of its server, loses nothing but what was in flight, and leaves nothing behind", async () => {
  const lane = await setLane(ground, server, [PATIENT, BEST_BY_HAND], TIMES)
  const startedAt = () => server.sql("SELECT pg_postmaster_start_time()")
  const before = await startedAt()
  const [planned, byHand] = await suffer(lane, RESTART)

  expect(planned).toMatchObject({ hasDied: false, leaked: 0 })
  expect(planned?.recoveryMs, "served again").toBeDefined()
  expect(planned?.served).toBeGreaterThan(10)
  expect(await startedAt(), "another server").not.toEqual(before)
  expect(planned?.inFlight, JSON.stringify(planned?.failed)).toBe(planned?.lost)
  // It would be seen. Its process may die: what a server says last may come between two owners of a connection.
  expect(byHand?.hasDied || (byHand?.lost ?? 0) > (byHand?.inFlight ?? 0), JSON.stringify(byHand)).toBe(true)
})

test("a connection that the network froze is replaced in the same process afterwards, with the limit kept", async () => {
  const [planned] = await suffer(await setLane(ground, server, [PATIENT], TIMES), ONE_FROZEN)
  expect(planned).toMatchObject({ hasDied: false, leaked: 0, failed: { P1008: 1 } })
  expect(planned?.wholeMs, "whole again").toBeTypeOf("number")
  expect(planned?.peak).toBeLessThanOrEqual(PLANNED.limit)
})
