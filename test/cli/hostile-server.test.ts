import fc from "fast-check"
import { expect, test } from "vitest"
import { command, words } from "../support/command.ts"
import { answerOf, endlessRows, errorOf, LOGGED_IN, startHostileServer } from "../support/hostile-server.ts"
import { runs } from "../support/properties.ts"

/** What an honest server says of itself. */
const HONEST = {
  version: "18.0",
  versionNumber: 180_000,
  sharedBuffers: "128MB",
  sharedBuffersBytes: 134_217_728,
  isReplica: false,
  maxConnections: 10,
  superuserReserved: 3,
  reservedConnections: 0,
  providerReserved: 0,
  pid: 42,
  database: "core",
  role: "app",
  isSuperuser: false,
  mayUseReserved: false,
  seesEverything: false,
  databaseLimit: -1,
  roleLimit: -1,
  rowsOfDatabase: 1,
  groups: [
    {
      database: "core",
      user: "app",
      application: "api",
      client: "127.0.0.1",
      state: "idle",
      hidden: false,
      connections: 7,
      oldest: 1,
      onLocks: 0,
      onClient: 0,
    },
  ],
  databaseLimits: {},
  roleLimits: {},
  longestQuery: null,
  longestIdleInTransaction: null,
  blocked: [] as unknown[],
  blockers: [] as unknown[],
}

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

const FORMATS = [
  "inspect",
  "inspect --format json",
  "inspect --watch --for 1s",
  "preflight --max-connections 10 --consumer api=1x1",
]

test("texts of a server order nobody about, in any format", async () => {
  const texts = [
    "\u001b]52;c;x\u0007",
    "\n::error::x",
    "##[error]x",
    "\u202e",
    "\u009b",
    "\n\\! touch PWN\n",
    '"',
    "\u0000",
  ]
  const text = fc.array(fc.constantFrom(...texts), { minLength: 1, maxLength: 4 }).map((all) => all.join(""))
  let said = ""
  const url = await startHostileServer({
    onQuery() {
      const session = { ...SESSION, application: said, user: said, state: said }
      return answerOf(
        JSON.stringify({
          ...HONEST,
          version: said,
          sharedBuffers: said,
          role: said,
          database: said,
          groups: [
            { ...HONEST.groups[0], application: said, user: said, database: said, client: said, state: said },
          ],
          longestIdleInTransaction: session,
          blocked: [{ ...session, blockedBy: [8] }],
          blockers: [{ ...session, pid: 8 }],
        }),
      )
    },
  })
  await fc.assert(
    fc.asyncProperty(text, fc.constantFrom(...FORMATS), async (each, line) => {
      said = each
      const { out, err } = await command(words(line), connecting(url("x")))
      expect(err).toBe("")
      expect((out + err).replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}]/u)
      expect(out + err).not.toMatch(/^\s*::|##\[/m)
      const [, sql = ""] = out.split("Ready to paste, and not executed\n")
      for (const statement of sql.split("\n").filter(Boolean))
        expect(statement).toMatch(/^ {2}(?:GRANT|SELECT|ALTER) .*; {2}-- /)
      if (line.includes("json")) expect(JSON.parse(out).report.server.version).toBe(each)
    }),
    runs(40),
  )
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
  for (const line of FORMATS) {
    const ran = await command(words(line), connecting(url(SECRET)))
    expect(ran.code).toBe(code)
    for (const secret of [SECRET, encodeURIComponent(SECRET)]) expect(ran.out + ran.err).not.toContain(secret)
  }
})
