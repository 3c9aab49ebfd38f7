import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type ConnectionEvent, watchConnections } from "../../src/monitor/index.ts"
import { warn } from "../../src/pool/warn.ts"
import { command, words } from "../support/command.ts"
import { collectWarnings } from "../support/helpers.ts"
import { answerOf, endlessRows, errorOf, LOGGED_IN, startHostileServer } from "../support/hostile-server.ts"
import {
  expectHarmless,
  expectReadable,
  expectTold,
  type Language,
  ORDERS,
  PLAIN,
  texts,
} from "../support/hostile-text.ts"
import { runs } from "../support/properties.ts"
import { HONEST } from "./honest-server.ts"

const SESSION = {
  pid: 7,
  type: "client backend",
  application: "job",
  user: "app",
  database: "core",
  client: "local",
  state: "idle in transaction",
  seconds: 100,
  transaction: 100,
  startedAt: "2026-01-01 00:00:00.123456+00",
  mayEnd: true,
}

const connecting = (url: string) => ({ env: { DATABASE_URL_CORE: url } })

/** Every command that asks a server, and what it prints: another output is another line. */
const TABLE: readonly (readonly [line: string, language: Language])[] = [
  ["inspect", "text"],
  ["inspect --format json", "json"],
  ["inspect --format markdown", "markdown"],
  ["inspect --watch --for 1s", "text"],
  ["inspect --watch --for 1s --format json", "json"],
  ["preflight", "text"],
  ["preflight --format json", "json"],
]
/** A terminal of 80 columns that cannot be redrawn. */
const NARROW = { columns: 80, io: { isTerminal: false } }

const LINES = TABLE.map(([line]) => line)

/** An answer with these names wherever a server says a text. */
function answerWith(names: readonly string[]) {
  const [version, role, database, application, user, client, state, sharedBuffers] = names
  const session = { ...SESSION, application, user, state, client, database }
  const { groups } = HONEST
  return {
    ...HONEST,
    version,
    sharedBuffers,
    role,
    database,
    groups: [
      { ...groups[0], connections: 4, application, user, database, client, state },
      { ...groups[0], application: `${application}#k3f9ab`, user, database, connections: 1 },
      { ...groups[0], connections: 2 },
    ],
    longestIdleInTransaction: session,
    longestQuery: session,
    blocked: [{ ...session, pid: 9, blockedBy: [8] }],
    blockers: [{ ...session, pid: 8, waits: false }],
  }
}

/** A fleet in which one consumer is there, and all others are not. */
const declaring = ([, , , application = "", , , away = "", reserved = ""]: readonly string[]) => ({
  files: {
    "pool.config.json": {
      maxConnections: 20,
      reserved: { [reserved]: 1 },
      consumers: { [application]: { instances: 1, poolSize: 2 }, [away]: { instances: 1, poolSize: 2 } },
    },
  },
})

/** A statement, and the comment that says what for. */
const STATEMENT = /^ {2}((?:GRANT|SELECT|ALTER) .*?;) {2}-- .*$/

const statementsOf = (out: string) => out.split("\n").flatMap((line) => STATEMENT.exec(line)?.[1] ?? [])

/** Names that a role, a database or a connection may have: SQL can write them, and PostgreSQL cuts longer ones. */
const possible = (name: string) => [...name.replace(/[\0\p{Cs}]/gu, "")].slice(-60).join("")

test.each(TABLE)("texts of a server order nobody about: %s, in %s", async (line, language) => {
  let said = PLAIN
  const url = await startHostileServer({ onQuery: () => answerOf(JSON.stringify(answerWith(said))) })
  const told = (names: readonly string[], hasColors: boolean, columns: object) => {
    said = names
    return command(words(line), { ...connecting(url("x")), ...declaring(names), hasColors, ...columns })
  }
  await fc.assert(
    fc.asyncProperty(texts, fc.boolean(), fc.constantFrom({}, NARROW), async (all, hasColors, columns) => {
      const names = all.map((name, index) => ([1, 3, 4].includes(index) ? possible(name) : name))
      const plain = await told(PLAIN, hasColors, columns)
      expect(plain.out).not.toBe("")
      const ran = await told(names, hasColors, columns)
      expect(ran.code).toBe(plain.code)
      await expectTold(language, ran, plain)
      expect(statementsOf(ran.out)).toHaveLength(statementsOf(plain.out).length)
      if (line === "inspect --format json") expect(JSON.parse(ran.out).report.server.version).toBe(names[0])
    }),
    runs(8),
  )
})

describe.each([
  ["full", "53300"],
  ["not willing", "42501"],
  ["nobody's", "28P01"],
])("a server that is %s", (_, code) => {
  test.each(TABLE)("orders nobody about with what it says: %s, in %s", async (line, language) => {
    let said = ""
    const url = await startHostileServer({ onQuery: () => [errorOf(code, said)] })
    const told = (text: string, hasColors: boolean) => {
      said = text.replaceAll("\0", "")
      return command(words(line), { ...connecting(url("x")), ...declaring(PLAIN), hasColors })
    }
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async ([text = ""], hasColors) => {
        const plain = await told("no", hasColors)
        expect(plain.code).toBe(code === "53300" ? 1 : 2)
        const ran = await told(text, hasColors)
        expect(ran.code).toBe(plain.code)
        // Without an answer nothing is on stdout, in any format.
        await expectTold(plain.out === "" ? "text" : language, ran, plain)
        expectReadable(ran.err)
      }),
      runs(4),
    )
  })
})

test("there are statements to look at", async () => {
  const url = await startHostileServer({ onQuery: () => answerOf(JSON.stringify(answerWith(PLAIN))) })
  const { out } = await command(["inspect"], connecting(url("x")))
  expect(statementsOf(out)).toEqual([
    expect.stringMatching(
      /^SELECT pg_terminate_backend\(pid\) .* WHERE pid = 8 AND backend_start = '[^']*';$/,
    ),
    expect.stringMatching(
      /^SELECT pg_terminate_backend\(pid\) .* WHERE pid = 7 AND backend_start = '[^']*';$/,
    ),
    'GRANT pg_monitor TO "n1";',
    "ALTER ROLE \"n4\" SET idle_in_transaction_session_timeout = '60s';",
    "ALTER SYSTEM SET reserved_connections = 2;",
    'GRANT pg_use_reserved_connections TO "n1";',
  ])
})

test.each([
  // Cut in the middle of its line, a quote of the name would have ended it, and the rest would have been statements.
  ["too long for a name", `${'"'.repeat(3_001)}; DROP TABLE mission; --${"x".repeat(400)}`],
  ["with NUL", "a\0b"],
  ["with half a character", "a\ud800b"],
  ["that is empty", ""],
])("what cannot be a role's name is in no statement: %s", async (_, role) => {
  const url = await startHostileServer({
    onQuery: () =>
      answerOf(
        JSON.stringify(answerWith(PLAIN.map((name, index) => (index === 1 || index === 4 ? role : name)))),
      ),
  })
  const { code, out } = await command(["inspect"], connecting(url("x")))
  expect(code).toBe(1)
  expect(statementsOf(out).filter((statement) => !statement.startsWith("SELECT"))).toEqual([
    "ALTER SYSTEM SET reserved_connections = 2;",
  ])
  for (const line of out.split("\n").filter((each) => /^ *(?:GRANT|SELECT|ALTER) /.test(each)))
    expect(line).toMatch(STATEMENT)
})

test.each([
  ["are in a report", (names: readonly string[]) => answerOf(JSON.stringify(answerWith(names)))],
  ["are in a refusal", ([name = ""]: readonly string[]) => [errorOf("53300", name.replaceAll("\0", ""))]],
  ["are in an error", ([name = ""]: readonly string[]) => [errorOf("42501", name.replaceAll("\0", ""))]],
])("an event of watchConnections is one line, where texts %s", async (_, answer) => {
  let said = PLAIN
  const url = await startHostileServer({ onQuery: () => answer(said) })
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      said = names
      const event = await new Promise<ConnectionEvent>((onEvent) => {
        const watch = watchConnections({
          client: url("x"),
          onEvent: (each) => {
            void watch.stop()
            onEvent(each)
          },
        })
      })
      expectHarmless(event.message)
      expect(event.message).not.toContain("\n")
    }),
    runs(8),
  )
})

test("a warning is one line", async () => {
  const [warning = "", ...others] = await collectWarnings(async () => warn(ORDERS.join(" ")))
  expect(others).toEqual([])
  expectHarmless(warning)
  expect(warning).not.toContain("\n")
})

test.each([
  ["a process id with SQL in it", { blockers: [{ ...SESSION, pid: "1);\n\\! touch PWN\n--" }] }],
  [
    "one of a session that is open",
    { longestIdleInTransaction: { ...SESSION, pid: "1); DROP TABLE mission; --" } },
  ],
  ["one of those who block", { blocked: [{ ...SESSION, blockedBy: ["1\u001b[31m"] }] }],
  ["a number as a text", { maxConnections: "9e999" }],
  ["a number that is none", { groups: [{ ...HONEST.groups[0], connections: 1.5 }] }],
  ["no groups", { groups: null }],
])("an answer of another shape is refused: %s", async (_, fields) => {
  const url = await startHostileServer({ onQuery: () => answerOf(JSON.stringify({ ...HONEST, ...fields })) })
  const { code, out, err } = await command(["inspect"], connecting(url("x")))
  expect([code, out]).toEqual([2, ""])
  expect(err).toBe(
    "prisma-pool: DATABASE_URL_CORE: cannot be asked: The server's answer to the inspection query has an unexpected shape. Check host, port, user, password and database, and whether this machine may connect.\n",
  )
})

test("an answer without an end is given up", async () => {
  const url = await startHostileServer({ onQuery: () => endlessRows("x".repeat(100_000)) })
  const { code, err } = await command(["inspect"], connecting(url("x")))
  expect(code).toBe(2)
  expect(err).toContain("cannot be asked: The server's answer is longer than 16 MB")
})

const SECRET = "s3cr3t/p@ss"

test.each([
  [
    "refuses the login",
    { onPassword: (said: string) => [errorOf("28P01", `no ${said}: ${encodeURIComponent(said)}`)] },
    2,
  ],
  ["is full", { onPassword: (said: string) => [errorOf("53300", `sorry, too many clients, ${said}`)] }, 1],
  [
    "refuses the query",
    {
      onPassword: () => LOGGED_IN,
      onQuery: () => [errorOf("42501", SECRET)],
    },
    2,
  ],
])("a password that a server repeats is not printed, where it %s", async (_, behaviour, code) => {
  const url = await startHostileServer(behaviour)
  for (const line of LINES) {
    const ran = await command(words(line), { ...connecting(url(SECRET)), ...declaring(PLAIN) })
    expect(ran.code).toBe(code)
    for (const secret of [SECRET, encodeURIComponent(SECRET)]) expect(ran.out + ran.err).not.toContain(secret)
  }
})
