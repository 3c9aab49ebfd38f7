import { afterAll, beforeAll, describe, expect, test } from "vitest"
import type { Ground } from "../../bench/scenario.ts"
import { loadCrew } from "../../bench/storm/crew.ts"
import { type StormOnCeiling, stormsOn } from "../../bench/storm/storm.ts"
import { testGround } from "./ground.ts"

const LENGTH = { steady: 1_000, overlap: 500, idle: 300, burst: 1_000, callers: 16 }

let ground: Ground
let storm: StormOnCeiling
beforeAll(async () => {
  ground = await testGround()
  const crew = await loadCrew(ground, [20])
  storm = await stormsOn(
    ground,
    crew,
    20,
    ["planned", "prisma7", "plannedPgbouncer", "auto", "bestByHand"],
    LENGTH,
  )
})
afterAll(() => ground.scope.end())

describe("a storm on a server of 20 connections, with a deploy half-way", () => {
  test("refuses nothing to the fleet as it is planned, and serves every request and job", () => {
    const [planned] = storm.runs
    expect(planned).toMatchObject({
      refusedByServer: 0,
      failed: {},
      jobs: 2 * storm.jobs,
      jobsFailed: 0,
      killed: 0,
      left: 0,
    })
    expect(planned?.served).toBeGreaterThan(100)
  })

  test("takes no more backends than planned, and more than one instance of the API has", () => {
    const [planned] = storm.runs
    expect(planned?.peak).toBeLessThanOrEqual(planned?.plan ?? 0)
    expect(planned?.peak).toBeGreaterThan(storm.sizes["api"] ?? Number.NaN)
    // Hundreds, unless the machine is busy: what was looked at once only may have been another part of the storm.
    expect(planned?.samples).toBeGreaterThan(10)
  })

  test("refuses nothing behind PgBouncer as it is planned either, and has no more backends", () => {
    const [, , pooled] = storm.runs
    expect(pooled).toMatchObject({ refusedByServer: 0, failed: {}, jobsFailed: 0, killed: 0 })
    expect(pooled?.served).toBeGreaterThan(100)
    expect(pooled?.peak).toBeLessThanOrEqual(pooled?.plan ?? 0)
  })

  test("fails nothing with auto, though the limit of the role refuses connections, and passes no limit", () => {
    const [, , , auto] = storm.runs
    expect(auto).toMatchObject({ failed: {}, jobsFailed: 0, killed: 0, left: 0 })
    expect(auto?.served).toBeGreaterThan(100)
    expect(auto?.peak).toBeLessThanOrEqual(auto?.plan ?? 0)
  })

  test("refuses connections to the best client by hand, which knows nothing of the fleet", () => {
    const [, , , , byHand] = storm.runs
    expect(byHand?.refusedByServer).toBeGreaterThan(0)
    expect(byHand?.failed["refused"]).toBeGreaterThan(0)
    expect(byHand).toMatchObject({ killed: 0, left: 0 })
  })

  test("refuses connections to the same fleet on Prisma 7's defaults: it would be seen", () => {
    const [, prisma7] = storm.runs
    expect(prisma7?.refusedByServer).toBeGreaterThan(0)
    expect(prisma7?.failed["refused"]).toBeGreaterThan(0)
  })
})
