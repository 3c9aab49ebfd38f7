import { describe, expect, test } from "vitest"
import {
  bound,
  component,
  cron,
  database,
  plain,
  services,
  size,
  sized,
  spec,
  type Values,
} from "../deployments/app-specs.ts"
import { command, words } from "../support/command.ts"
import { page } from "./pages.ts"

interface Case {
  readonly file: Values
  /** What the last column says to do, as another file, flags or a declaration. */
  readonly mended: readonly { readonly file?: Values; readonly flags?: string; readonly config?: Values }[]
}

const SIZE = size(5)
const excluded = (address: string) => ({ config: { deployments: { exclude: { [address]: "why" } } } })
const fleet = (name: string, envs: readonly Values[], fields: Values = {}, more: Values = {}) =>
  spec({ ...services(component("api"), component(name, { envs, ...more })), ...fields })
const secret = plain("DATABASE_URL", "EV[1:abc:def]", { type: "SECRET" })
const elsewhere = bound("other.DATABASE_URL")
const scoped = plain("PRISMA_POOL_SIZE", "5", { scope: "BUILD_TIME" })
const parts = ["HOSTNAME", "USERNAME", "PASSWORD"].map((part) => bound(`db.${part}`, `SQL_${part}`))
const hosted = [bound("db.HOSTNAME", "DB_HOST"), bound("db.PORT", "DB_PORT"), plain("DB_POOL_SIZE", "5")]
const pooler = { name: "pool", image: { registry_type: "DOCKER_HUB", repository: "pgbouncer" } }
const called = { ...services(component("api")), functions: [component("f", { envs: [bound(), SIZE] })] }
const written = plain("DATABASE_URL", "postgresql://u:p@elsewhere:25060/shop")
const declared = "--consumer by-hand=1x5+0"
const two = { databases: [sized(), sized("other", { cluster_name: "other" })] }

/** For each row of the table, by the words that its first cell begins with. */
const CASES: Readonly<Record<string, Case>> = {
  "a secret (`EV[…]`)": {
    file: fleet("bi", [secret]),
    mended: [{ file: fleet("bi", [secret, SIZE]) }],
  },
  "a URL bound to what": {
    file: fleet("bi", [elsewhere]),
    mended: [
      { file: fleet("bi", [elsewhere], { databases: [sized(), sized("other")] }) },
      { file: fleet("bi", [elsewhere, SIZE]) },
    ],
  },
  "a variable of the app": {
    file: fleet("bi", [scoped], { envs: [bound(), SIZE] }),
    mended: [{ file: fleet("bi", [SIZE], { envs: [bound(), SIZE] }) }],
  },
  "settings of a client": {
    file: fleet("web", [], { envs: [plain("PRISMA_POOL_SIZE", "200")] }),
    mended: [
      { file: fleet("web", []) },
      { file: fleet("web", [], { envs: [plain("PRISMA_POOL_SIZE", "200")] }), ...excluded("service/web") },
    ],
  },
  "a function with": {
    file: spec(called),
    mended: [
      { config: { deployments: { override: { "function/f": { instances: 2, reason: "why" } } } } },
      excluded("function/f"),
    ],
  },
  "PgBouncer, PgCat": {
    file: spec(services(component("api"), pooler)),
    mended: [{ flags: declared, ...excluded("service/pool") }],
  },
  "`${db.HOSTNAME}`, ": {
    file: fleet("bi", parts),
    mended: [
      { file: fleet("bi", [bound(), SIZE]) },
      { file: fleet("bi", hosted), flags: "--marker DB_HOST --size-variable DB_POOL_SIZE" },
      { flags: declared, ...excluded("service/bi") },
    ],
  },
  "a written URL": {
    file: fleet("bi", [written, SIZE]),
    mended: [{ config: { deployments: { hosts: ["elsewhere"] } } }, excluded("service/bi")],
  },
  "two databases": {
    file: fleet("bi", [bound(), SIZE], two),
    mended: [
      { flags: "--server database/db" },
      {
        config: {
          deployments: { keys: ["DATABASE_URL"] },
          servers: { shop: { server: "database/db" } },
        },
      },
    ],
  },
  "a cluster without": {
    file: fleet("bi", [bound(), SIZE], { databases: [database()] }),
    mended: [{ flags: "--max-connections 100" }],
  },
  "a command that sets": {
    file: fleet("bi", [bound()], {}, { run_command: "PRISMA_POOL_SIZE=5 node main.js" }),
    mended: [{ file: fleet("bi", [bound(), SIZE], {}, { run_command: "node main.js" }) }],
  },
}

async function check(file: Values, flags = "", config: Values = {}) {
  const { code, err } = await command(words(`check --app-spec app.yaml -c c.json ${flags}`), {
    files: { "app.yaml": file, "c.json": config },
  })
  expect(err).toBe("")
  return code
}

describe("docs/digitalocean.md: each row of the table is 2, and 0 with what it says to do:", () => {
  const [, table = ""] = /^## What makes the verdict 2$(.*?)^## /ms.exec(page("docs/digitalocean.md")) ?? []
  const rows = [...table.matchAll(/^\| (?!what \||---)(.*?) \|/gm)].map(([, cell = ""]) => cell)

  test("there is a case for each", () => {
    expect(rows).toHaveLength(Object.keys(CASES).length)
  })

  test.each(rows)("%s", async (row) => {
    const [, each] = Object.entries(CASES).find(([begin]) => row.startsWith(begin)) ?? []
    expect(each).toBeDefined()
    if (each === undefined) return
    expect(await check(each.file)).toBe(2)
    for (const { file = each.file, flags, config } of each.mended)
      expect(await check(file, flags, config)).toBe(0)
  })

  test("a development database is 2 as well", async () => {
    const own = { databases: [database("db", { production: false, cluster_name: undefined })] }
    expect(await check(fleet("bi", [bound(), SIZE], own))).toBe(2)
    expect(await check(fleet("bi", [bound(), SIZE], own), "--max-connections 100")).toBe(0)
  })

  test("what never connects is 0", async () => {
    const cache = database("cache", { engine: "VALKEY", cluster_name: "cache" })
    const whole = spec({
      ...services(component("api"), component("web", { envs: [bound("cache.DATABASE_URL", "REDIS_URL")] })),
      databases: [sized(), cache],
      jobs: [cron("import", "0 3 * * *")],
      functions: [{ name: "f" }],
      static_sites: [component("site")],
    })
    expect(await check(whole)).toBe(0)
  })
})
