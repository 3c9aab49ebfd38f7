import { expect, test } from "vitest"
import { lookQuery, readLook } from "../../src/pool/auto/look.ts"

const ANSWER = {
  pid: 7,
  isSuperuser: false,
  roleLimit: -1,
  databaseLimit: -1,
  maxConnections: 100,
  superuserReserved: 3,
  reservedConnections: 0,
  providerReserved: 0,
  connections: 4,
  ofRole: 3,
  ofRoleInDatabase: 3,
  ofService: 2,
  ofMembers: 2,
  ofOthersInDatabase: 1,
  otherMembers: 1,
  startedAt: 1_764_236_245_123_456,
  address: null,
  isReplica: false,
}
const answer = (changes: object) => [{ look: JSON.stringify({ ...ANSWER, ...changes }) }]

test("a look is read, and the pool itself is a member", () => {
  const { otherMembers, startedAt, address, isReplica, ...counts } = ANSWER
  expect(readLook(answer({}))).toEqual({
    ...counts,
    members: otherMembers + 1,
    server: { startedAt, address, isReplica },
  })
  expect(readLook(answer({ address: "10.0.0.1", more: 1 })).server.address).toBe("10.0.0.1")
})

test.each([
  undefined,
  [],
  [{}],
  [{ look: 1 }],
  [{ look: "" }],
  [{ look: "null" }],
  [{ look: "[]" }],
  ...Object.keys(ANSWER).flatMap((field) => [answer({ [field]: undefined }), answer({ [field]: [] })]),
  answer({ pid: "7" }),
  answer({ ofRole: -1 }),
  answer({ ofRole: 1.5 }),
  answer({ maxConnections: 0 }),
  answer({ roleLimit: -2 }),
  answer({ startedAt: 2 ** 60 }),
])("an answer of another shape is refused: %j", (rows) => {
  expect(() => readLook(rows)).toThrow("The server's answer to the pool's look has an unexpected shape")
})

test("a look asks for its service and its id", () => {
  expect(lookQuery("api@1.4.2#k3f9ab").values).toEqual(["api", "k3f9ab"])
})
