import { readFile } from "node:fs/promises"
import { join } from "node:path"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { autoSections } from "../../src/cli/output/auto-lines.ts"
import { markdownFormat, page, textFormat } from "../../src/cli/output/formats.ts"
import { guardOutput } from "../../src/cli/output/guard-output.ts"
import { escaped } from "../../src/cli/output/markdown.ts"
import { identifier } from "../../src/cli/output/sql-identifier.ts"
import { parseUrlText } from "../../src/config/parse-database-url.ts"
import type { AutoProblem } from "../../src/monitor/inspect/auto-preflight.ts"
import { command, directoryWith, quietIo, type Setting } from "../support/command.ts"
import {
  expectHarmless,
  expectReadable,
  expectTold,
  hostile,
  type Language,
  ORDERS,
  PLAIN,
  texts,
} from "../support/hostile-text.ts"
import { runs } from "../support/properties.ts"
import { plan } from "../support/terraform-plan.ts"

/** Two servers, one of which is too full, with names wherever a declaration has some. */
const declared = (names: readonly string[]): Setting => {
  const [first = "", second = "", api = "", worker = "", reserved = "", job = ""] = names
  const consumers = { [api]: { instances: 2, poolSize: 40 }, [worker]: { instances: 1, poolSize: 2 } }
  const jobs = [{ name: job, schedule: "*/5 * * * *", poolSize: 2 }]
  const servers = {
    [first]: { maxConnections: 60, reserved: { [reserved]: 3 }, consumers, jobs },
    [second]: { maxConnections: 500, consumers },
  }
  return { files: { "pool.config.json": { servers } } }
}

/** A plan with addresses that have any text in them, and what is said of them: counted, unknown, excluded, overridden. */
const plannable = (names: readonly string[], others: Parameters<typeof plan>[0] = []): Setting => {
  const [api = "", unseen = "", excluded = "", overridden = "", gone = "", reason = "", reserved = ""] = names
  const container = { values: { max_scale: 2, environment_variables: VARIABLES } }
  const document = plan([
    ...others,
    { address: 'scaleway_container.api["KEY0"]', ...container },
    {
      address: 'scaleway_container.unseen["KEY1"]',
      values: { max_scale: 2 },
      unknown: { environment_variables: true },
    },
    { address: 'scaleway_container.excluded["KEY2"]', ...container },
    { address: 'scaleway_container.overridden["KEY3"]', ...container },
    { address: 'scaleway_container.gone["KEY4"]', before: container.values, actions: ["delete"] },
  ])
  const keys = [api, unseen, excluded, overridden, gone]
  const json = keys.reduce(
    (text, key, index) => text.replaceAll(`KEY${index}`, () => JSON.stringify(key).slice(1, -1)),
    JSON.stringify(document),
  )
  const config = {
    maxConnections: 60,
    reserved: { [reserved]: 3 },
    deployments: {
      exclude: { [`scaleway_container.excluded["${excluded}"]`]: reason, [reason]: reason },
      override: { [`scaleway_container.overridden["${overridden}"]`]: { poolSize: 5, reason } },
    },
  }
  return { files: { "pool.config.json": config, "plan.json": json } }
}

/** The same, and what runs on a platform that is not read: there is no plan of sizes for it. */
const planned = (names: readonly string[]): Setting =>
  plannable(names, [
    {
      address: 'aws_batch_job_definition.other["KEY1"]',
      values: { container_definitions: JSON.stringify(VARIABLES) },
    },
  ])

const VARIABLES = { DATABASE_URL_CORE: "postgresql://app@db/core", PRISMA_POOL_SIZE_CORE: "10" }

/** A declaration that asks for less than its base, under names of any kind and with values of any kind. */
const relaxed = (names: readonly string[]): Setting => {
  const [api = "", gone = "", reserved = "", job = "", address = "", reason = "", server = "", host = ""] =
    names
  const fleet = (poolSize: number) => ({
    maxConnections: 100,
    consumers: { [api]: { instances: 1, poolSize } },
    jobs: [{ name: job, poolSize }],
  })
  const base = {
    ...fleet(5),
    reserved: { [reserved]: 3 },
    consumers: { ...fleet(5).consumers, [gone]: { instances: 1, poolSize: 2 } },
    deployments: { override: { [address]: { reason, schedule: "0 3 * * *" } } },
  }
  const hosts = [host.replace(/[\s/@:]/g, "-")]
  const deployments = { exclude: { [address]: reason }, server, hosts, keys: ["OTHER_URL"] }
  return { files: { "base.json": base, "pool.config.json": { ...fleet(4), deployments } } }
}

/** Everything that is wrong with a declaration, under names of any kind. */
const refused = (names: readonly string[]): Setting => {
  const [api = "", field = "", job = "", reserved = "", zone = "", schedule = "", limit = "", other = ""] =
    names
  const config = {
    [field]: 1,
    maxConnections: limit,
    reserved: { [reserved]: -1 },
    consumers: { [api]: { instances: "x", poolSize: other, [field]: 1 } },
    jobs: [{ name: job, schedule, timezone: zone, poolSize: 0 }],
    deployments: { exclude: { [api]: "" }, override: { [job]: { instances: 1, [field]: 2 } } },
  }
  return { files: { "pool.config.json": config } }
}

const CHECKS: readonly Line[] = [
  ["check --format text", "text"],
  ["check --format markdown", "markdown"],
  ["check --format github", "github"],
  ["check --format json", "json"],
]
const PLANS: readonly Line[] = [
  ["plan --format text", "text"],
  ["plan --format markdown", "markdown"],
  ["plan --format env", "env"],
  ["plan --format json", "json"],
]

/** The end of a text, which makes it its own, as long as SQL takes a name. */
function nameInSql(text: string): string {
  let name = ""
  for (const character of [...text.replace(/[\0\p{Cs}]/gu, "")].reverse()) {
    if (Buffer.byteLength(character + name) > 63) break
    name = character + name
  }
  return name
}

/** One server, with roles of any name that SQL has: each other one would be a variable. */
const ofRoles = (names: readonly string[]): Setting => {
  const [api = "", worker = "", job = "", role = "", other = "", reserved = ""] = names
  const config = {
    maxConnections: 500,
    reserved: { [reserved]: 3 },
    consumers: { [api]: { instances: 2, poolSize: 4 }, [worker]: { instances: 0, poolSize: 2 } },
    jobs: [{ name: job, schedule: "*/5 * * * *", poolSize: 2 }],
    roles: { [nameInSql(role)]: api, [nameInSql(other)]: job },
  }
  return { files: { "pool.config.json": config } }
}

/** What is typed, and what it prints. */
type Line = readonly [line: string, language: Language]

/** A pooler and what is behind it, with names of any kind where pgbouncer.ini has no name of its own. */
const ofPooler = (names: readonly string[]): Setting => {
  const [api = "", worker = "", job = "", role = "", pooler = "", other = ""] = names
  const config = {
    maxConnections: 500,
    consumers: {
      [api]: { instances: 2, poolSize: 4, pooler },
      [worker]: { instances: 1, poolSize: 2 },
    },
    jobs: [{ name: job, schedule: "*/5 * * * *", poolSize: 2, pooler }],
    poolers: { [pooler]: { instances: 1 } },
    roles: { [nameInSql(role)]: api, [nameInSql(other)]: job },
  }
  return { files: { "pool.config.json": config } }
}

/** Whatever a name may stand in, and every output that tells of it: another output is another line. */
const TABLE: readonly (readonly [
  what: string,
  setting: (names: readonly string[]) => Setting,
  flags: readonly string[],
  lines: readonly Line[],
])[] = [
  ["a declaration", declared, [], [...CHECKS, ...PLANS]],
  ["a plan", planned, ["-t", "plan.json"], CHECKS],
  ["a plan that is all read", plannable, ["-t", "plan.json"], [...CHECKS, ...PLANS]],
  ["roles", ofRoles, [], [["plan --format sql", "sql"]]],
  ["a pooler", ofPooler, [], [["plan --format pgbouncer", "ini"]]],
  ["what is relaxed", relaxed, ["--base", "base.json"], CHECKS],
]

describe.each(TABLE)("with any text as a name in %s", (_, setting, flags, lines) => {
  test.each(lines)("%s, in %s, orders nobody about", async (line, language) => {
    const args = [...line.split(" "), ...flags]
    const told = (names: readonly string[], hasColors: boolean) =>
      command(args, { ...setting(names), hasColors })
    const plain = { true: await told(PLAIN, true), false: await told(PLAIN, false) }
    expect(plain.false.out).not.toBe("")
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async (names, hasColors) => {
        const ran = await told(names, hasColors)
        expect(ran.code).toBe(plain.false.code)
        await expectTold(language, ran, plain[`${hasColors}`])
      }),
      runs(8),
    )
  })
})

test("JSON has every name as it is", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const { out } = await command(["check", "--format", "json"], declared(names))
      const [first, second, api, worker, reserved, job] = names
      const { servers } = JSON.parse(out)
      expect(new Set(servers.map(({ server }: { server: string }) => server))).toEqual(
        new Set([first, second]),
      )
      const full = servers.find(({ server }: { server: string }) => server === first)
      expect(new Set(Object.keys(full.highest.consumers))).toEqual(new Set([api, worker]))
      expect(full.highest.jobs.jobs.map(({ name }: { name: string }) => name)).toEqual([job])
      expect(full.highest.reserved ?? { [reserved as string]: 3 }).toEqual({ [reserved as string]: 3 })
    }),
    runs(25),
  )
})

test("JSON has what is relaxed by its whole name, and with values that are short", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const { out } = await command(["check", "--base", "base.json", "--format", "json"], relaxed(names))
      const changes: readonly { name: string; from: unknown; to: unknown }[] = JSON.parse(out).relaxed
      const [api, gone, reserved, job, address] = names
      expect(changes.map(({ name }) => name)).toEqual([
        `reserved.${reserved}`,
        `consumers.${api}.poolSize`,
        `consumers.${gone}`,
        `jobs.${job}.poolSize`,
        "deployments.keys",
        "deployments.server",
        "deployments.hosts",
        `deployments.exclude.${address}`,
        `deployments.override.${address}`,
      ])
      for (const value of changes.flatMap(({ from, to }) => [from, to]))
        expect(typeof value === "string" ? value.length : 0).toBeLessThanOrEqual(200)
    }),
    runs(25),
  )
})

test.each([
  ["a declaration", ["check"], refused, 3],
  ["a plan without sizes", ["plan", "-t", "plan.json"], planned, 2],
] as const)(
  "an error is one line for each problem, whatever is in the names of %s",
  async (_, args, setting, expected) => {
    const plain = await command(args, setting(PLAIN))
    await fc.assert(
      fc.asyncProperty(texts, async (names) => {
        const { code, out, err } = await command(args, setting(names))
        expect([code, out]).toEqual([expected, ""])
        expectHarmless(err)
        expectReadable(err)
        expect(err.split("\n").length).toBe(plain.err.split("\n").length)
        for (const line of err.trimEnd().split("\n").slice(1)) expect(line).toMatch(/^prisma-pool: /)
      }),
      runs(25),
    )
  },
)

test("the summary of a job is the comment", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const summary = join(await directoryWith({}), "summary.md")
      const setting = { ...declared(names), env: { GITHUB_STEP_SUMMARY: summary } }
      const { out } = await command(["check", "--format", "markdown"], setting)
      await command(["check", "--format", "github"], setting)
      expect(await readFile(summary, "utf8")).toBe(`${out}\n`)
    }),
    runs(8),
  )
})

test("a name's comment in Terraform's lines ends where its line does", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const { out } = await command(["plan"], declared(names))
      const [, ...parts] = out.split("In Terraform, each in its own environment\n")
      expect(parts).toHaveLength(2)
      for (const lines of parts.map((part) => part.split("\n\n")[0]?.split("\n") ?? []))
        for (const line of lines.filter(Boolean))
          expect(line).toMatch(/^ {2}PRISMA_POOL_SIZE_CORE = "\d+" +# .+$/)
    }),
    runs(25),
  )
})

test("a baseline has every address as it is, in a file that can be shown", async () => {
  const args = (file: string, reason: string) => [
    ...["baseline", "-t", "plan.json", "--reason", reason],
    ...["--baseline", file],
  ]
  const plain = await command(args("b", "c"), planned(PLAIN))
  const usual = JSON.parse(await readFile(join(plain.cwd, "b"), "utf8"))
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const file = `${(names[7] ?? "")
        .replace(/[/\0\p{Cs}]/gu, "")
        .slice(0, 60)
        .replace(/\p{Cs}/gu, "")}.json`
      const reason = names[5] ?? ""
      const { code, out, err, cwd } = await command(args(file, reason), planned(names))
      expect([code, out]).toEqual([0, ""])
      expectHarmless(err)
      expect(err.split("\n").length).toBe(plain.err.split("\n").length)
      const content = await readFile(join(cwd, file), "utf8")
      expectHarmless(content)
      const written = JSON.parse(content)
      const named = JSON.parse(JSON.stringify(usual), (_, value) =>
        value === "c"
          ? reason
          : typeof value === "string"
            ? value.replace(/n([0-7])(?="\])/g, (__, index) => names[Number(index)] ?? "")
            : value,
      )
      expect(sorted(written)).toEqual(sorted(named))
    }),
    runs(15),
  )
})

/** The order is that of the addresses. */
const sorted = (value: unknown): unknown =>
  Array.isArray(value)
    ? value.map(sorted).sort((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1))
    : typeof value === "object" && value !== null
      ? Object.fromEntries(Object.entries(value).map(([key, each]) => [key, sorted(each)]))
      : value

describe("a URL", () => {
  const parsed = (url: string) => {
    const result = parseUrlText(url.trimEnd())
    return (
      result.url?.server && {
        ...result.url.server,
        parameters: result.url.parameters.map(({ name, value }) => [name, value]),
      }
    )
  }

  test.each([[["url", "--show-password"]], [["url"]]])(
    "of any text stays one line, and the same URL: %j",
    async (args) => {
      await fc.assert(
        fc.asyncProperty(hostile, hostile, hostile, fc.boolean(), async (user, password, name, isRaw) => {
          const part = (text: string) =>
            isRaw
              ? text.replace(/[\p{Cc}\p{Cs}\s/?#@%:&=+[\]]/gu, "")
              : encodeURIComponent(text.replace(/\p{Cs}/gu, ""))
          const url = `postgresql://${part(user) || "app"}:${part(password)}x@db/${part(name)}?schema=public`
          const { code, out, err } = await command(args, { env: { DATABASE_URL_CORE: url } })
          expectHarmless(out + err)
          fc.pre(code === 0)
          expect(out.trimEnd().split("\n")).toHaveLength(1)
          const [before, after] = [parsed(url), parsed(out)]
          expect({ ...after, parameters: after?.parameters.slice(0, 1) }).toEqual({
            ...before,
            ...(args.length > 1 ? {} : { password: "***", user: after?.user }),
          })
        }),
        runs(100),
      )
    },
  )

  test("with a mark that reverses text, or one that ends a line, is percent-encoded", async () => {
    const env = { DATABASE_URL_CORE: "postgresql://app:p\u202e\u2028ss@db/core" }
    const { out } = await command(["url", "--show-password"], { env })
    expect(out).toMatch(/^postgresql:\/\/app:p%E2%80%AE%E2%80%A8ss@db\/core\?/)
  })
})

test.each(["grafana", "alerts", "sql"])(
  "a dashboard is the same wherever it is printed: %s",
  async (format) => {
    const args = ["dashboard", "--format", format]
    const { out, err } = await command(args)
    const elsewhere = {
      ...declared(ORDERS),
      env: { DATABASE_URL_CORE: "\u001b[31m", PRISMA_APPLICATION_NAME: "::x" },
    }
    expect(await command(args, elsewhere)).toMatchObject({ out, err })
  },
)

/** Of an error: what the command itself begins a line with. */
const OUR_LINE = /^(?:error: |\(see --help\)$|\(Did you mean .*\)$|prisma-pool: |✗ |It does not fit: )/

test.each([
  [
    "a value",
    ["check", "--max-connections", "1\n2"],
    "error: option '--max-connections <n>' argument '1\\u000a2' is invalid. Give the result of SHOW max_connections, a whole number from 1 to 1000000.\n(see --help)\n",
  ],
  ["a flag", ["check", "--ma\r\nx"], "error: unknown option '--ma\\u000d\\u000ax'\n(see --help)\n"],
  [
    "a command that looks like another",
    ["che\nck"],
    "error: unknown command 'che\\u000ack'\n(Did you mean check?)\n(see --help)\n",
  ],
  [
    "a suggestion",
    ["check", "--x\n(Did you mean y?)"],
    "error: unknown option '--x\\u000a(Did you mean y?)'\n(see --help)\n",
  ],
])("what was typed stays on its line: %s", async (_, args, err) => {
  expect(await command(args)).toMatchObject({ code: 3, out: "", err })
})

test("the name of a file stays on its line", async () => {
  const args = ["baseline", "-t", "plan.json", "--reason", "x", "--baseline", "a\n::error::b"]
  const { err } = await command(args, planned(PLAIN))
  expect(err).toMatch(/Wrote a\\u000a::error::b: \d+ acknowledged, \d+ counted\n$/)
})

test.each(["##[error]x", "##vso[task.complete result=Succeeded]", "##teamcity[buildStop]", "##VSO[x]"])(
  "a CI service finds no command in a name: %s",
  async (name) => {
    for (const [line] of [...CHECKS, ...PLANS]) {
      const { out, err } = await command(line.split(" "), declared([name, ...PLAIN.slice(1)]))
      expect(out + err).not.toMatch(/##\w*\[/)
    }
  },
)

test("a name hides nothing, where stdout has colours", () => {
  const out: string[] = []
  const io = { ...quietIo("/"), hasColors: true, stdout: (text: string) => out.push(text) }
  guardOutput(io).stdout("\u001b[1m\u001b[31mred\u001b[39m\u001b[22m \u001b[8mhidden\u001b[38;2;0;0;0m\n")
  expect(out.join("")).toBe(
    "\u001b[1m\u001b[31mred\u001b[39m\u001b[22m \\u001b[8mhidden\\u001b[38;2;0;0;0m\n",
  )
})

test.each([
  ["@team", "@&#8203;team"],
  // Its own escape stands between.
  ["@_team", "@&#8203;\\_team"],
  // GitHub makes an address of it.
  ["a@-b.example", "a@&#8203;-b.example"],
  ["#1", "\\#&#8203;1"],
  ["a://b", "a:&#8203;//b"],
])("a comment mentions and links nobody: %s", (text, written) => {
  expect(escaped(text)).toBe(written)
})

test("code with a fence in it stays in its block", () => {
  const block = markdownFormat.code(["a", "```", "# b", "`````", "c"], "sql")
  expect(block).toBe("``````sql\na\n```\n# b\n`````\nc\n``````")
})

test("what was typed on the command line comes back harmless too", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async ([flag = "", value = ""]) => {
      for (const args of [
        [flag],
        ["check", `--${flag}`],
        ["check", "--max-connections", flag],
        ["check", "-t", flag.replaceAll("/", "").slice(0, 100)],
        ["check", "--consumer", `${flag}=4`, "--consumer", `${flag}=4`],
        ["plan", "--max-connections", "100", "--consumer", `${value}=4`, "--for", flag],
      ]) {
        const { code, out, err } = await command(args)
        expectHarmless(out)
        expectHarmless(err)
        expectReadable(err)
        if (code !== 0) for (const line of err.trimEnd().split("\n")) expect(line).toMatch(OUR_LINE)
      }
    }),
    runs(25),
  )
})

test("what is said of the budgets of auto orders nobody about, whatever roles and consumers are called", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async ([role = "", api = "", worker = "", database = "", own = ""]) => {
      const uses = [api, worker].map((name) => ({ name, connections: 2 }))
      const problems: readonly AutoProblem[] = [
        { kind: "pooler", consumers: [api, worker] },
        { kind: "superuser", role, uses },
        { kind: "no such role", role, uses },
        { kind: "other limit", role, limit: 3, uses },
        { kind: "small database", database, limit: 3, role, uses },
        { kind: "no limit", role, uses },
        { kind: "unknown role", consumer: api },
        { kind: "assumed role", role, consumers: [api] },
        { kind: "several roles", consumer: api, roles: [role, own] },
      ]
      const rights = [true, false].map((mayLimit) => ({
        role,
        isSuperuser: false,
        limit: 3,
        mayLimit,
        hasCreateRole: true,
        others: [own, worker],
      }))
      const result = { failures: problems, warnings: problems, rights }
      const by = { role: own, isSuperuser: false, versionNumber: 180_000 }
      for (const format of [markdownFormat, textFormat(false)]) {
        const text = page(format, [], autoSections(result, by))
        expectHarmless(text)
        expectReadable(text)
        const statements = 4 * (identifier(role) === undefined ? 0 : 1)
        expect(text.match(/^ *ALTER ROLE .* CONNECTION LIMIT 4;$/gm) ?? []).toHaveLength(statements)
      }
    }),
    runs(50),
  )
})
