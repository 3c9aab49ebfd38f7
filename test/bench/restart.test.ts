import { afterAll, beforeAll, expect, test } from "vitest"
import { suffer } from "../../bench/faults/faults.ts"
import { RESTART } from "../../bench/faults/list.ts"
import { setStage } from "../../bench/faults/stage.ts"
import type { Ground } from "../../bench/scenario.ts"
import { startServer } from "../support/seeded-server.ts"
import { testGround } from "./ground.ts"

let ground: Ground
beforeAll(async () => {
  ground = await testGround()
}, 60_000)
afterAll(() => ground.scope.end())

test("instances under load outlive a restart of their server, are served again, and leave nothing behind", async () => {
  const server = await startServer(ground.scope, 40)
  const stage = await setStage(ground, server)
  const startedAt = () => server.sql("SELECT pg_postmaster_start_time()")
  const before = await startedAt()
  const result = await suffer(ground, stage, RESTART, "planned")

  expect(result).toMatchObject({ died: 0, leaked: 0 })
  expect(result.recoveryMs, "served again").toBeDefined()
  expect(result.served).toBeGreaterThan(100)
  expect(await startedAt(), "another server").not.toEqual(before)
  // Often there is none: whoever waits is served once it is back.
  for (const code of Object.keys(result.failed)) expect(["P1001", "P1017", "P2024", "P2028"]).toContain(code)
})
