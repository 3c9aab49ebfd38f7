import fc from "fast-check"
import { marked } from "marked"
import { describe, expect, test } from "vitest"
import { command, type Setting } from "../support/command.ts"
import { runs } from "../support/properties.ts"
import { plan } from "../support/terraform-plan.ts"

/** What makes a terminal, GitHub's runner, a comment or a shell do something. */
const ORDERS = [
  "\u001b[31m",
  "\u001b]52;c;cHduZWQ=\u0007",
  "\u001b]8;;https://evil.example\u0007",
  "\u009b2J",
  "\u0000",
  "\u007f",
  "\u202e",
  "\u2066",
  "\u200f",
  "\n",
  "\r\n",
  "\u2028",
  "\ud800",
  "\n\n✓ fits: 10 of 97 usable connections\n===\n",
  "\n::error::x",
  "::add-mask::x",
  "  ::stop-commands::x",
  "##[error]x",
  "###[group]",
  "%0A::error::x",
  "<img src=x>",
  "<!--",
  "&lt;",
  "@org/team",
  "#1",
  "GH-1",
  "https://evil.example/x",
  "www.evil.example",
  "a@evil.example",
  "# x",
  "- x",
  "1. x",
  "    x",
  "```",
  "$x$",
  "[x](https://evil.example)",
  "**x**",
  "|",
  "\\",
  '"',
  "'",
  "`x`",
  "é👩‍💻",
] as const

const hostile = fc
  .array(fc.oneof(fc.constantFrom(...ORDERS), fc.string({ maxLength: 4 })), { minLength: 1, maxLength: 5 })
  .map((parts) => parts.join(""))

/** Now and then as long as a page of a book, and as long as all of it. */
const text = fc.oneof(
  { weight: 6, arbitrary: hostile },
  {
    weight: 1,
    arbitrary: fc
      .tuple(hostile, fc.constantFrom(1_000, 100_000))
      .map(([part, length]) => part.repeat(Math.ceil(length / Math.max(1, part.length)))),
  },
)

const COUNT = 8

/** Texts that differ, and are neither blank nor a number, which would come first in an object. */
const texts = fc
  .array(text, { minLength: COUNT, maxLength: COUNT })
  .map((all) => all.map((each, index) => `${each}n${index}`))

const PLAIN = Array.from({ length: COUNT }, (_, index) => `n${index}`)

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
const planned = (names: readonly string[]): Setting => {
  const [api = "", unseen = "", excluded = "", overridden = "", gone = "", reason = "", reserved = ""] = names
  const variables = { DATABASE_URL_CORE: "postgresql://app@db/core", PRISMA_POOL_SIZE_CORE: "10" }
  const container = { values: { max_scale: 2, environment_variables: variables } }
  const document = plan([
    { address: 'scaleway_container.api["KEY0"]', ...container },
    {
      address: 'scaleway_container.unseen["KEY1"]',
      values: { max_scale: 2 },
      unknown: { environment_variables: true },
    },
    { address: 'scaleway_container.excluded["KEY2"]', ...container },
    { address: 'scaleway_container.overridden["KEY3"]', ...container },
    { address: 'scaleway_container.gone["KEY4"]', before: container.values, actions: ["delete"] },
    {
      address: 'aws_ecs_task_definition.other["KEY1"]',
      values: { container_definitions: JSON.stringify(variables) },
    },
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

/** As the runner of GitHub reads a line. https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs */
const isWorkflowCommand = (line: string) => /^\s*::/.test(line) || line.includes("##[")

const ANNOTATION = /^::(?:error|warning|notice) title=Connection budget::/

function expectHarmless(output: string) {
  expect(output.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}\p{Bidi_Control}]/u)
  for (const line of output.split("\n")) expect(isWorkflowCommand(line.replace(ANNOTATION, ""))).toBe(false)
}

/** A page of lines, each of which somebody may read. */
function expectReadable(output: string) {
  expect(Math.max(...output.split("\n").map((line) => line.length))).toBeLessThan(20_000)
}

/** What a comment on GitHub would be made of. */
function markdownOf(output: string) {
  const kinds: string[] = []
  const shown: string[] = []
  marked.walkTokens(marked.lexer(output, { gfm: true }), (token) => {
    kinds.push(token.type === "heading" ? `heading ${token.depth}` : token.type)
    if (token.type === "text" && !("tokens" in token && token.tokens)) shown.push(token.text)
    if (token.type === "escape") shown.push(token.text)
  })
  // What is left of entities is how marked writes quotes and the like.
  return {
    kinds,
    shown: shown
      .join("")
      .replaceAll("&#8203;", "\u200b")
      .replace(/&(?:#39|quot|lt|gt|amp);/g, "'"),
  }
}

const SHAPE = new Set([
  "space",
  "heading 3",
  "heading 4",
  "paragraph",
  "table",
  "list",
  "list_item",
  "code",
  "text",
  "escape",
])

const ALL = [
  ...["text", "markdown", "github", "json"].map((format) => ["check", "--format", format]),
  ...["text", "markdown", "env", "json"].map((format) => ["plan", "--format", format]),
]

describe.each([
  ["a declaration", declared, [], ALL],
  ["a plan", planned, ["-t", "plan.json"], ALL],
  ["what is relaxed", relaxed, ["--base", "base.json"], ALL.filter(([name]) => name === "check")],
] as const)("with any text as a name in %s", (_, setting, flags, lines) => {
  test.each(lines)("%s %s %s orders nobody about", async (...line) => {
    const args = [...line, ...flags]
    const plain = await command(args, setting(PLAIN))
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async (names, hasColors) => {
        const { code, out, err } = await command(args, { ...setting(names), hasColors })
        expect(code).toBe(plain.code)
        for (const output of [hasColors ? out.replace(COLOUR, "") : out, err]) expectHarmless(output)
        expect(err.split("\n").length).toBe(plain.err.split("\n").length)
        if (line[2] === "json") return
        expectReadable(out)
        // Nothing that somebody is called begins or ends a line.
        expect(out.split("\n").length).toBe(plain.out.split("\n").length)
        if (line[2] === "markdown") {
          const { kinds, shown } = markdownOf(out)
          expect(kinds.filter((kind) => !SHAPE.has(kind))).toEqual([])
          expect(shown).not.toMatch(/[@#]\w|:\/\/|www\.|GH-\d/i)
          const layout = (all: string[]) => all.filter((kind) => kind !== "text" && kind !== "escape")
          expect(layout(kinds)).toEqual(layout(markdownOf(plain.out).kinds))
        }
      }),
      runs(15),
    )
  })
})

// biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
const COLOUR = /\u001b\[(?:\d+)(?:;\d+)*m/g

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

test("an error is one line for each problem, whatever is in the names", async () => {
  const plain = await command(["check"], refused(PLAIN))
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const { code, out, err } = await command(["check"], refused(names))
      expect([code, out]).toEqual([3, ""])
      expectHarmless(err)
      expectReadable(err)
      expect(err.split("\n").length).toBe(plain.err.split("\n").length)
      for (const line of err.trimEnd().split("\n").slice(1)) expect(line).toMatch(/^prisma-pool: /)
    }),
    runs(25),
  )
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
        const { out, err } = await command(args)
        expectHarmless(out)
        expectHarmless(err)
      }
    }),
    runs(25),
  )
})
