import pg from "pg"
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest"
import { installed } from "../support/client-tools.ts"
import { words } from "../support/command.ts"
import { eventually, times } from "../support/helpers.ts"
import { startProxy } from "../support/proxy.ts"
import { type CommandInTerminal, inTerminal, KEYS } from "../support/pty.ts"
import { type PostgresServer, startPostgres } from "../support/server.ts"

const HAS_TERMINAL = installed("script", "stty")

let server: PostgresServer
let log = ""
let clients: pg.Client[] = []

beforeAll(async () => {
  server = await startPostgres({ max_connections: 100, log_connections: "on" }, (text) => {
    log += text
  })
  await server.createDatabase("core")
})
afterAll(() => server.destroy())
afterEach(async () => {
  await Promise.all(clients.map((client) => client.end().catch(() => {})))
  clients = []
})

async function hold(application: string): Promise<pg.Client> {
  const client = new pg.Client(server.url("core", { application_name: application }))
  client.on("error", () => {})
  await client.connect()
  clients.push(client)
  return client
}

/** 40 connections that are declared, two of which block and wait, and 49 names that are not. */
async function crowd(): Promise<void> {
  await Promise.all([...times(49, (index) => hold(`stray-${index}`)), ...times(38, () => hold("api"))])
  const blocker = await hold("api")
  await blocker.query("BEGIN; LOCK TABLE mission")
  const waiting = await hold("api")
  waiting.query("SELECT count(*) FROM mission").catch(() => {})
}

const FLEET = "--max-connections 100 --consumer api=4x10"

const watching = (
  flags = "",
  { env = {}, ...setting }: Parameters<typeof inTerminal>[1] = {},
): Promise<CommandInTerminal> =>
  inTerminal(words(`inspect --watch 1s ${flags}`), {
    ...setting,
    env: { DATABASE_URL_CORE: server.adminUrl("core"), ...env },
  })

/** Waits until the command has asked the server so many times more, as the server's log tells. */
async function checksMade(count: number): Promise<void> {
  const made = () => log.match(/connection authorized: .*application_name=prisma-pool-config/g)?.length ?? 0
  const wanted = made() + count
  await eventually(`${count} more checks`, async () => made() >= wanted)
}

/** Waits until the screen is another one than it was. */
const changes = (terminal: CommandInTerminal, before: readonly string[]) =>
  eventually("the screen changes", async () => terminal.rows().join("\n") !== before.join("\n"))

const withoutKeysLine = (rows: readonly string[]) => rows.slice(0, -1)

/** Every line that is seen on the way to the end of a paused page, the top of it first. */
async function scrolled(terminal: CommandInTerminal): Promise<string[]> {
  const seen: string[] = []
  for (;;) {
    const page = terminal.rows()
    seen.push(...withoutKeysLine(page))
    if (!/more lines? ↓/.test(page[23] ?? "")) return seen
    terminal.press(KEYS.down)
    await changes(terminal, page)
  }
}

/** What a shell finds: line editing and echo, the ordinary screen, and the frame above the summary. */
async function leavesFrame(terminal: CommandInTerminal, frame: readonly string[], code: number) {
  const ended = await terminal.ended()
  expect(ended.code).toBe(code)
  expect(ended.modes).toMatch(/(?<!-)isig (?<!-)icanon/)
  expect(ended.modes).toMatch(/ echo /)
  expect(terminal.isAlternate()).toBe(false)
  // The cursor is shown, lines wrap, and nothing is left of an earlier frame.
  expect(terminal.sent().lastIndexOf("\u001b[?25h")).toBeGreaterThan(
    terminal.sent().lastIndexOf("\u001b[?25l"),
  )
  expect(terminal.sent().lastIndexOf("\u001b[?7h")).toBeGreaterThan(terminal.sent().lastIndexOf("\u001b[?7l"))
  const everything = terminal.everything()
  const start = everything.indexOf("$ prisma-pool") + 1
  expect(everything.slice(start, start + frame.length)).toEqual(frame)
  const below = everything.slice(start + frame.length).filter((line) => line !== "")
  expect(
    below.find((line) => !/^\d+ more lines?: run "prisma-pool inspect" for all of them$/.test(line)),
  ).toMatch(/^[✓✗?] /)
  expect(everything.join("\n")).not.toContain("^C")
  return below
}

describe.skipIf(!HAS_TERMINAL)("inspect --watch on a terminal of 80 × 24", () => {
  test("shows the most urgent, says what is hidden, and what to do is within reach of ↓", async () => {
    await crowd()
    const terminal = await watching(FLEET)
    await terminal.shows(/^\d+ more lines ↓ · p pause · q quit$/m)
    const rows = terminal.rows()
    expect(rows).toHaveLength(24)
    expect(rows[0]).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(rows[1]).toMatch(/^✗ (?:8|9)\d of 100 connections in use/)
    expect(rows[23]).toMatch(/more lines ↓/)
    terminal.press("p")
    await terminal.shows("paused, checks go on")
    const seen = await scrolled(terminal)
    expect(seen.join("\n")).toMatch(
      /SELECT pg_terminate_backend\(pid\) FROM pg_stat_activity WHERE pid = \d+/,
    )
    expect(seen.join("\n")).toContain("stray-")
    terminal.press("q")
    await leavesFrame(terminal, withoutKeysLine(terminal.rows()), 1)
  })

  test("has another ceiling than the declared one at the top, and a chain's root and a role without names below", async () => {
    const [root, middle, last] = [await hold("api"), await hold("api"), await hold("api")]
    await Promise.all(times(20, () => hold("")))
    await root.query("BEGIN; SELECT pg_advisory_xact_lock(1)")
    await middle.query("BEGIN; SELECT pg_advisory_xact_lock(2)")
    middle.query("SELECT pg_advisory_xact_lock(1)").catch(() => {})
    last.query("SELECT pg_advisory_xact_lock(2)").catch(() => {})
    await eventually("both wait", async () => {
      const rows = await server.sql("SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
      return rows.length === 2
    })
    const terminal = await watching("--max-connections 120 --consumer api=4x10")
    await terminal.shows(/more lines ↓/)
    terminal.press("p")
    await terminal.shows("paused, checks go on")
    const seen = await scrolled(terminal)
    expect(seen[2]).toMatch(/^✗ max_connections is 100, but 120 is declared/)
    // Sentences wrap between words, and nothing is wider than the screen.
    const text = seen.join(" ").replace(/\s+/g, " ")
    expect(text).toMatch(/blocks 1 session: ending it frees 2 sessions/)
    expect(text).toMatch(/has waited \d+ s for pid \d+, which waits for pid \d+/)
    expect(text).toMatch(/\(no name\), role \w+: 20/)
    // The colours of a line that wraps end where its rows end.
    expect(text).not.toContain("\\u001b")
    expect(Math.max(...seen.map((line) => line.length))).toBeLessThanOrEqual(80)
    terminal.press("q")
    await leavesFrame(terminal, withoutKeysLine(terminal.rows()), 0)
  })

  test("scrolls by lines and by screens, and stops at both ends", async () => {
    await crowd()
    const terminal = await watching(FLEET, { rows: 10 })
    await terminal.shows("q quit")
    terminal.press("p")
    await terminal.shows("paused, checks go on")
    const first = terminal.rows()
    const after = async (key: string) => {
      const before = terminal.rows()
      terminal.press(key)
      await changes(terminal, before)
      return terminal.rows()
    }
    const second = await after(KEYS.down)
    expect(second.slice(0, 8)).toEqual(first.slice(1, 9))
    expect(second[9]).toMatch(/^paused, checks go on · \d+ more lines ↓ · 1 above ↑ · p resume · q quit$/)
    // ↑ at the top changes nothing, which the next key shows.
    terminal.press(KEYS.up + KEYS.up)
    await terminal.shows(first.join("\n"))
    expect(await after(KEYS.down)).toEqual(second)
    terminal.press(KEYS.home)
    await terminal.shows(first.join("\n"))
    expect((await after(KEYS.pageDown))[0]).toBe(first[8])
    const last = await after(KEYS.end)
    expect(last[9]).toMatch(/^paused, checks go on · \d+ above ↑ · p resume · q quit$/)
    terminal.press(KEYS.down)
    expect((await after(KEYS.up)).slice(1, 9)).toEqual(last.slice(0, 8))
    terminal.press(KEYS.ctrlC)
    await terminal.ended()
  })

  test("pauses the screen and not the checks", async () => {
    const terminal = await watching()
    await terminal.shows("p pause · q quit")
    terminal.press("p")
    await terminal.shows("paused, checks go on · p resume · q quit")
    const paused = terminal.rows()
    await hold("newcomer")
    await checksMade(2)
    expect(terminal.rows()).toEqual(paused)
    terminal.press("p")
    await terminal.shows("newcomer")
    terminal.press("q")
    const { code } = await terminal.ended()
    expect(code).toBe(0)
    const [, checks] = /stayed within 80 % in all (\d+) checks/.exec(terminal.everything().join("\n")) ?? []
    expect(Number(checks)).toBeGreaterThan(2)
  })

  test.each([
    ["q", "q", "", 0, "✓ stayed within 80 % in "],
    ["Ctrl-C", KEYS.ctrlC, "", 0, "✓ stayed within 80 % in "],
    [
      "q before --for is over",
      "q",
      "--for 1h",
      130,
      "? interrupted before --for was over: stayed within 80 %",
    ],
    [
      "Ctrl-C before --for is over",
      KEYS.ctrlC,
      "--for 1h",
      130,
      "? interrupted before --for was over: stayed within 80 %",
    ],
  ])(
    "%s leaves the last frame, the summary and the terminal as it was",
    async (_, key, flags, code, verdict) => {
      const terminal = await watching(flags)
      await terminal.shows("p pause · q quit")
      expect(terminal.isAlternate()).toBe(true)
      await checksMade(2)
      terminal.press("p")
      await terminal.shows("paused")
      const frame = terminal.rows().slice(
        0,
        terminal.rows().findIndex((row) => row.startsWith("paused")),
      )
      terminal.press(key)
      const below = await leavesFrame(terminal, frame, code)
      expect(below[0]?.startsWith(verdict)).toBe(true)
      // A page that is short is there in full, with its summary.
      expect(
        terminal
          .rows()
          .filter((row) => row !== "")
          .slice(-below.length),
      ).toEqual(below)
      expect(terminal.rows()[1]).toBe(frame[0])
    },
  )

  test("SIGTERM does the same", async () => {
    const terminal = await watching("--for 1h")
    await terminal.shows("p pause · q quit")
    await terminal.signal("SIGTERM")
    const { code, modes } = await terminal.ended()
    expect([code, terminal.isAlternate()]).toEqual([130, false])
    expect(modes).toMatch(/ echo /)
  })

  test("an error that nothing catches is printed where it is seen, on the terminal as it was", async () => {
    const broken = 'process.on("SIGUSR2",()=>{throw(new(Error)("broken"))})'
    const terminal = await watching("", {
      env: { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(broken)}` },
    })
    await terminal.shows("p pause · q quit")
    await terminal.signal("SIGUSR2")
    const { code, modes } = await terminal.ended()
    expect([code, terminal.isAlternate()]).toEqual([1, false])
    expect(modes).toMatch(/ echo /)
    expect(terminal.everything().join("\n")).toContain("Error: broken")
  })

  test("ends by itself when --for is over", async () => {
    const terminal = await watching("--for 2s")
    const { code } = await terminal.ended()
    expect(code).toBe(0)
    expect(terminal.rows().join("\n")).toMatch(
      /connections in use(?:.*\n)+✓ stayed within 80 % in all \d checks\n/,
    )
  })

  test("follows a window that is resized", async () => {
    await crowd()
    const terminal = await watching(FLEET)
    await terminal.shows("q quit")
    terminal.press("p")
    await terminal.shows("paused")
    for (const [columns, rows] of [
      [110, 40],
      [46, 12],
      [80, 24],
    ] as const) {
      const before = terminal.sent().length
      await terminal.resize(columns, rows)
      // Paused, it is redrawn for nothing else.
      await eventually(`a page of ${columns} × ${rows}`, async () => {
        const shown = terminal.rows().filter((row) => row !== "")
        return (
          terminal.sent().includes("\u001b[H", before) &&
          shown.filter((row) => row.includes("paused")).length === 1 &&
          /^paused, checks go on · /.test(shown.at(-1) ?? "") &&
          /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(shown[0] ?? "") &&
          /^✗ (?:8|9)\d of 100 connections/.test(shown[1] ?? "")
        )
      })
      if (rows === 12) expect(terminal.rows()[11]).toMatch(/^paused, checks go on · \d+ more/)
    }
    terminal.press("q")
    await terminal.ended()
  })

  test("keeps the last answer while the server does not answer, and goes on when it does", async () => {
    const own = await startPostgres({ max_connections: 20 })
    try {
      const env = { DATABASE_URL_CORE: own.adminUrl() }
      const terminal = await watching("", { env })
      await terminal.shows("p pause · q quit")
      const [at] = terminal.rows()
      await own.stop()
      await terminal.shows("? DATABASE_URL_CORE: cannot be asked")
      await terminal.shows(/The last answer, of .*Z\n(?:.*\n)*✓ 0 of 20 connections in use/)
      await own.start()
      await eventually(
        "it answers again",
        async () => !terminal.rows().join("\n").includes("The last answer"),
      )
      expect(terminal.rows()[0]?.localeCompare(at ?? "")).toBe(1)
      terminal.press("q")
      const { code } = await terminal.ended()
      expect(code).toBe(2)
      expect(terminal.rows().join("\n")).toMatch(
        /no answer from the server: \d+ of \d+ checks; --tolerate allows 0/,
      )
    } finally {
      await own.destroy()
    }
  })

  test("ends at Ctrl-C although a check waits for a server that does not answer", async () => {
    const proxy = await startProxy(server.port)
    try {
      const env = { DATABASE_URL_CORE: `${proxy.url(server.adminUrl())}?connect_timeout=0&pool_timeout=0` }
      const terminal = await watching("", { env })
      await terminal.shows("p pause · q quit")
      await proxy.newConnections("ignore")
      await eventually("a check waits", async () => proxy.connections > 0)
      terminal.press(KEYS.ctrlC)
      expect((await terminal.ended()).code).toBe(0)
      expect(terminal.everything().join("\n")).toMatch(
        /✓ stayed within 80 % in (?:the one check|all \d+ checks)/,
      )
    } finally {
      await proxy.close()
    }
  })

  test("has no keys where stdin is not a terminal, and Ctrl-C is the signal", async () => {
    const terminal = await watching("", { redirection: "< /dev/null" })
    await terminal.shows(/^Ctrl-C quit$/m)
    terminal.press("q")
    await checksMade(2)
    terminal.press(KEYS.ctrlC)
    const { code } = await terminal.ended()
    expect(code).toBe(0)
    expect(terminal.rows().join("\n")).toContain("✓ stayed within 80 %")
  })

  test("has colours, unless NO_COLOR is set", async () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a colour begins with one
    const colour = /\u001b\[\d[\d;]*m/
    for (const [env, isColoured] of [
      [{}, true],
      [{ NO_COLOR: "1" }, false],
    ] as const) {
      const terminal = await watching("--for 1s", { env })
      await terminal.ended()
      expect(colour.test(terminal.sent())).toBe(isColoured)
      expect(terminal.sent()).toContain("\u001b[?1049h")
    }
  })

  test("is a line for each check on a dumb terminal, and JSON where that is wanted: nothing is redrawn", async () => {
    for (const [flags, env, line] of [
      ["--for 1s", { TERM: "dumb" }, /^\S+Z 0 of 100 connections in use/],
      ["--for 1s --format json", {}, /^\{"at":/],
    ] as const) {
      const terminal = await watching(flags, { env })
      const { code } = await terminal.ended()
      expect(code).toBe(0)
      expect(terminal.sent()).not.toContain("\u001b")
      expect(terminal.everything().find((each) => !each.startsWith("$"))).toMatch(line)
    }
  })

  test("takes the terminal only once there is an answer: bad input at the start is a plain message", async () => {
    const env = { DATABASE_URL_CORE: "postgresql://app:x@127.0.0.1:1/core" }
    const terminal = await watching("", { env })
    expect((await terminal.ended()).code).toBe(2)
    expect(terminal.sent()).not.toContain("\u001b")
    expect(terminal.rows()[1]).toMatch(/^prisma-pool: DATABASE_URL_CORE: cannot be asked/)
  })
})
