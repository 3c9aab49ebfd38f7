import fc from "fast-check"
import { expect, test } from "vitest"
import { memberIdOf, memberName, newMemberId, serviceOf } from "../../src/pool/auto/member-name.ts"
import { Random } from "../support/random.ts"

const ID = "k3f9ab"

test("an id has six of 0-9 and a-z, each as likely as the others", () => {
  const random = new Random(1)
  const ids = Array.from({ length: 1_000 }, () => newMemberId(() => random.next()))
  for (const id of ids) expect(id).toMatch(/^[0-9a-z]{6}$/)
  expect(new Set(ids).size).toBe(1_000)
  expect(new Set(ids.join("")).size).toBe(36)
  expect(newMemberId(() => 0)).toBe("000000")
  expect(newMemberId(() => 1 - Number.EPSILON)).toBe("zzzzzz")
})

test.each([
  ["api@1.4.2", "api@1.4.2#k3f9ab", "api"],
  ["api", "api#k3f9ab", "api"],
  ["api#blue", "api#blue#k3f9ab", "api"],
  [undefined, "prisma#k3f9ab", "prisma"],
  ["", "prisma#k3f9ab", "prisma"],
  ["café", "caf?#k3f9ab", "caf?"],
  ["🐘\t\u{7f}", "???#k3f9ab", "???"],
  ["@1", "@1#k3f9ab", ""],
  ["x".repeat(62), `${"x".repeat(56)}#k3f9ab`, "x".repeat(56)],
  [
    `${"é".repeat(40)}${"x".repeat(40)}`,
    `${"?".repeat(40)}${"x".repeat(16)}#k3f9ab`,
    `${"?".repeat(40)}${"x".repeat(16)}`,
  ],
])("%j is %s, of the service %j", (base, name, service) => {
  expect(memberName(base, ID)).toBe(name)
  expect(serviceOf(name)).toBe(service)
  expect(memberIdOf(name)).toBe(ID)
})

test("any name survives the server whole: 63 bytes of visible ASCII, with the id at the end", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(0x10ffff), { maxLength: 80 }), (points) => {
      const base = String.fromCodePoint(...points)
      const name = memberName(base, ID)
      expect(name).toMatch(/^[ -~]{7,63}$/)
      expect(memberIdOf(name)).toBe(ID)
    }),
  )
})

test.each(["api", "api#", "api#k3f9a", "api#k3f9abc", "api#K3F9AB", "api#k3f9ab ", "k3f9ab"])(
  "%s has no id",
  (name) => {
    expect(memberIdOf(name)).toBeUndefined()
  },
)
