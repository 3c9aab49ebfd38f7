import { describe, expect, test } from "vitest"
import { checkFleet, type Fleet, reservedTotal } from "../../src/sizing/index.ts"
import { badValues, names, notObjects, refusal, title } from "../support/bad-values.ts"

const consumer = { instances: 1, poolSize: 15, poolsPerInstance: 1, surge: 1 }
const good = {
  maxConnections: 100,
  superuserReserved: 3,
  reservedConnections: 0,
  providerReserved: 0,
  reserved: { metabase: 10 },
  consumers: { api: consumer },
}
const check = (fleet: unknown) => names(refusal(() => checkFleet(fleet as Fleet)))
const withConsumer = (change: object) => ({ ...good, consumers: { api: { ...consumer, ...change } } })

/** Every number of a fleet: its dotted path, the fleet with another value there, and the first value above its range. */
const numbers = [
  ...["maxConnections", "superuserReserved", "reservedConnections", "providerReserved"].map((field) => ({
    path: field,
    put: (value: unknown): object => ({ ...good, [field]: value }),
    above: 1_000_001,
  })),
  {
    path: "reserved.metabase",
    put: (value: unknown) => ({ ...good, reserved: { metabase: value } }),
    above: 1_000_001,
  },
  ...Object.keys(consumer).map((field) => ({
    path: `consumers.api.${field}`,
    put: (value: unknown) => withConsumer({ [field]: value }),
    above: field.startsWith("pool") ? 10_001 : 1_000_001,
  })),
]

describe.each(numbers)("checkFleet names $path", ({ path, put, above }) => {
  test.each(badValues.map((value) => [title(value), value]))("when it is %s", (_, value) => {
    expect(check(put(value))).toEqual([path])
  })

  test("when it is one above its range", () => {
    expect(check(put(above))).toEqual([path])
  })
})

describe("0", () => {
  const required = ["maxConnections", "consumers.api.poolSize", "consumers.api.poolsPerInstance"]

  test.each(numbers.filter(({ path }) => required.includes(path)))(
    "is refused for $path",
    ({ path, put }) => {
      expect(check(put(0))).toEqual([path])
    },
  )

  test.each(numbers.filter(({ path }) => !required.includes(path)))("is allowed for $path", ({ put }) => {
    expect(checkFleet(put(0) as Fleet).fits).toBe(true)
  })
})

test("-0 is 0 in the sums", () => {
  const check = checkFleet(withConsumer({ instances: -0, surge: -0 }) as Fleet)
  expect(check.consumers["api"]).toStrictEqual({ total: 0, deploy: { total: 0 } })
})

test("a field that every object inherits is no field of the fleet", () => {
  const inherited = Object.assign(Object.create(null), { surge: 50, reservedConnections: 50 })
  const { surge: _, ...api } = consumer
  const fleet = Object.assign(Object.create(inherited), {
    maxConnections: 100,
    consumers: { api: Object.assign(Object.create(inherited), api) },
  })
  expect(checkFleet(fleet)).toMatchObject({ usable: 97, total: 15, deploy: { total: 15 } })
})

describe("what is missing", () => {
  test("the ceiling and the consumers of a fleet are required", () => {
    expect(check({})).toEqual(["maxConnections", "consumers"])
  })

  test("the instances and the pool size of a consumer are required", () => {
    expect(check({ ...good, consumers: { api: {} } })).toEqual([
      "consumers.api.poolSize",
      "consumers.api.instances",
    ])
  })
})

describe("what is no plain object", () => {
  test.each([undefined, ...notObjects].map((value) => [title(value), value]))(
    "%s is refused everywhere",
    (_, value) => {
      expect(check(value)).toEqual(["fleet"])
      expect(check({ ...good, consumers: value })).toEqual(["consumers"])
      expect(check({ ...good, consumers: { api: value } })).toEqual(["consumers.api"])
      if (value !== undefined) expect(check({ ...good, reserved: value })).toEqual(["reserved"])
      expect(names(refusal(() => reservedTotal(value as never)))).toEqual(["fleet"])
    },
  )
})

describe("a field that is not known", () => {
  test.each(["maxconnections", "max_connections", "limit", "job", "fill", "toString"])(
    "%s of a fleet is refused",
    (field) => {
      expect(check({ ...good, [field]: 1 })).toEqual([field])
    },
  )

  test.each(["pool_size", "instance", "weight", "min", "max", "constructor"])(
    "%s of a consumer is refused",
    (field) => {
      expect(check(withConsumer({ [field]: 1 }))).toEqual([`consumers.api.${field}`])
    },
  )

  test("__proto__ from JSON is refused, not obeyed", () => {
    expect(check(withConsumer(JSON.parse('{ "__proto__": 5 }')))).toEqual(["consumers.api.__proto__"])
  })

  test("the refusal lists the fields that are known, and the types refuse it as well", () => {
    const error = refusal(() =>
      // @ts-expect-error: pool_size
      checkFleet({ maxConnections: 100, consumers: { api: { instances: 1, poolSize: 15, pool_size: 30 } } }),
    )
    expect(error.message).toBe(
      "consumers.api.pool_size: is not a known field. Use instances, poolSize, budget, poolsPerInstance, surge, pooler.",
    )
  })
})

describe("a name", () => {
  test.each(["", " ", "\t\n"])("%j is refused", (name) => {
    expect(check({ ...good, consumers: { [name]: consumer } })).toEqual(["consumers"])
    expect(check({ ...good, reserved: { [name]: 10 } })).toEqual(["reserved"])
  })

  test("that is strange stays as it is in the path", () => {
    expect(
      check(JSON.parse('{ "maxConnections": 100, "consumers": { "__proto__": { "instances": 1 } } }')),
    ).toEqual(["consumers.__proto__.poolSize"])
    expect(check({ ...good, consumers: { "café ☕": 15 } })).toEqual(["consumers.café ☕"])
  })
})

test("everything that is wrong comes in one error, in the order of the fields", () => {
  const fleet = {
    maxConnections: 0,
    superuserReserved: -1,
    reserved: { metabase: "10", admin: 2 },
    consumers: {
      api: { instances: 1.5, poolSize: 0 },
      jobs: null,
      worker: { instances: 1, poolSize: 5, surge: Number.NaN, wieght: 2 },
    },
  }
  expect(check(fleet)).toEqual([
    "maxConnections",
    "superuserReserved",
    "reserved.metabase",
    "consumers.api.instances",
    "consumers.api.poolSize",
    "consumers.jobs",
    "consumers.worker.wieght",
    "consumers.worker.surge",
  ])
})

describe("slots of the server that leave none", () => {
  test.each([
    [{ maxConnections: 3 }, ["superuserReserved"]],
    [{ maxConnections: 100, superuserReserved: 100 }, ["superuserReserved"]],
    [{ maxConnections: 100, superuserReserved: 0, reservedConnections: 101 }, ["reservedConnections"]],
    [{ maxConnections: 5, reservedConnections: 2 }, ["superuserReserved", "reservedConnections"]],
    [{ maxConnections: 50, providerReserved: 47 }, ["superuserReserved", "providerReserved"]],
  ])("%j is refused", (server, expected) => {
    const error = refusal(() => checkFleet({ ...server, consumers: {} }))
    expect(names(error)).toEqual(expected)
    expect(error.message).toContain(`leave no slot of maxConnections ${server.maxConnections}`)
  })

  test("one usable slot is a server", () => {
    expect(checkFleet({ maxConnections: 4, consumers: {} }).usable).toBe(1)
  })

  test("reservations of others above the ceiling are a fleet that does not fit", () => {
    expect(checkFleet({ maxConnections: 100, reserved: { metabase: 98 }, consumers: {} })).toMatchObject({
      fits: false,
      free: -1,
    })
  })
})

describe("a sum beyond exact integers", () => {
  const most = { instances: 1_000_000, poolSize: 10_000, poolsPerInstance: 10_000, surge: 1_000_000 }
  const times = (count: number) => ({
    maxConnections: 1_000_000,
    consumers: Object.fromEntries(Array.from({ length: count }, (_, index) => [`api ${index}`, most])),
  })

  test("is refused, and never rounded", () => {
    expect(check(times(46))).toEqual(["fleet"])
    expect(check({ servers: { primary: good, replica: times(46) } })).toEqual(["servers.replica"])
  })

  test("is an answer up to there", () => {
    expect(checkFleet(times(45))).toMatchObject({
      fits: false,
      alert: true,
      total: 45 * 10 ** 14,
      deploy: { total: 90 * 10 ** 14, fits: false },
    })
  })
})
