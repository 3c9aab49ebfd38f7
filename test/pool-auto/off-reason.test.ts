import { describe, expect, test } from "vitest"
import type { ServerIdentity } from "../../src/pool/auto/look.ts"
import { meetServer, NO_SERVERS, offReason } from "../../src/pool/auto/off-reason.ts"
import { lookWith } from "./looks.ts"

const server = (startedAt: number, changes: Partial<ServerIdentity> = {}): ServerIdentity => ({
  startedAt,
  address: "10.0.0.1",
  isReplica: false,
  ...changes,
})
/** Looks in turn, each with the time at which its connection was opened; else each has a new one. */
const meetAll = (looks: readonly (ServerIdentity | [ServerIdentity, number])[]) =>
  looks.reduce((met, look, turn) => {
    const [identity, openedAt] = Array.isArray(look) ? look : [look, turn]
    return meetServer(met, identity, openedAt)
  }, NO_SERVERS)

describe("several servers behind one name", () => {
  test.each<[string, Parameters<typeof meetAll>[0]]>([
    ["one that is met again and again", [server(1), server(1), server(1)]],
    ["one that restarts", [server(1), server(2), server(2), server(3)]],
    ["one that is promoted", [server(1, { isReplica: true }), server(1), server(1)]],
    [
      "one that is promoted while its connections last",
      [
        [server(1, { isReplica: true }), 1],
        [server(1, { isReplica: true }), 2],
        [server(1), 1],
        [server(1), 2],
      ],
    ],
    ["one that is reached by two addresses", [server(1), server(1, { address: "::1" }), server(1)]],
    ["a failover, and one back after a restart", [server(1), server(2), server(3)]],
    [
      "a failover that leaves connections to the old server",
      [
        [server(1), 1],
        [server(2), 3],
        [server(1), 1],
        [server(2), 4],
        [server(1), 2],
        [server(2), 3],
      ],
    ],
  ])("are not %s", (_, servers) => {
    expect(meetAll(servers).areSeveral).toBe(false)
  })

  test.each<[string, Parameters<typeof meetAll>[0]]>([
    ["where one comes back after another", [server(1), server(2), server(1)]],
    ["where one of three does", [server(1), server(2), server(3), server(2)]],
    [
      "also where all have one address",
      [server(1, { address: null }), server(2, { address: null }), server(1)],
    ],
    [
      "where a connection between two of another one looks last",
      [
        [server(1), 1],
        [server(1), 3],
        [server(2), 2],
      ],
    ],
    ["and stay so", [server(1), server(2), server(1), server(1), server(1)]],
  ])("are seen %s", (_, servers) => {
    expect(meetAll(servers).areSeveral).toBe(true)
  })

  test("a pool remembers the last ones, however often a server restarts", () => {
    const restarted = meetAll(Array.from({ length: 1_000 }, (_, start) => server(start)))
    expect(restarted.spans.length).toBeLessThan(50)
    expect(meetServer(restarted, server(998), 1_000).areSeveral).toBe(true)
  })
})

test("auto is off for a superuser, behind a pooler, and before several servers", () => {
  const several = meetAll([server(1), server(2), server(1)])
  const one = meetAll([server(1)])
  expect(offReason(lookWith({ pid: 7 }), 7, one)).toBeUndefined()
  expect(offReason(lookWith({ pid: 7 }), 8, one)).toBe("pooler")
  // A pooler need not report a process id.
  expect(offReason(lookWith({ pid: 7 }), null, one)).toBe("pooler")
  expect(offReason(lookWith({ pid: 7 }), undefined, one)).toBe("pooler")
  expect(offReason(lookWith({ pid: 7, isSuperuser: true }), 7, one)).toBe("superuser")
  expect(offReason(lookWith({ pid: 7 }), 7, several)).toBe("several servers")
  expect(offReason(lookWith({ pid: 7, isSuperuser: true }), 8, several)).toBe("pooler")
})
