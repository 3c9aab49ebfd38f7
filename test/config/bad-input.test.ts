import { describe, expect, test } from "vitest"
import { coreDatabaseUrl, type Environment, readPoolSettings } from "../../src/config/index.ts"
import { names, refusal, title } from "../support/bad-values.ts"

const CORE = "postgresql://app:s3cret@db:5432/core"
const FLEET = {
  PRISMA_MAX_CONNECTIONS: "100",
  PRISMA_API_INSTANCES: "3",
  PRISMA_CONCURRENT_JOBS: "3",
  PRISMA_RESERVED_CONNECTIONS: "10",
}
const WITHOUT = readPoolSettings({ DATABASE_URL_CORE: CORE })
const refused = (env: object) => refusal(() => readPoolSettings(env as Environment))

/** Every setting that is a whole number, and the range that a refusal must show. */
const numbers = [
  {
    variable: "PRISMA_POOL_SIZE_CORE",
    parameter: "connection_limit",
    range: "connections from 1 to 10000",
    max: 10_000,
    zero: false,
    setting: "connectionLimit",
  },
  { variable: "PRISMA_POOL_MAX_SIZE_CORE", range: "connections from 1 to 10000", max: 10_000, zero: false },
  { variable: "PRISMA_POOL_BUDGET_CORE", range: "connections from 1 to 262143", max: 262_143, zero: false },
  {
    variable: "PRISMA_POOL_TIMEOUT",
    parameter: "pool_timeout",
    range: "seconds from 0 to 2147483",
    max: 2_147_483,
    zero: true,
    setting: "poolTimeout",
  },
  {
    variable: "PRISMA_CONNECT_TIMEOUT",
    parameter: "connect_timeout",
    range: "seconds from 0 to 2147483",
    max: 2_147_483,
    zero: true,
    setting: "connectTimeout",
  },
  {
    variable: "PRISMA_RECONNECT_TIMEOUT",
    range: "seconds from 0 to 2147483",
    max: 2_147_483,
    zero: true,
    setting: "reconnectTimeout",
  },
  {
    variable: "PRISMA_POOL_MAX_WAITING",
    range: "callers from 0 to 1000000",
    max: 1_000_000,
    zero: true,
    setting: "maxWaiting",
  },
  {
    variable: "PRISMA_POOL_LEAK_THRESHOLD",
    range: "seconds from 0 to 2147483",
    max: 2_147_483,
    zero: true,
    setting: "leakThreshold",
  },
  {
    variable: "PRISMA_MAX_CONNECTIONS",
    range: "connections from 1 to 262143",
    max: 262_143,
    zero: false,
  },
  { variable: "PRISMA_API_INSTANCES", range: "instances from 1 to 100000", max: 100_000, zero: false },
  { variable: "PRISMA_CONCURRENT_JOBS", range: "jobs from 0 to 100000", max: 100_000, zero: true },
  {
    variable: "PRISMA_RESERVED_CONNECTIONS",
    range: "connections from 0 to 262143",
    max: 262_143,
    zero: true,
  },
] as const
const inUrl = numbers.filter((number) => "parameter" in number)

/** Strings that are not whole numbers, each as a message shows it. */
const notNumbers: readonly (readonly [value: unknown, shown: string])[] = [
  [" ", '" "'],
  ["\t", '"\\t"'],
  ["-1", '"-1"'],
  ["-0", '"-0"'],
  ["+15", '"+15"'],
  ["1.5", '"1.5"'],
  ["15.0", '"15.0"'],
  ["1e3", '"1e3"'],
  ["0x10", '"0x10"'],
  ["1_000", '"1_000"'],
  ["1,000", '"1,000"'],
  ["15abc", '"15abc"'],
  ["15 ", '"15 "'],
  ["15\n", '"15\\n"'],
  ["NaN", '"NaN"'],
  ["Infinity", '"Infinity"'],
  ["1000000000000", '"1000000000000"'],
  ["9".repeat(400), `"${"9".repeat(40)}…"`],
  ["１５", '"１５"'],
  ["١٥", '"١٥"'],
  ["null", '"null"'],
  ["undefined", '"undefined"'],
  ["true", '"true"'],
  ["[15]", '"[15]"'],
  ["{}", '"{}"'],
  ["20s", '"20s"'],
]

/** Values that only JavaScript can pass. */
const notStrings: readonly (readonly [value: unknown, shown: string])[] = [
  [-1, "-1"],
  [1.5, "1.5"],
  [Number.NaN, "NaN"],
  [Number.POSITIVE_INFINITY, "Infinity"],
  [1e12, "1000000000000"],
  [1e21, "1e+21"],
  [10n ** 12n, "1000000000000"],
  [null, "null"],
  [true, "true"],
  [[], "an array"],
  [["15"], "an array"],
  [{}, "an object"],
  [Object.create(null), "an object"],
  [new String("15"), "an object"],
  [new Date(0), "an object"],
  [() => 15, "a function"],
  [Symbol("15"), "Symbol(15)"],
  [
    {
      valueOf() {
        throw new Error("never asked")
      },
    },
    "an object",
  ],
]
const cases = (values: readonly (readonly [unknown, string])[]) =>
  values.map(([value, shown]) => [title(value), value, shown] as const)

describe.each(numbers)("$variable", ({ variable, range, max, zero, ...rest }) => {
  const env = (value: unknown) => ({ DATABASE_URL_CORE: CORE, ...FLEET, [variable]: value })

  test.each(cases([...notNumbers, ...notStrings]))("is refused as %s", (_, value, shown) => {
    const { issues } = refused(env(value))
    expect(issues).toEqual([
      { name: variable, problem: `received ${shown}`, remedy: expect.stringContaining(range) },
    ])
  })

  test("is refused one above its range, and taken at its end", () => {
    expect(names(refused(env(String(max + 1))))).toEqual([variable])
    expect(() => readPoolSettings(env(String(max)))).not.toThrow()
  })

  test(zero ? "may be 0" : "is refused as 0", () => {
    for (const value of ["0", "00", 0, -0, 0n]) {
      if (zero) expect(() => readPoolSettings(env(value) as Environment)).not.toThrow()
      else expect(names(refused(env(value)))).toEqual([variable])
    }
  })

  test("is unset as an empty text or undefined", () => {
    const all = Object.fromEntries(Object.keys(FLEET).map((name) => [name, ""]))
    for (const value of ["", undefined]) {
      expect(readPoolSettings({ DATABASE_URL_CORE: CORE, ...all, [variable]: value })).toEqual(WITHOUT)
    }
  })

  test("is read where it is right", () => {
    if ("setting" in rest) expect(readPoolSettings(env("7"))[rest.setting]).toBe(7)
  })
})

describe.each(inUrl)("$parameter in DATABASE_URL_CORE", ({ parameter, range, max, zero, setting }) => {
  const name = `${parameter} in DATABASE_URL_CORE`
  const env = (value: string) => ({ DATABASE_URL_CORE: `${CORE}?${parameter}=${value}` })

  test.each(cases([["", '""'], ...notNumbers]))("is refused as %s, percent-encoded", (_, value, shown) => {
    const { issues } = refused(env(encodeURIComponent(value as string)))
    expect(issues).toEqual([{ name, problem: `received ${shown}`, remedy: expect.stringContaining(range) }])
  })

  test.each(["-1", "1.5", "1e3", "15abc", "１５", "15;x=1", "15,16", "15%"])(
    "is refused as %s, as it is",
    (value) => {
      expect(refused(env(value)).issues).toEqual([
        { name, problem: `received "${value}"`, remedy: expect.stringContaining(range) },
      ])
    },
  )

  test.each(["s3cr3t-w0rd", "correct horse battery staple", "9f86d081884c7d659a2feaa0c55ad015"])(
    "is refused without what may be a secret: %s",
    (value) => {
      const problem = `received a string of ${value.length} characters, which may be a secret`
      expect(refused(env(encodeURIComponent(value))).issues).toMatchObject([{ name, problem }])
    },
  )

  test("is refused as + or %20, which are a blank", () => {
    for (const blank of ["+", "%20"]) expect(refused(env(blank)).issues[0]?.problem).toBe('received " "')
    expect(names(refused(env("15+")))).toEqual([name])
  })

  test("is refused as a name without a value", () => {
    expect(names(refused({ DATABASE_URL_CORE: `${CORE}?${parameter}` }))).toEqual([name])
  })

  test("is refused one above its range, and taken at its end", () => {
    expect(names(refused(env(String(max + 1))))).toEqual([name])
    expect(readPoolSettings(env(String(max)))[setting]).toBe(max)
  })

  test(zero ? "may be 0" : "is refused as 0, with the reason that it meant unlimited", () => {
    if (zero) expect(readPoolSettings(env("0"))[setting]).toBe(0)
    else {
      expect(refused(env("0")).issues).toEqual([
        {
          name,
          problem: 'received "0"',
          remedy: expect.stringMatching(/^0 \(unlimited in Prisma 6\) is refused.*from 1 to 10000/),
        },
      ])
    }
  })

  test("is refused even where the variable counts", () => {
    const { variable } = inUrl.find((number) => number.parameter === parameter) as (typeof inUrl)[number]
    expect(names(refused({ ...env("nonsense"), [variable]: "7" }))).toEqual([name])
  })

  test("is the last of several, valid or not", () => {
    expect(readPoolSettings(env(`nonsense&${parameter}=7`))[setting]).toBe(7)
    expect(names(refused(env(`7&${parameter}=nonsense`)))).toEqual([name])
  })
})

test("0 as a size says that it meant unlimited, and nothing else says so", () => {
  const remedy = (value: unknown) =>
    refused({ DATABASE_URL_CORE: CORE, PRISMA_POOL_SIZE_CORE: value }).issues[0]?.remedy
  for (const zero of ["0", "000", 0, 0n]) expect(remedy(zero)).toContain("unlimited")
  for (const other of [" ", [], null, "-0", "0x0", false, [0], "10001"]) {
    expect(remedy(other)).not.toContain("unlimited")
  }
})

describe.each([
  [
    "PRISMA_APPLICATION_NAME",
    (value: unknown) => ({ DATABASE_URL_CORE: CORE, PRISMA_APPLICATION_NAME: value }),
  ],
  [
    "application_name in DATABASE_URL_CORE",
    (value: unknown) => ({
      DATABASE_URL_CORE: `${CORE}?application_name=${encodeURIComponent(value as string)}`,
    }),
  ],
] as const)("%s", (name, env) => {
  test.each(["0", "-1", "1.5", "1e3", "15abc", "NaN", "Infinity", "1000000000000", "１５", "null", "{}"])(
    "%s is a name like another",
    (value) => {
      expect(readPoolSettings(env(value) as Environment).applicationName).toBe(value)
    },
  )

  test.each([" ", "  ", "\u00a0", "\t", "a\nb", "a\u0000b", "\u007f", "\u0085"])("%j is refused", (value) => {
    expect(refused(env(value)).issues).toEqual([
      {
        name,
        problem: `received ${JSON.stringify(value)}`,
        remedy: "Use at most 63 bytes of visible text",
      },
    ])
  })

  test("is unset as an empty text", () => {
    expect(readPoolSettings(env("") as Environment).applicationName).toBeUndefined()
  })

  test("has at most the 63 bytes that PostgreSQL keeps", () => {
    for (const longest of ["x".repeat(63), "é".repeat(31), "🐘".repeat(15)]) {
      expect(readPoolSettings(env(longest) as Environment).applicationName).toBe(longest)
    }
    for (const tooLong of ["x".repeat(64), "é".repeat(32), "🐘".repeat(16)]) {
      expect(names(refused(env(tooLong)))).toEqual([name])
    }
  })
})

describe("PRISMA_APPLICATION_NAME", () => {
  test.each(cases(notStrings.filter(([value]) => typeof value !== "number" && typeof value !== "bigint")))(
    "is refused as %s",
    (_, value, shown) => {
      const { issues } = refused({ DATABASE_URL_CORE: CORE, PRISMA_APPLICATION_NAME: value })
      expect(issues).toEqual([
        {
          name: "PRISMA_APPLICATION_NAME",
          problem: `received ${shown}`,
          remedy: "Use at most 63 bytes of visible text",
        },
      ])
    },
  )

  test("is refused with half of a surrogate pair, which no URL can carry", () => {
    const env = { DATABASE_URL_CORE: CORE, PRISMA_APPLICATION_NAME: "api\ud800" }
    expect(names(refused(env))).toEqual(["PRISMA_APPLICATION_NAME"])
    expect(names(refusal(() => coreDatabaseUrl(env)))).toEqual(["PRISMA_APPLICATION_NAME"])
  })
})

describe("DATABASE_URL_CORE", () => {
  test.each(["", undefined])("is missing as %j", (value) => {
    expect(refused({ DATABASE_URL_CORE: value }).issues).toEqual([
      {
        name: "DATABASE_URL_CORE",
        problem: "is not set",
        remedy: expect.stringContaining("postgresql://USER:PASSWORD@HOST:5432/DATABASE"),
      },
    ])
  })

  test.each([
    "0",
    "-1",
    "1.5",
    "1e3",
    "15abc",
    "NaN",
    "Infinity",
    "1000000000000",
    "１５",
    "null",
    "undefined",
    "[object Object]",
  ])("is not a PostgreSQL URL as %s", (value) => {
    expect(refused({ DATABASE_URL_CORE: value }).issues).toEqual([
      {
        name: "DATABASE_URL_CORE",
        problem: "is not a PostgreSQL URL",
        remedy: expect.stringContaining("postgresql://USER:PASSWORD@HOST:5432/DATABASE"),
      },
    ])
  })

  test("is refused as a blank", () => {
    expect(new Set(names(refused({ DATABASE_URL_CORE: " " })))).toEqual(new Set(["DATABASE_URL_CORE"]))
  })

  test.each(cases([...notStrings, [0, ""], [15, ""], [[CORE], ""], [new String(CORE), ""]]))(
    "is not a string as %s",
    (_, value) => {
      expect(refused({ DATABASE_URL_CORE: value }).issues).toEqual([
        {
          name: "DATABASE_URL_CORE",
          problem: "is not a string",
          remedy: "Set it to postgresql://USER:PASSWORD@HOST:5432/DATABASE",
        },
      ])
    },
  )
})

test("a URL in the wrong variable is not printed", () => {
  for (const variable of numbers.map((number) => number.variable)) {
    const { message } = refused({ DATABASE_URL_CORE: CORE, ...FLEET, [variable]: CORE })
    expect(message).toContain(`${variable}: received a URL.`)
    expect(message).not.toContain("s3cret")
  }
})
