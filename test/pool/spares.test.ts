import { afterEach, beforeEach, expect, test, vi } from "vitest"
import { Spares } from "../../src/pool/spares.ts"

beforeEach(() => {
  vi.useFakeTimers()
  vi.spyOn(Math, "random").mockReturnValue(1)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

test("a failed attempt is repeated after 1 s, each further one after twice as long, up to 60 s, until one succeeds", () => {
  let opened = 0
  const spares = new Spares({
    minIdle: () => 1,
    idle: () => 0,
    renewals: () => 0,
    mayOpen: () => true,
    open: () => opened++,
  })
  /** Seconds until the next attempt, at the pool's own pace. */
  const pause = () => {
    const before = opened
    for (let ticks = 0; ; ticks++) {
      spares.fill()
      if (opened > before) return ticks / 2
      vi.advanceTimersByTime(500)
    }
  }
  expect(pause()).toBe(0)
  for (const seconds of [1, 2, 4, 8, 16, 32, 60, 60]) {
    spares.failed()
    expect(pause()).toBe(seconds)
  }
  spares.opened()
  spares.failed()
  expect(pause()).toBe(1)
})
