import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { type PgBouncerEvent, watchConnections } from "../../src/monitor/index.ts"
import { configOf, consoleOf, listsOf } from "../monitor/pgbouncer-console.ts"
import { command, words } from "../support/command.ts"
import { answerOf, errorOf, startHostileServer, tableOf } from "../support/hostile-server.ts"
import { expectHarmless, expectTold, type Language, PLAIN, texts } from "../support/hostile-text.ts"
import { runs } from "../support/properties.ts"
import { HONEST } from "./honest-server.ts"

/** What a console says with these names wherever it says a text: half of its clients wait for a pool that is full. */
function answersWith(names: readonly string[]) {
  const [version = "", database = "", user = "", application = "", mode = "", state = "", other = ""] = names
  const client = { user, database, state: "active", link: "0x1", wait: 0, wait_us: 0 }
  const entry = { name: database, pool_size: 2, reserve_pool_size: 0, max_connections: 2 }
  return {
    // The version ends at a space.
    "SHOW VERSION": [{ version: `PgBouncer 1.25.${version.replace(/\s/g, "") || "2"}` }],
    "SHOW CONFIG": configOf({ max_client_conn: "10", so_reuseport: "1", max_user_connections: "2" }),
    "SHOW LISTS": listsOf({ used_clients: 10 }),
    "SHOW STATE": [{ key: state, value: "yes" }],
    "SHOW CLIENTS": [
      { ...client, application_name: application },
      { ...client, application_name: `${application}#k3f9ab` },
      { ...client, application_name: other, state: "waiting", link: "", wait: 7 },
    ],
    "SHOW POOLS": [
      {
        ...{
          database,
          user,
          cl_active: 2,
          cl_waiting: 1,
          sv_active: 2,
          sv_idle: 0,
          sv_used: 0,
          sv_tested: 0,
        },
        ...{ sv_login: 0, maxwait: 7, maxwait_us: 0, pool_mode: mode },
      },
    ],
    "SHOW DATABASES": [
      { ...entry, max_client_connections: 3, current_client_connections: 3, paused: 1, disabled: 1 },
    ],
    "SHOW USERS": [
      { name: user, max_user_connections: 2, max_user_client_connections: 3, current_client_connections: 3 },
    ],
  } as const
}

/** A pooler of any name, and what is declared behind it. */
const declaring = ([, , , application = "", , , away = "", pooler = ""]: readonly string[]) => ({
  files: {
    "pool.config.json": {
      maxConnections: 20,
      consumers: {
        [application]: { instances: 1, poolSize: 2, pooler },
        [away]: { instances: 1, poolSize: 2, pooler },
      },
      poolers: { [pooler]: { instances: 1, poolSize: 1, maxClientConnections: 10 } },
    },
  },
})

/** Every command that asks a console, and what it prints: another output is another line. */
const TABLE: readonly (readonly [line: string, language: Language])[] = [
  ["inspect --connect CONSOLE_URL", "text"],
  ["inspect --connect CONSOLE_URL --format json", "json"],
  ["inspect --console CONSOLE_URL", "text"],
  ["inspect --console CONSOLE_URL --format json", "json"],
  ["inspect --console CONSOLE_URL --format markdown", "markdown"],
  ["inspect --console CONSOLE_URL --watch --for 1s", "text"],
  ["inspect --console CONSOLE_URL --watch --for 1s --format json", "json"],
  ["preflight --console CONSOLE_URL", "text"],
  ["preflight --console CONSOLE_URL --format json", "json"],
]
/** A terminal of 80 columns that cannot be redrawn. */
const NARROW = { columns: 80, io: { isTerminal: false } }

/** Starts a server and a console in one, by what it is asked. */
async function startBoth(onShow: (command: string) => Iterable<Buffer>) {
  const url = await startHostileServer({
    onQuery: (sql) => (sql.startsWith("SHOW ") ? onShow(sql) : answerOf(JSON.stringify(HONEST))),
  })
  const server = url("x")
  return { DATABASE_URL_CORE: server, CONSOLE_URL: server.replace(/core$/, "pgbouncer") }
}

const answerTo = (command: string, names: readonly string[]) =>
  tableOf(Object.entries(answersWith(names)).find(([name]) => name === command)?.[1] ?? [])

test.each(TABLE)("texts of a console order nobody about: %s, in %s", async (line, language) => {
  let said = PLAIN
  const env = await startBoth((command) => answerTo(command, said))
  const told = (names: readonly string[], hasColors: boolean, columns: object) => {
    said = names
    return command(words(line), { env, ...declaring(names), hasColors, ...columns })
  }
  await fc.assert(
    fc.asyncProperty(texts, fc.boolean(), fc.constantFrom({}, NARROW), async (names, hasColors, columns) => {
      const plain = await told(PLAIN, hasColors, columns)
      expect([plain.code, plain.err]).toEqual([1, "Using pool.config.json\n"])
      // The pooler is told of.
      expect(plain.out).toMatch(/n7/)
      const ran = await told(names, hasColors, columns)
      expect(ran.code).toBe(plain.code)
      await expectTold(language, ran, plain)
      if (line === "inspect --connect CONSOLE_URL --format json") {
        const [pooler] = JSON.parse(ran.out).poolers
        expect([pooler.name, pooler.report.pools[0].user]).toEqual([names[7], names[2]])
      }
    }),
    runs(3),
  )
})

describe.each([
  ["not willing", "08P01", "not allowed"],
  ["nobody's", "28P01", "no"],
])("a console that is %s", (_, code, beginning) => {
  test.each(TABLE)("orders nobody about with what it says: %s, in %s", async (line, language) => {
    let said = ""
    const env = await startBoth(() => [errorOf(code, `${beginning} ${said}`)])
    const told = (text: string, hasColors: boolean) => {
      said = text.replaceAll("\0", "")
      return command(words(line), { env, ...declaring(PLAIN), hasColors })
    }
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async ([text = ""], hasColors) => {
        const plain = await told("no", hasColors)
        const ran = await told(text, hasColors)
        expect(ran.code).toBe(plain.code)
        await expectTold(plain.out === "" ? "text" : language, ran, plain)
      }),
      runs(2),
    )
  })
})

test("an event of watchConnections is one line, whatever texts a console says", async () => {
  await fc.assert(
    fc.asyncProperty(texts, async (names) => {
      const events: PgBouncerEvent[] = []
      await new Promise<void>((resolve) => {
        const watch = watchConnections({
          console: consoleOf(answersWith(names)),
          interval: 0.1,
          onEvent: (event) => {
            if (event.tier === "pgbouncer") events.push(event)
            if (events.length === 2) void watch.stop().then(resolve)
          },
        })
      })
      expect(events.map((event) => "reason" in event && event.reason)).toEqual(["full", "waiting"])
      for (const { message } of events) {
        expectHarmless(message)
        expect(message).not.toContain("\n")
      }
    }),
    runs(3),
  )
})
