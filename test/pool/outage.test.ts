import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Outage } from "../../src/pool/outage.ts"

beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }))
afterEach(() => void vi.useRealTimers())

const FULL = Object.assign(new Error("sorry, too many clients already"), { code: "53300" })
const REFUSED = Object.assign(new Error("connect ECONNREFUSED"), { code: "ECONNREFUSED", syscall: "connect" })

/** The milliseconds after which callers wait no longer, where the answers alternate every two seconds. */
function patience(limits: { reconnectTimeoutMillis: number; connectionTimeoutMillis: number }): number {
  const outage = new Outage(limits)
  outage.succeed()
  for (let millis = 0; millis < 100_000; millis += 2_000) {
    outage.record(millis % 4_000 === 0 ? REFUSED : FULL)
    if (outage.left <= 2_000) return millis + outage.left
    vi.advanceTimersByTime(2_000)
  }
  return Number.POSITIVE_INFINITY
}

test("a server that is full and away in turn is not waited for forever with pool_timeout=0", () => {
  expect(patience({ reconnectTimeoutMillis: 5_000, connectionTimeoutMillis: 0 })).toBe(20_000)
  expect(patience({ reconnectTimeoutMillis: 45_000, connectionTimeoutMillis: 0 })).toBe(45_000)
})

test("where callers have a limit of their own, that one ends the wait", () => {
  expect(patience({ reconnectTimeoutMillis: 5_000, connectionTimeoutMillis: 20_000 })).toBe(
    Number.POSITIVE_INFINITY,
  )
})
