import { afterAll, beforeAll, expect, test } from "vitest"
import { planned } from "../../bench/faults/contender.ts"
import { RESTART } from "../../bench/faults/list.ts"
import { setStage } from "../../bench/faults/stage.ts"
import { suffer } from "../../bench/faults/suffer.ts"
import type { Ground } from "../../bench/scenario.ts"
import { startServer } from "../support/seeded-server.ts"
import { testGround } from "./ground.ts"

let ground: Ground
beforeAll(async () => {
  ground = await testGround()
}, 60_000)
afterAll(() => ground.scope.end())

test("instances under load outlive a restart of their server, lose nothing but what was in flight, and leave nothing behind", async () => {
  const server = await startServer(ground.scope, 40)
  const stage = await setStage(ground, server)
  const startedAt = () => server.sql("SELECT pg_postmaster_start_time()")
  const before = await startedAt()
  // However long it takes on a busy machine.
  const patient = { ...planned("transactions"), env: { PRISMA_RECONNECT_TIMEOUT: "60" } }
  const [result] = await suffer(ground, stage, RESTART, [patient])

  expect(result).toMatchObject({ died: 0, leaked: 0 })
  expect(result?.recoveryMs, "served again").toBeDefined()
  expect(result?.served).toBeGreaterThan(100)
  expect(await startedAt(), "another server").not.toEqual(before)
  expect(result?.inFlight, JSON.stringify(result?.failed)).toBe(result?.lost)
})
