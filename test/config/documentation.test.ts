import { existsSync, readFileSync } from "node:fs"
import { parse } from "dotenv"
import { describe, expect, test } from "vitest"
import {
  END,
  environmentExample,
  environmentTable,
  essentialsTable,
  START,
  VARIABLES,
} from "../../scripts/environment-table.ts"
import { settingsPage } from "../../scripts/settings-page.ts"
import { urlParametersPage } from "../../scripts/url-parameters.ts"
import { readPoolSettings } from "../../src/config/index.ts"
import { OPTIONS } from "../../src/config/options.ts"
import { URL_PARAMETERS } from "../../src/config/url-values.ts"

const REGENERATE = 'out of step with src/config/options.ts: run "npm run docs"'
const root = new URL("../../", import.meta.url)
const file = (name: string) =>
  existsSync(new URL(name, root)) ? readFileSync(new URL(name, root), "utf8") : ""

describe(".env.example", () => {
  const example = file(".env.example")

  test("is what the option table says", () => {
    expect(example, `.env.example is ${REGENERATE}`).toBe(environmentExample())
  })

  test.each(VARIABLES)("has $variable once, under a line that explains it", ({ variable, description }) => {
    const lines = example.split("\n")
    const at = lines.findIndex((line) => line.replace(/^# /, "").startsWith(`${variable}=`))
    expect(lines[at - 1]).toMatch(/^# /)
    expect(lines[at - 1]).toContain(description)
    expect(example.match(new RegExp(`^(# )?${variable}=`, "gm"))).toHaveLength(1)
  })

  test("sets only what is required", () => {
    expect(Object.keys(parse(example))).toEqual(["DATABASE_URL"])
  })

  test("means the defaults, as it is and with every line uncommented", () => {
    const defaults = {
      connectionLimit: 15,
      poolTimeout: 20,
      connectTimeout: 10,
      reconnectTimeout: 5,
      minIdle: 0,
      maxWaiting: 0,
      leakThreshold: 0,
      applicationName: undefined,
      auto: undefined,
      warnings: [],
    }
    const uncommented = parse(example.replace(/^# (?=[A-Z_]+=)/gm, ""))
    expect(readPoolSettings(parse(example))).toMatchObject(defaults)
    const ofCore = VARIABLES.flatMap(({ variable, isPerDatabase }) =>
      isPerDatabase ? [variable, `${variable}_CORE`] : [variable],
    )
    expect(Object.keys(uncommented)).toEqual(ofCore)
    expect(readPoolSettings(uncommented)).toMatchObject(defaults)
  })
})

describe("docs/url-parameters.md", () => {
  test("is what the option table says", () => {
    expect(file("docs/url-parameters.md"), `docs/url-parameters.md is ${REGENERATE}`).toBe(
      urlParametersPage(),
    )
  })

  test.each(URL_PARAMETERS)(
    "says of $parameter what it becomes, and what Prisma 6 and 7 make of it",
    (row) => {
      expect(row.mapsTo).toBeTruthy()
      expect(row.inPrisma).toBeTruthy()
      if (row.kind === "number" && row.min === 0) expect(row.zeroMeans).toMatch(/^0/)
      if (row.kind === "number" && row.default !== undefined)
        expect(row.inPrisma).toMatch(/Prisma 6: .*; 7: /)
    },
  )
})

describe("README.md", () => {
  test("has the essential settings that the option table says", () => {
    const [, table] = file("README.md").split(START)
    expect(table?.split(END)[0]?.trim(), `README.md is ${REGENERATE}`).toBe(essentialsTable())
  })
})

describe("docs/settings.md", () => {
  test("is what the option table says", () => {
    expect(file("docs/settings.md"), `docs/settings.md is ${REGENERATE}`).toBe(settingsPage())
    expect(settingsPage()).toContain(environmentTable())
  })
})

describe("the environment table", () => {
  test.each(VARIABLES)("has one row for $variable, with what it means", ({ variable, description }) => {
    const rows = environmentTable()
      .split("\n")
      .filter((row) => row.startsWith(`| \`${variable}\` |`))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain(description)
  })

  test("says what 0 means wherever 0 is in the range, and why it is refused for a size", () => {
    for (const option of VARIABLES) {
      if (option.kind === "number" && option.min === 0)
        expect(option.zeroMeans, option.variable).toMatch(/^0/)
    }
    expect(OPTIONS.connectionLimit.zeroMeans).toMatch(/^0 .*refused/)
  })
})

test("readPoolSettings reads the variables of the table, and no other", () => {
  const read = new Set<PropertyKey>()
  const env = new Proxy<Record<string, string>>(
    { DATABASE_URL: "postgresql://app@db/core" },
    {
      get: (target, name, receiver) => {
        read.add(name)
        return Reflect.get(target, name, receiver)
      },
    },
  )
  readPoolSettings(env)
  const own = VARIABLES.map(({ variable }) => variable).filter((name) => name !== "DATABASE_URL_ANALYTICS")
  // Without a database in the call: Core, if it has a URL.
  expect([...read].sort()).toEqual([...own, "DATABASE_URL_CORE"].sort())
})
