import { expect, test } from "vitest"
import { type AutoWarning, offText, warningsDue, warningText } from "../../src/pool/auto/auto-warnings.ts"
import { shareOf } from "../../src/pool/auto/share.ts"
import { lookWith } from "./looks.ts"

const SIZE = "PRISMA_POOL_SIZE_CORE"
const shareWith = (members: number, roleLimit = 20) =>
  shareOf(lookWith({ roleLimit, members }), { cap: 15, budget: undefined, reserved: 10 }, 1)

test("each warning is given once, and the lesser not after the greater", () => {
  const given = new Set<AutoWarning>()
  const give = (members: number, roleLimit?: number) => {
    const due = warningsDue(shareWith(members, roleLimit), given)
    for (const warning of due) given.add(warning)
    return due
  }
  expect(give(9)).toEqual([])
  expect(give(10)).toEqual(["half"])
  expect(give(10)).toEqual([])
  expect(give(19)).toEqual(["over"])
  expect(give(10)).toEqual([])
  expect(give(2, -1)).toEqual(["unenforced"])
  expect(give(2, -1)).toEqual([])
  expect(warningsDue(shareWith(19), new Set())).toEqual(["over"])
  expect(warningsDue(shareWith(10), new Set(["over"]))).toEqual([])
})

test("a warning says what is wrong, in numbers, and what to do", () => {
  expect(warningText("unenforced", shareWith(2, -1), SIZE)).toBe(
    "PRISMA_POOL_SIZE_CORE=auto: neither the role nor the database has a CONNECTION LIMIT below what the server allows, so nothing but the pools keeps the sum at 90. Set one: ALTER ROLE … CONNECTION LIMIT ….",
  )
  expect(warningText("half", shareWith(10), SIZE)).toBe(
    "PRISMA_POOL_SIZE_CORE=auto: 10 pools share 18 connections (20 without 2 for newcomers), so that each has 1. Raise the limit, run fewer instances, or put PgBouncer in between.",
  )
  expect(warningText("over", shareWith(19), SIZE)).toBe(
    "PRISMA_POOL_SIZE_CORE=auto: 19 pools share 18 connections (20 without 2 for newcomers): some have none at all. Put PgBouncer in between, or run fewer instances.",
  )
  expect(warningText("half", shareWith(1, 1), SIZE)).toContain(
    "1 pool has 1 connection (1 without 0 for newcomers)",
  )
  const look = lookWith({ roleLimit: 20, members: 10, ofRole: 13, ofMembers: 10 })
  expect(warningText("half", shareOf(look, { cap: 15, budget: undefined, reserved: 10 }, 1), SIZE)).toContain(
    "10 pools share 15 connections (20 without 2 for newcomers and 3 of other sessions), so that",
  )
  for (const reason of ["superuser", "pooler", "several servers"] as const) {
    expect(offText(reason, SIZE, 15)).toMatch(
      /^PRISMA_POOL_SIZE_CORE=auto is off: .*\. .*\. This pool has up to 15 connections\.$/,
    )
  }
})
