import { describe, expect, test } from "vitest"
import type { Look } from "../../src/pool/auto/look.ts"
import {
  crowdingOf,
  idleMillis,
  mayOpen,
  minIdleOf,
  type ShareSettings,
  shareOf,
  surplusOf,
} from "../../src/pool/auto/share.ts"
import { lookWith } from "./looks.ts"

const settings: ShareSettings = { cap: 15, budget: undefined, reserved: 10 }

/** Of 20 connections, 18 are shared and 2 are for newcomers. All that there are belong to pools, unless given. */
const shareWith = (look: Partial<Look>, openThen = 1) =>
  shareOf(lookWith({ roleLimit: 20, ofMembers: look.ofRole ?? 1, ...look }), settings, openThen)

test.each([
  [1, 15],
  [2, 9],
  [4, 4],
  [5, 3],
  [18, 1],
  [25, 1],
])("of %i pools, each has a share of %i", (members, size) => {
  expect(shareWith({ members }).size).toBe(size)
})

test("what belongs to no pool is not shared", () => {
  const size = (ofRole: number, ofMembers: number, openThen = 1) =>
    shareWith({ members: 2, ofRole, ofMembers }, openThen).size
  expect(size(10, 10)).toBe(9)
  expect(size(10, 4)).toBe(6)
  expect(size(19, 2)).toBe(1)
  // Something has changed the names of this pool's own.
  expect(size(10, 0, 6)).toBe(7)
  expect(crowdingOf(shareWith({ members: 4, ofRole: 14, ofMembers: 4 }))).toBe("none")
  expect(crowdingOf(shareWith({ members: 5, ofRole: 15, ofMembers: 5 }))).toBe("half")
  expect(crowdingOf(shareWith({ members: 5, ofRole: 19, ofMembers: 5 }))).toBe("over")
})

describe("a pool may open one more", () => {
  test("where it has none, whatever it knew: without a connection it cannot look", () => {
    expect(mayOpen(undefined, 0)).toBe(true)
    expect(mayOpen(undefined, 1)).toBe(false)
    expect(mayOpen(shareWith({ ofRole: 20 }), 0)).toBe(true)
  })

  test("up to its share, while not all is taken", () => {
    const share = (ofRole: number) => shareWith({ members: 2, ofRole }, 8)
    expect(mayOpen(share(17), 8)).toBe(true)
    expect(mayOpen(share(18), 8)).toBe(false)
  })

  test("above its share, while what is for newcomers twice is left", () => {
    const share = (ofRole: number) => shareWith({ members: 2, ofRole }, 9)
    expect(mayOpen(share(15), 9)).toBe(true)
    expect(mayOpen(share(16), 9)).toBe(false)
  })

  test("never above its cap", () => {
    const share = shareOf(lookWith({ roleLimit: 60 }), { ...settings, cap: 3 }, 1)
    expect([1, 2, 3, 4].map((open) => mayOpen(share, open))).toEqual([true, true, false, false])
  })

  test("counting what it has opened since its look", () => {
    const share = shareWith({ members: 9, ofRole: 10 }, 2)
    const allowed = [2, 3, 4, 5, 6, 7, 8].filter((open) => mayOpen(share, open))
    expect(allowed).toEqual([2, 3, 4, 5, 6, 7])
  })

  test("in place of one that it lost, but none above its share that it has just given back", () => {
    const full = shareWith({ members: 2, ofRole: 18 }, 9)
    expect(mayOpen(full, 8)).toBe(true)
    const above = shareWith({ members: 3, ofRole: 18 }, 12)
    expect(surplusOf(above, 12)).toBe(6)
    expect(mayOpen(above, 6)).toBe(false)
    expect(mayOpen(above, 5)).toBe(true)
  })
})

describe("a pool gives back", () => {
  test("what is above its share, once all that is shared is taken", () => {
    const share = (ofRole: number) => shareWith({ members: 4, ofRole }, 7)
    expect(surplusOf(share(17), 7)).toBe(0)
    expect(surplusOf(share(18), 7)).toBe(3)
    expect(surplusOf(share(18), 4)).toBe(0)
    expect(surplusOf(share(18), 2)).toBe(0)
  })

  test("what is above its cap", () => {
    expect(surplusOf(shareWith({ ofRole: 2 }, 17), 17)).toBe(2)
  })
})

describe("an idle connection is closed", () => {
  test("after 10 s beside others, and the last one after its usual time", () => {
    const share = shareWith({ members: 2 })
    expect(idleMillis(share, 2, 300_000)).toBe(10_000)
    expect(idleMillis(share, 2, 0)).toBe(10_000)
    expect(idleMillis(share, 2, 4_000)).toBe(4_000)
    expect(idleMillis(share, 1, 300_000)).toBe(300_000)
    expect(idleMillis(share, 1, 0)).toBe(0)
    expect(idleMillis(undefined, 1, 300_000)).toBe(300_000)
  })

  test("after 1 s where there are more pools than connections, the last one too", () => {
    const share = shareWith({ members: 19 })
    expect(idleMillis(share, 1, 300_000)).toBe(1_000)
    expect(idleMillis(share, 1, 0)).toBe(1_000)
    expect(idleMillis(share, 1, 500)).toBe(500)
    expect(idleMillis(shareWith({ members: 18 }), 1, 300_000)).toBe(300_000)
  })
})

test("members crowd above half of what is shared, and above all of it", () => {
  expect([9, 10, 18, 19].map((members) => crowdingOf(shareWith({ members })))).toEqual([
    "none",
    "half",
    "half",
    "over",
  ])
})

test("the connections kept ready are within the share, and none where pools crowd", () => {
  expect([1, 4, 9, 10, 19].map((members) => minIdleOf(shareWith({ members }), 5))).toEqual([5, 4, 2, 0, 0])
})
