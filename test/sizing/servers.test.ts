import { describe, expect, test } from "vitest"
import { checkFleet, type Fleet, type Servers, sizeFleet } from "../../src/sizing/index.ts"
import { names, notObjects, refusal, title } from "../support/bad-values.ts"

const primary = { maxConnections: 100, consumers: { api: { instances: 3, poolSize: 20 } } }
const replica = { maxConnections: 50, consumers: { reports: { instances: 3, poolSize: 20, surge: 1 } } }
const check = (servers: unknown) => names(refusal(() => checkFleet({ servers } as Servers)))

describe("several servers", () => {
  test("have the verdict of a fleet each", () => {
    const { servers } = checkFleet({ servers: { primary, replica } })
    expect(servers.primary).toStrictEqual(checkFleet(primary))
    expect(servers.replica).toStrictEqual(checkFleet(replica))
  })

  test("fit together when each of them does", () => {
    const larger = { ...replica, maxConnections: 100 }
    expect(checkFleet({ servers: { primary, replica } })).toMatchObject({
      fits: false,
      deploy: { fits: false },
    })
    expect(checkFleet({ servers: { primary, replica: larger } })).toMatchObject({
      fits: true,
      deploy: { fits: true },
      alert: false,
    })
  })

  test("have verdicts of their own on the deploy and the threshold", () => {
    const rolling = { ...replica, maxConnections: 70 }
    expect(checkFleet({ servers: { primary, replica: rolling } })).toMatchObject({
      fits: true,
      alert: true,
      deploy: { fits: false },
    })
  })

  test("may share a ceiling of their own and no other: 97 on each", () => {
    const full = { maxConnections: 100, consumers: { api: { instances: 97, poolSize: 1 } } }
    expect(checkFleet({ servers: { primary: full, replica: full } }).fits).toBe(true)
  })

  test("are sized each for itself, and checked as they are sized", () => {
    const open = { maxConnections: 100, consumers: { api: { instances: 3 } } }
    const sizing = sizeFleet({ servers: { primary: open, replica: { ...open, maxConnections: 50 } } })
    expect(sizing.servers.primary.sizes.api).toBe(25)
    expect(sizing.servers.replica.sizes.api).toBe(12)
    expect(sizing.fits).toBe(true)
    expect(checkFleet(sizing.fleet).servers.replica).toEqual(sizing.servers.replica.check)
    expect(sizeFleet({ servers: { primary: open, replica: { ...open, maxConnections: 5 } } }).fits).toBe(
      false,
    )
  })

  test.each(["constructor", "__proto__", "prod.eu", "☕"])("may be named %s", (name) => {
    const servers = Object.fromEntries([[name, primary]])
    expect(Object.keys(checkFleet({ servers }).servers)).toEqual([name])
    expect(Object.keys(sizeFleet({ servers }).servers)).toEqual([name])
    expect(Object.keys(sizeFleet({ servers }).fleet.servers)).toEqual([name])
  })

  test("keep the names of their consumers in the types", () => {
    const { servers } = checkFleet({ servers: { primary, replica } })
    const totals: readonly number[] = [
      servers.primary.consumers.api.total,
      servers.replica.consumers.reports.total,
    ]
    expect(totals).toEqual([60, 60])
    // @ts-expect-error: no consumer of that name on this server
    expect(servers.replica.consumers.api).toBeUndefined()
    // @ts-expect-error: no server of that name
    expect(servers.standby).toBeUndefined()
  })
})

describe("what is wrong with a server", () => {
  test("is named with its path, all of it at once", () => {
    const wrong = {
      maxConnections: 0,
      limits: { role: -2 },
      jobs: {},
      consumers: { api: { poolSize: "15" } },
    }
    expect(check({ primary: wrong, replica: 15, standby: { consumers: {} } })).toEqual([
      "servers.primary.maxConnections",
      "servers.primary.limits.role",
      "servers.primary.consumers.api.poolSize",
      "servers.primary.consumers.api.instances",
      "servers.primary.jobs",
      "servers.replica",
      "servers.standby.maxConnections",
    ])
  })

  test("may be that there is none, or one without a name", () => {
    expect(check({})).toEqual(["servers"])
    expect(check({ " ": primary })).toEqual(["servers"])
  })

  test.each(notObjects.map((value) => [title(value), value]))("may be that it is %s", (_, value) => {
    expect(check(value)).toEqual(["servers"])
    expect(check({ primary: value })).toEqual(["servers.primary"])
  })

  test("may be a ceiling beside them", () => {
    const both = { ...primary, servers: { primary } } as unknown as Fleet
    expect(names(refusal(() => checkFleet(both)))).toEqual(["maxConnections", "consumers"])
  })
})
