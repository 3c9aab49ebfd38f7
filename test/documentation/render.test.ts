import { describe, expect, test } from "vitest"
import {
  blueprint,
  cron,
  database,
  fromDatabase,
  plain,
  type Values,
  web,
} from "../deployments/blueprints.ts"
import { command, words } from "../support/command.ts"
import { page } from "./pages.ts"

interface Case {
  readonly file: Values
  /** What the last column says to do, as another file, flags or a declaration. */
  readonly mended: readonly { readonly file?: Values; readonly flags?: string; readonly config?: Values }[]
}

const SIZE = plain("PRISMA_POOL_SIZE", 5)
const excluded = (name: string) => ({ config: { deployments: { exclude: { [`service/${name}`]: "why" } } } })
const fleet = (name: string, envVars: readonly Values[], fields: Values = {}, more: Values = {}) =>
  blueprint([web("api"), web(name, { envVars, ...more })], fields)
const group = (name: string) => ({ envVarGroups: [{ name, envVars: [SIZE] }] })
const two = { envVarGroups: ["a", "b"].map((name) => ({ name, envVars: [SIZE] })) }
const written = plain("DATABASE_URL", "postgresql://u:p@elsewhere/shop")
const parts = ["host", "user", "password"].map((each) => fromDatabase(`DB_${each}`, "shop-db", each))
const pooler = { type: "pserv", name: "pgbouncer", runtime: "docker" }
const on = { previews: { generation: "manual" } }
const flow = { type: "workflow", name: "flow", envVars: [fromDatabase()] }
const declared = "--consumer by-hand=1x5+0"
const databases = { databases: [database(), database("other")] }

/** For each row of the table, by the words that its first cell begins with. */
const CASES: Readonly<Record<string, Case>> = {
  "`sync: false` for the URL": {
    file: fleet("bi", [{ key: "DATABASE_URL", sync: false }]),
    mended: [{ file: fleet("bi", [{ key: "DATABASE_URL", sync: false }, SIZE]) }],
  },
  "`fromGroup` of a group": {
    file: fleet("bi", [{ fromGroup: "shared" }]),
    mended: [{ file: fleet("bi", [{ fromGroup: "shared" }], group("shared")) }, excluded("bi")],
  },
  "a variable that two groups": {
    file: fleet("bi", [fromDatabase(), { fromGroup: "a" }, { fromGroup: "b" }], two),
    mended: [{ file: fleet("bi", [fromDatabase(), { fromGroup: "a" }, { fromGroup: "b" }, SIZE], two) }],
  },
  "previews of a service": {
    file: fleet("bi", [fromDatabase(), SIZE], {}, on),
    mended: [
      { file: fleet("bi", [fromDatabase(), SIZE], {}, { previews: { generation: "off" } }) },
      { config: { deployments: { override: { "service/bi": { instances: 3, reason: "why" } } } } },
    ],
  },
  "PgBouncer, PgCat": {
    file: blueprint([web("api"), pooler]),
    mended: [{ flags: declared, ...excluded("pgbouncer") }],
  },
  "`fromDatabase` with `host`": {
    file: fleet("bi", parts),
    mended: [{ file: fleet("bi", [fromDatabase(), SIZE]) }, { flags: declared, ...excluded("bi") }],
  },
  "a written URL": {
    file: fleet("bi", [written, SIZE]),
    mended: [{ config: { deployments: { hosts: ["elsewhere"] } } }, excluded("bi")],
  },
  "two databases": {
    file: fleet("bi", [fromDatabase(), SIZE], databases),
    mended: [
      { flags: "--server database/shop-db" },
      {
        config: {
          deployments: { keys: ["DATABASE_URL"] },
          servers: { shop: { server: "database/shop-db" } },
        },
      },
    ],
  },
  "a database whose plan": {
    file: blueprint([web("api")], { databases: [database("shop-db", { plan: "standard" })] }),
    mended: [{ flags: "--max-connections 100" }],
  },
  "a command that sets": {
    file: fleet("bi", [fromDatabase()], {}, { startCommand: "PRISMA_POOL_SIZE=5 node main.js" }),
    mended: [{ file: fleet("bi", [fromDatabase(), SIZE], {}, { startCommand: "node main.js" }) }],
  },
  "a type of service": {
    file: blueprint([web("api"), flow]),
    mended: [{ flags: declared, ...excluded("flow") }],
  },
}

async function check(file: Values, flags = "", config: Values = {}) {
  const { code, err } = await command(words(`check --render render.yaml -c c.json ${flags}`), {
    files: { "render.yaml": file, "c.json": config },
  })
  expect(err).toBe("")
  return code
}

describe("docs/render.md: each row of the table is 2, and 0 with what it says to do:", () => {
  const [, table = ""] = /^## What makes the verdict 2$(.*?)^## /ms.exec(page("docs/render.md")) ?? []
  const rows = [...table.matchAll(/^\| (?!what \||---)(.*?) \|/gm)].map(([, cell = ""]) => cell)

  test("there is a case for each", () => {
    expect(rows).toHaveLength(Object.keys(CASES).length)
  })

  test.each(rows)("%s", async (row) => {
    const [, each] = Object.entries(CASES).find(([words]) => row.startsWith(words)) ?? []
    expect(each).toBeDefined()
    if (each === undefined) return
    expect(await check(each.file)).toBe(2)
    for (const { file = each.file, flags, config } of each.mended)
      expect(await check(file, flags, config)).toBe(0)
  })

  test("what never connects is 0", async () => {
    const site = { type: "web", name: "site", runtime: "static" }
    expect(
      await check(
        blueprint([web("api"), cron("import", "0 3 * * *"), site, { type: "keyvalue", name: "k" }]),
      ),
    ).toBe(0)
  })
})
