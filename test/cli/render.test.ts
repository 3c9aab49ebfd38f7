import { parse } from "jsonc-parser"
import { describe, expect, test } from "vitest"
import { parse as parseYaml, stringify } from "yaml"
import { blueprint, cron, database, plain, web } from "../deployments/blueprints.ts"
import { compose, consumer } from "../deployments/compose-file.ts"
import { command, words } from "../support/command.ts"

const shop = stringify(
  blueprint([
    web("api", { numInstances: 3, preDeployCommand: "npx prisma migrate deploy" }),
    web("mails", { type: "worker", disk: { name: "spool", mountPath: "/spool" } }),
    cron("import", "0 3 * * *"),
    { type: "keyvalue", name: "cache" },
  ]),
)
const files = { "render.yaml": shop }

describe("check --render exits with", () => {
  test("0 where it fits, and shows the sum, what is assumed and what was read", async () => {
    const { code, out, err } = await command(words("check --render render.yaml --reserved metabase=5"), {
      files,
    })
    expect([code, err]).toEqual([0, ""])
    // 3 × 10 + 10 + 3 + 5; in a deploy 3 and 1 more of the API, and none of the worker, which has a disk.
    expect(out).toContain("✓ fits: 48 of 97 usable connections (49 %), 88 during a deploy")
    expect(out).toMatch(/service\/api +\| +3 \+ 4 +\| +10 \| +30/)
    expect(out).toMatch(/service\/mails +\| +1 +\| +10 \| +10/)
    expect(out).toMatch(/service\/import +\| +1 run +\| +3 \| +3/)
    expect(out).toContain("dashboard: it adds no variables")
    expect(out).toContain("database/shop-db.max_connections: 100, Render's default for the plan basic-1gb")
    expect(out).toContain("DATABASE_URL in a Render Blueprint")
    expect(out).not.toContain("the plan shows")
  })

  test("0 from stdin, in JSON", async () => {
    const { code, out } = await command(words("check --render - --format json"), { stdin: shop })
    expect(code).toBe(0)
    expect(parse(out)).toMatchObject({
      verdict: "fits",
      servers: [{ source: { documents: [{ kind: "blueprint" }] } }],
    })
  })

  test("1 where it does not fit", async () => {
    const { code, out } = await command(words("check --render r.yaml"), {
      files: { "r.yaml": blueprint([web("api", { numInstances: 10 })]) },
    })
    expect([code, out]).toEqual([1, expect.stringContaining("✗ does not fit: 100 of 97")])
  })

  test("2 where it depends on what is not known, with the line for GitHub", async () => {
    const pooled = `${shop}  - { type: pserv, name: pgbouncer }\n`
    const line = "check --render render.yaml --format github"
    const { code, out } = await command(words(line), { files: { "render.yaml": pooled } })
    expect(code).toBe(2)
    expect(out).toMatch(
      /title=Connection budget,file=render\.yaml,line=43::service\/pgbouncer: is a connection pooler/,
    )
    const none = await command(words("check --render r.yaml"), { files: { "r.yaml": blueprint([]) } })
    expect([none.code, none.out]).toEqual([2, expect.stringContaining("so nothing in them connects")])
  })

  test.each<[what: string, text: unknown, message: string]>([
    [
      "a wrong value",
      shop.replace("numInstances: 3", "numInstances: many"),
      "r.yaml:8: has a value of the wrong type",
    ],
    [
      "a size that the client refuses",
      shop.replace('"10"', '"0"'),
      "r.yaml:5: service/api.PRISMA_POOL_SIZE: has a value",
    ],
    ["a compose file", compose({ api: consumer() }), "give it with --compose"],
    ["an empty file", "", "r.yaml: is empty"],
  ])("3 for %s, with its file once", async (_, text, message) => {
    const { code, out, err } = await command(words("check --render r.yaml"), { files: { "r.yaml": text } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain(message)
    expect(err.match(/\br\.yaml/g)).toHaveLength(1)
  })

  test("3 for what is cut off on its way through a pipe, and for a Blueprint with another flag", async () => {
    const cut = await command(words("check --render -"), { stdin: shop.trimEnd() })
    expect([cut.code, cut.err]).toEqual([3, expect.stringContaining("may be cut off")])
    const other = await command(words("check --compose b.json"), {
      files: { "b.json": blueprint([web("api")]) },
    })
    expect([other.code, other.err]).toEqual([
      3,
      expect.stringContaining("a Render Blueprint: give it with --render"),
    ])
  })
})

test("several Blueprints and a compose file add up, and each has its name; a database may be in another file", async () => {
  const own = { "api.yaml": blueprint([web("api")], { databases: [] }), "data.yaml": blueprint([]) }
  const line = "check --render api.yaml --render data.yaml --compose c.json --format json --deploy=warn"
  const { out } = await command(words(line), { files: { ...own, "c.json": compose({ tool: consumer() }) } })
  const [server] = parse(out).servers
  expect(Object.keys(server.highest.consumers)).toEqual(["c.json: service/tool", "api.yaml: service/api"])
  expect(server.maxConnections).toBe(100)
})

test("each environment of a project is checked against its own database", async () => {
  const environment = (name: string, numInstances: number) => ({
    ...blueprint([web("api", { numInstances })]),
    name,
  })
  const file = {
    projects: [{ name: "shop", environments: [environment("production", 3), environment("staging", 1)] }],
  }
  const server = (name: string) => ({ server: `shop/${name}/database/shop-db` })
  const deployments = { keys: ["DATABASE_URL"] }
  const config = { deployments, servers: { production: server("production"), staging: server("staging") } }
  const { code, out } = await command(words("check --render r.yaml -c c.json --format json"), {
    files: { "r.yaml": file, "c.json": config },
  })
  const sums = parse(out).servers.map(
    ({ server: name, highest }: { server: string; highest: { total: number } }) => [name, highest.total],
  )
  expect([code, sums]).toEqual([
    0,
    [
      ["production", 30],
      ["staging", 10],
    ],
  ])
})

test("plan prints sizes that check takes, as envVars", async () => {
  const open = blueprint([web("api", { numInstances: 2, envVars: web("")["envVars"] }), web("mails")])
  const { code, out } = await command(words("plan --render r.yaml"), { files: { "r.yaml": open } })
  expect(code).toBe(0)
  const [, lines = ""] = /In the Blueprint, each in its own service\n((?: {2}.*\n)+)/.exec(out) ?? []
  const sizes = lines
    .split(/^ {2}# /m)
    .slice(1)
    .map((part) => {
      const [name = "", ...rest] = part.split("\n")
      return [name, parseYaml(rest.join("\n").replaceAll(/^ {2}/gm, "")).envVars] as const
    })
  const planned = new Map(sizes)
  expect([...planned.keys()]).toEqual(["service/api", "service/mails"])
  const [variable] = web("")["envVars"] as readonly object[]
  const sized = ["api", "mails"].map((name) =>
    web(name, {
      numInstances: name === "api" ? 2 : 1,
      envVars: [variable, ...(planned.get(`service/${name}`) ?? [])],
    }),
  )
  const checked = await command(words("check --strict --render r.yaml"), {
    files: { "r.yaml": blueprint(sized) },
  })
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining("✓ fits")])
})

test("what the dashboard holds is acknowledged with a baseline", async () => {
  const file = blueprint([
    web("api", { envVars: [{ fromGroup: "elsewhere" }, plain("DATABASE_URL_X", "")] }),
    web("b"),
  ])
  const setting = { files: { "r.yaml": { ...file, databases: [database()] } } }
  const first = await command(words("check --render r.yaml"), setting)
  expect(first.code).toBe(2)
  const { cwd, code } = await command(words("baseline --render r.yaml --reason batch"), setting)
  expect(code).toBe(0)
  const again = await command(words("check --render r.yaml"), { cwd })
  expect([again.code, again.out]).toEqual([0, expect.stringContaining("✓ fits: 10 of 97")])
})
