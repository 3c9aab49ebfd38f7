import { describe, expect, test } from "vitest"
import {
  coreAdapter,
  createAnalyticsClient,
  createCoreClient,
  createPool,
  PoolConfigError,
  poolConfigFromUrl,
  withCoreClient,
} from "../../src/index.ts"
import { refusedNames } from "../support/refused-names.ts"

const URL = "postgresql://app@localhost/core"

/** Arguments that callers without TypeScript may pass. */
type Anything = never

const WRONG: unknown[] = [
  "",
  " ",
  0,
  -1,
  1.5,
  "1e3",
  "15abc",
  Number.NaN,
  Number.POSITIVE_INFINITY,
  1e12,
  "１５",
  [],
  null,
]

class Client {
  readonly options: unknown
  constructor(options: object) {
    this.options = options
  }
  async $disconnect() {}
}

describe.each(
  WRONG.map((value) => [typeof value === "string" ? JSON.stringify(value) : String(value), value]),
)("given %s for", (_, value) => {
  test("PrismaClient, the class is refused", () => {
    expect(refusedNames(() => createCoreClient(value as Anything))).toEqual(["PrismaClient"])
    expect(refusedNames(() => createAnalyticsClient(value as Anything))).toEqual(["PrismaClient"])
  })

  test("the options, they are refused", () => {
    expect(refusedNames(() => createCoreClient(Client, value as Anything))).toEqual(["options"])
    expect(refusedNames(() => createAnalyticsClient(Client, value as Anything))).toEqual(["options"])
    if (!Array.isArray(value)) expect(refusedNames(() => coreAdapter(value as Anything))).toEqual(["options"])
  })

  test("env, password and prismaPg, each is refused", () => {
    if (!Array.isArray(value)) {
      expect(refusedNames(() => createCoreClient(Client, { env: value as Anything }))).toEqual(["env"])
      expect(refusedNames(() => createCoreClient(Client, { env: {}, prismaPg: value as Anything }))).toEqual([
        "prismaPg",
      ])
    }
    expect(refusedNames(() => createCoreClient(Client, { env: {}, password: value as Anything }))).toEqual([
      "password",
    ])
  })

  test("the options that the environment decides, each is refused", () => {
    for (const name of ["adapter", "accelerateUrl", "datasources", "datasourceUrl"]) {
      expect(refusedNames(() => createCoreClient(Client, { env: {}, [name]: value } as Anything))).toEqual([
        name,
      ])
      expect(
        refusedNames(() => createAnalyticsClient(Client, { env: {}, [name]: value } as Anything)),
      ).toEqual([name])
    }
  })

  test("a URL, it is refused", () => {
    // A blank one is wrong twice.
    expect(new Set(refusedNames(() => poolConfigFromUrl(value as Anything)))).toEqual(new Set(["url"]))
    expect(new Set(refusedNames(() => createPool(value as Anything)))).toEqual(new Set(["url"]))
  })

  test("the options of createPool, and the one that it has, each is refused", () => {
    expect(refusedNames(() => createPool(URL, value as Anything))).toEqual(["options"])
    if (value === 0) return
    expect(refusedNames(() => createPool(URL, { reconnectTimeout: value as Anything }))).toEqual([
      "reconnectTimeout",
    ])
  })

  test("the job of withCoreClient, it is refused", async () => {
    const error = await withCoreClient(Client, { env: {} }, value as Anything).catch(
      (thrown: unknown) => thrown,
    )
    expect(error).toBeInstanceOf(PoolConfigError)
    expect(error).toMatchObject({ issues: [{ name: "run" }] })
  })
})

test("what is wrong with a URL and with the options of createPool is one error", () => {
  const url = `${URL}?connection_limit=0`
  const call = () => createPool(url, { reconnectTimeout: "5", poolTimeout: 3 } as Anything)
  expect(call).toThrow(PoolConfigError)
  expect(refusedNames(call)).toEqual(["connection_limit", "poolTimeout", "reconnectTimeout"])
  expect(call).toThrow(
    "poolTimeout: is not a known field. Use poolSize, maxSize, budget, reserved, reconnectTimeout, minIdle, maxWaiting, leakThreshold.",
  )
  expect(call).toThrow(
    'reconnectTimeout: received "5". Use a whole number of seconds from 0 to 2147483, or leave it out for 5.',
  )
  expect(refusedNames(() => createPool("mysql://db/core", { reconnectTimeout: -1 }))).toEqual([
    "url",
    "reconnectTimeout",
  ])
})

test("what counts only with a size of auto is refused without it, and so is another size", () => {
  const call = (options: object) => () => createPool(URL, options as Anything)
  expect(refusedNames(call({ maxSize: 5, budget: 9, reserved: 1 }))).toEqual([
    "maxSize",
    "budget",
    "reserved",
  ])
  expect(call({ budget: 9 })).toThrow(
    'budget: has no effect without poolSize: "auto". Give both, or leave it out.',
  )
  expect(call({ poolSize: 5 })).toThrow(
    'poolSize: received 5. Use "auto", or leave it out and write a number into the URL as connection_limit.',
  )
  const auto = { poolSize: "auto", maxSize: 0, budget: "60", reserved: -1 }
  expect(refusedNames(call(auto))).toEqual(["maxSize", "budget", "reserved"])
  expect(call(auto)).toThrow("Use a whole number of connections from 1 to 262143.")
})

test("a URL or a password in the wrong place is not printed", () => {
  const secret = "postgresql://app:hunter2@db/core" as Anything
  const calls = [
    () => createCoreClient(secret),
    () => createCoreClient(Client, secret),
    () => createCoreClient(Client, { env: secret }),
    () => createCoreClient(Client, { env: {}, password: secret, prismaPg: secret }),
    () => createCoreClient(Client, { env: {}, datasourceUrl: secret } as Anything),
    () => createAnalyticsClient(Client, { env: secret }),
    () => coreAdapter(secret),
    () => createPool(URL, secret),
    () => createPool(URL, { reconnectTimeout: secret }),
    () => createPool(URL, { poolSize: secret }),
  ]
  for (const call of calls) {
    expect(call).toThrow(PoolConfigError)
    expect(call).not.toThrow(/hunter2/)
  }
})

test("more connections to keep idle than the pool may hold are refused with the rest", () => {
  const url = `${URL}?connection_limit=5`
  expect(refusedNames(() => createPool(url, { minIdle: 6, maxWaiting: -1 }))).toEqual([
    "minIdle",
    "maxWaiting",
  ])
  expect(() => createPool(url, { minIdle: 6 })).toThrow(
    "minIdle: received 6, more than the pool size of 5. Use at most 5, or raise the size.",
  )
  const auto = { poolSize: "auto", maxSize: 3, minIdle: 4 } as const
  expect(refusedNames(() => createPool(url, auto))).toEqual(["minIdle"])
})
