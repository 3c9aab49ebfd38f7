import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { alertRules } from "../../src/dashboards/alerts.ts"
import { installed } from "../support/client-tools.ts"
import { ORDERS } from "../support/hostile-text.ts"
import { promtool } from "../support/prometheus.ts"

// The rules as they are shipped, with their real durations: promtool has a clock of its own.

/** Each series as promtool has it: one value a minute. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
type Series = Readonly<Record<string, string>>

/** Where an alert fires: `minute` from the start, and the labels by which. */
interface Fires {
  readonly name: string
  readonly firesAt?: readonly (readonly [minute: number, ...labels: Readonly<Record<string, string>>[]])[]
  readonly quietAt?: readonly number[]
}

const S = 'job="api",prisma_pool_server_name="core"'
const server = (metric: string, more = "", instance = "1") =>
  `prisma_pool_server_${metric}{${S},instance="${instance}"${more && `,${more}`}}`
const limit = 'prisma_pool_server_limit="max_connections"'
const CORE = { job: "api", prisma_pool_server_name: "core" }
const LIMIT = { ...CORE, prisma_pool_server_limit: "max_connections" }

/** A series of a PgBouncer: by default of the pool of `app` in `core`, in its first process. */
function pgbouncer(metric: string, own: Readonly<Record<string, string>> = {}): string {
  const labels = { job: "api", instance: "1", ...labelsOf({ name: "front", ...own }) }
  return seriesWith(`prisma_pool_pgbouncer_${metric}`, labels)
}
const labelsOf = (own: Readonly<Record<string, string>>) =>
  Object.fromEntries(
    Object.entries(own).map(([name, value]) => [
      name === "instance" ? name : `prisma_pool_pgbouncer_${name}`,
      value,
    ]),
  )
const seriesWith = (name: string, labels: Readonly<Record<string, string>>) =>
  `${name}{${Object.entries(labels)
    .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
    .join(",")}}`

const CORE_POOL = { database: "core", user: "app" }
const POOL_SIZE = { ...CORE_POOL, limit: "pool_size", process: "0" }
const MAX_CLIENTS = { database: "", user: "", limit: "max_client_conn", process: "0" }
/** The labels by which an alert on one of them fires. An empty label is none. */
const FRONT = { job: "api", ...labelsOf({ name: "front" }) }
const FRONT_POOL = { ...FRONT, ...labelsOf(CORE_POOL) }
const poolFull = (name: string, limit = "pool_size") => ({ ...FRONT_POOL, ...labelsOf({ name, limit }) })
const clientsFull = (name: string) => ({ ...FRONT, ...labelsOf({ name, limit: "max_client_conn" }) })

const cases: readonly (readonly [what: string, series: Series, alert: Fires])[] = [
  [
    "80 % is not above 80 %",
    { [server("used", limit)]: "80x20", [server("usable", limit)]: "100x20" },
    { name: "PrismaPoolNearlyFull", quietAt: [20] },
  ],
  [
    "81 % is, after five minutes",
    { [server("used", limit)]: "80 81x20", [server("usable", limit)]: "100x21" },
    { name: "PrismaPoolNearlyFull", quietAt: [5], firesAt: [[6, LIMIT]] },
  ],
  [
    "two instances that look at one server are not added up",
    {
      [server("used", limit, "1")]: "50x20",
      [server("usable", limit, "1")]: "100x20",
      [server("used", limit, "2")]: "50x20",
      [server("usable", limit, "2")]: "100x20",
    },
    { name: "PrismaPoolNearlyFull", quietAt: [10] },
  ],
  [
    "one who sees it is enough, whatever the other cannot see",
    {
      [server("used", limit, "1")]: "NaN".concat(" NaN".repeat(20)),
      [server("usable", limit, "1")]: "NaN".concat(" NaN".repeat(20)),
      [server("used", limit, "2")]: "90x20",
      [server("usable", limit, "2")]: "100x20",
    },
    { name: "PrismaPoolNearlyFull", firesAt: [[10, LIMIT]] },
  ],
  [
    "a limit of 0, of which nothing is used, is not full",
    { [server("used", limit)]: "0x20", [server("usable", limit)]: "0x20" },
    { name: "PrismaPoolNearlyFull", quietAt: [10] },
  ],
  [
    "a ceiling that is not known does not differ",
    {
      [server("declared_max_connections")]: "100x30",
      [server("max_connections")]: "NaN".concat(" NaN".repeat(30)),
    },
    { name: "PrismaPoolCeilingDiffers", quietAt: [5, 20, 30] },
  ],
  [
    "one that is lower does, after ten minutes",
    { [server("declared_max_connections")]: "100x30", [server("max_connections")]: "50x30" },
    { name: "PrismaPoolCeilingDiffers", quietAt: [9], firesAt: [[10, CORE]] },
  ],
  [
    "an idle transaction of a minute is none yet, whoever named the unit",
    { [server("idle_in_transaction_longest_seconds")]: "0 60 120 180" },
    { name: "PrismaPoolIdleInTransaction", quietAt: [1, 2], firesAt: [[3, CORE]] },
  ],
  [
    "those that are logging in are undeclared, and no alert",
    { [server("undeclared", 'prisma_pool_server_application="(hidden)"')]: "3x30" },
    { name: "PrismaPoolUndeclared", quietAt: [20] },
  ],
  [
    "a server that refuses is not one that cannot be asked",
    { [server("up")]: "0x30", [server("refusing")]: "1x30" },
    { name: "PrismaPoolServerUnknown", quietAt: [20] },
  ],
  [
    "but refusals they are",
    { [server("up")]: "0x30", [server("refusing")]: "1x30" },
    { name: "PrismaPoolRefusals", quietAt: [0], firesAt: [[1, { job: "api" }]] },
  ],
  [
    "one refused connection is told for five minutes",
    {
      'prisma_pool_connection_refusals_total{job="api",instance="1",db_client_connection_pool_name="core"}':
        "0 0 1x20",
    },
    { name: "PrismaPoolRefusals", quietAt: [1, 9], firesAt: [[4, { job: "api" }]] },
  ],
  [
    "one instance without its server is enough, after a minute, and until it is reached again",
    {
      'prisma_pool_down{job="api",instance="1",db_client_connection_pool_name="core"}': "0x20",
      'prisma_pool_down{job="api",instance="2",db_client_connection_pool_name="core"}': "0 1x5 0x14",
    },
    {
      name: "PrismaPoolDown",
      quietAt: [1, 7],
      firesAt: [[2, { job: "api", db_client_connection_pool_name: "core" }]],
    },
  ],
  [
    "one that is down now and then, and each time for less than a minute, is none",
    {
      'prisma_pool_down{job="api",instance="1",db_client_connection_pool_name="core"}': "0 1 0 1 0 0x15",
    },
    { name: "PrismaPoolDown", quietAt: [1, 2, 3, 4, 5, 10] },
  ],
  [
    "a counter that begins again is no timeout",
    {
      'db_client_connection_timeouts_total{job="api",instance="1",db_client_connection_pool_name="core"}':
        "5 5 0x20",
    },
    { name: "PrismaPoolTimeouts", quietAt: [1, 2, 3, 4, 8] },
  ],
  [
    "a client of PgBouncer that waits now and then is no alert",
    { [pgbouncer("waiting", CORE_POOL)]: "0 1 1 0 2 0x15" },
    { name: "PrismaPoolPgBouncerWaiting", quietAt: [1, 2, 3, 4, 10] },
  ],
  [
    "one that goes on waiting is, after two minutes, and until none waits",
    { [pgbouncer("waiting", CORE_POOL)]: "0 1x4 0x10" },
    { name: "PrismaPoolPgBouncerWaiting", quietAt: [2, 6, 15], firesAt: [[3, FRONT_POOL]] },
  ],
  [
    "of two poolers, and two pools of one, the alert is that of each where clients wait, whoever looks",
    {
      [pgbouncer("waiting", CORE_POOL)]: "2x20",
      [pgbouncer("waiting", { ...CORE_POOL, instance: "2" })]: "2x20",
      [pgbouncer("waiting", { ...CORE_POOL, user: "etl" })]: "0x20",
      [pgbouncer("waiting", { ...CORE_POOL, name: "back" })]: "1x20",
    },
    {
      name: "PrismaPoolPgBouncerWaiting",
      firesAt: [[10, FRONT_POOL, { ...FRONT_POOL, ...labelsOf({ name: "back" }) }]],
    },
  ],
  [
    "a wait of ten seconds is none yet, and a longer one is, whoever named the unit",
    { [pgbouncer("longest_wait_seconds", CORE_POOL)]: "10 10 11 11 0x10" },
    { name: "PrismaPoolPgBouncerLongWait", quietAt: [1, 2, 4, 9], firesAt: [[3, FRONT_POOL]] },
  ],
  [
    "of two poolers, only one has let a client wait for long",
    {
      [pgbouncer("longest_wait", CORE_POOL)]: "1x10",
      [pgbouncer("longest_wait", { ...CORE_POOL, name: "back" })]: "60x10",
    },
    {
      name: "PrismaPoolPgBouncerLongWait",
      firesAt: [[5, { ...FRONT_POOL, ...labelsOf({ name: "back" }) }]],
    },
  ],
  [
    "80 % of max_client_conn is not above 80 %, and a full pool is none of its business",
    {
      [pgbouncer("used", MAX_CLIENTS)]: "80x20",
      [pgbouncer("usable", MAX_CLIENTS)]: "100x20",
      [pgbouncer("used", POOL_SIZE)]: "5x20",
      [pgbouncer("usable", POOL_SIZE)]: "5x20",
    },
    { name: "PrismaPoolPgBouncerClients", quietAt: [20] },
  ],
  [
    "81 % is, after five minutes, and until it is less",
    { [pgbouncer("used", MAX_CLIENTS)]: "80 81x9 80x10", [pgbouncer("usable", MAX_CLIENTS)]: "100x21" },
    { name: "PrismaPoolPgBouncerClients", quietAt: [5, 11], firesAt: [[6, clientsFull("front")]] },
  ],
  [
    "the fullest process counts, and neither processes nor poolers are added up",
    {
      [pgbouncer("used", MAX_CLIENTS)]: "10x20",
      [pgbouncer("usable", MAX_CLIENTS)]: "100x20",
      [pgbouncer("used", { ...MAX_CLIENTS, process: "1" })]: "90x20",
      [pgbouncer("usable", { ...MAX_CLIENTS, process: "1" })]: "100x20",
      [pgbouncer("used", { ...MAX_CLIENTS, name: "back" })]: "50x20",
      [pgbouncer("usable", { ...MAX_CLIENTS, name: "back" })]: "100x20",
      [pgbouncer("used", { ...MAX_CLIENTS, name: "back", process: "1" })]: "45x20",
      [pgbouncer("usable", { ...MAX_CLIENTS, name: "back", process: "1" })]: "100x20",
    },
    { name: "PrismaPoolPgBouncerClients", firesAt: [[10, clientsFull("front")]] },
  ],
  [
    "a pool with one connection left is not full, and clients at their ceiling are none of its business",
    {
      [pgbouncer("used", POOL_SIZE)]: "4x20",
      [pgbouncer("usable", POOL_SIZE)]: "5x20",
      [pgbouncer("used", MAX_CLIENTS)]: "100x20",
      [pgbouncer("usable", MAX_CLIENTS)]: "100x20",
    },
    { name: "PrismaPoolPgBouncerPoolFull", quietAt: [20] },
  ],
  [
    "a pool that is full for five minutes is, until a connection is free",
    { [pgbouncer("used", POOL_SIZE)]: "4 5x9 4x10", [pgbouncer("usable", POOL_SIZE)]: "5x21" },
    { name: "PrismaPoolPgBouncerPoolFull", quietAt: [5, 11], firesAt: [[6, poolFull("front")]] },
  ],
  [
    "of two poolers each full pool is one alert, and each full limit too",
    {
      [pgbouncer("used", POOL_SIZE)]: "5x20",
      [pgbouncer("usable", POOL_SIZE)]: "5x20",
      [pgbouncer("used", { ...POOL_SIZE, limit: "max_db_connections", user: "" })]: "5x20",
      [pgbouncer("usable", { ...POOL_SIZE, limit: "max_db_connections", user: "" })]: "5x20",
      [pgbouncer("used", { ...POOL_SIZE, name: "back" })]: "5x20",
      [pgbouncer("usable", { ...POOL_SIZE, name: "back" })]: "5x20",
    },
    {
      name: "PrismaPoolPgBouncerPoolFull",
      firesAt: [
        [
          10,
          poolFull("front"),
          poolFull("back"),
          { ...FRONT, ...labelsOf({ database: "core", limit: "max_db_connections" }) },
        ],
      ],
    },
  ],
  [
    "a console that cannot be asked is told after five minutes, until it answers, and only of that pooler",
    {
      [pgbouncer("up")]: "1 0x9 1x10",
      [pgbouncer("up", { name: "back" })]: "1x20",
      // What it does not say is not known.
      [pgbouncer("waiting", CORE_POOL)]: "0".concat(" NaN".repeat(20)),
    },
    { name: "PrismaPoolPgBouncerUnknown", quietAt: [5, 11], firesAt: [[6, FRONT]] },
  ],
  [
    "one observer who reaches the console is enough",
    { [pgbouncer("up")]: "0x20", [pgbouncer("up", { instance: "2" })]: "1x20" },
    { name: "PrismaPoolPgBouncerUnknown", quietAt: [10, 20] },
  ],
  ...["Waiting", "LongWait", "Clients", "PoolFull"].map(
    (name) =>
      [
        `what is not known of a pooler is no alert of ${name}`,
        Object.fromEntries(
          [
            ...["used", "usable"].flatMap((metric) => [
              pgbouncer(metric, MAX_CLIENTS),
              pgbouncer(metric, POOL_SIZE),
            ]),
            ...["waiting", "longest_wait"].map((metric) => pgbouncer(metric, CORE_POOL)),
          ].map((series) => [series, "NaN".concat(" NaN".repeat(20))]),
        ),
        { name: `PrismaPoolPgBouncer${name}`, quietAt: [10, 20] },
      ] as const,
  ),
  [
    "an instance that is gone, while another one is scraped, is scaled down",
    {
      'db_client_connection_max{job="api",instance="1"}': "5x40",
      'db_client_connection_max{job="api",instance="2"}': "5 5 stale",
    },
    { name: "PrismaPoolNotScraped", quietAt: [20, 40] },
  ],
  [
    "an application that is gone, while another one is scraped, is missed by its name",
    {
      'db_client_connection_max{job="worker",instance="1"}': "5x40",
      'db_client_connection_max{job="api",instance="2"}': "5 5 stale",
    },
    { name: "PrismaPoolNotScraped", quietAt: [11], firesAt: [[12, { job: "api" }]] },
  ],
  [
    "nothing at all is missed without one",
    {},
    { name: "PrismaPoolNotScraped", quietAt: [9], firesAt: [[10, {}]] },
  ],
]

/** JSON that is YAML too: that has fewer characters that may stand as they are. */
const yamlOf = (value: unknown) =>
  JSON.stringify(value).replaceAll(
    /[^ -~]/gu,
    (character) => `\\U${(character.codePointAt(0) ?? 0).toString(16).padStart(8, "0")}`,
  )

describe.skipIf(!installed("promtool"))("the rules as they are shipped", () => {
  async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-rules-"))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
    return directory
  }

  /** Expects that these alerts, and no others of their names, fire by the rules while the series have these values. */
  async function expectAlerts(
    rules: string,
    input_series: readonly { readonly series: string; readonly values: string }[],
    alert_rule_test: readonly object[],
  ): Promise<void> {
    const tests = [{ interval: "1m", input_series, alert_rule_test }]
    const directory = await directoryWith({
      "rules.yml": rules,
      "test.yml": yamlOf({ rule_files: ["rules.yml"], evaluation_interval: "1m", tests }),
    })
    const { ok, said } = await promtool(["test", "rules", "test.yml"], directory)
    expect(ok, said).toBe(true)
  }

  test("are what promtool takes for rules, and lints", async () => {
    const directory = await directoryWith({ "rules.yml": alertRules() })
    const { ok, said } = await promtool(
      ["check", "rules", "--lint=all", "--lint-fatal", "rules.yml"],
      directory,
    )
    expect(said).toContain("15 rules found")
    expect(ok, said).toBe(true)
  })

  /** Names that a database or a user of PgBouncer may have: text without NUL, and whole characters. */
  const hostileNames = ORDERS.map((order, index) => `${order.replace(/[\0\p{Cs}]/gu, "")}n${index}`)

  test("name a pooler, a database and a user as they are, whatever text that is", async () => {
    const own = (name: string) => ({ name, database: `${name} of core`, user: `${name} of app` })
    const rules: readonly (readonly [rule: string, expected: (name: string) => string])[] = [
      [
        "PrismaPoolPgBouncerWaiting",
        (name) => `${name} ${name} of core ${name} of app: 2 clients wait for a server connection`,
      ],
      ["PrismaPoolPgBouncerUnknown", (name) => `${name}: PgBouncer's console cannot be asked`],
    ]
    const input_series = hostileNames.flatMap((name) => [
      { series: pgbouncer("waiting", own(name)), values: "2x10" },
      // Another observer of the same clients.
      { series: pgbouncer("waiting", { ...own(name), instance: "2" }), values: "2x10" },
      { series: pgbouncer("up", { name }), values: "0x10" },
    ])
    const expected = rules.map(([alertname, summaryOf]) => ({
      alertname,
      eval_time: "6m",
      exp_alerts: hostileNames.map((name) => ({
        exp_labels: {
          job: "api",
          severity: alertname.endsWith("Unknown") ? "critical" : "warning",
          ...labelsOf(alertname.endsWith("Unknown") ? { name } : own(name)),
        },
        exp_annotations: { summary: summaryOf(name) },
      })),
    }))
    await expectAlerts(alertRules().replaceAll(/ +description: .*\n/g, ""), input_series, expected)
  })

  test.each(cases)("%s", async (_, series, { name, firesAt = [], quietAt = [] }) => {
    const at = (minute: number, alerts: readonly object[]) => ({
      alertname: name,
      eval_time: `${minute}m`,
      exp_alerts: alerts,
    })
    const severity = new RegExp(`alert: ${name}\\n.*\\n.*\\n.*\\n +severity: (\\w+)`).exec(alertRules())?.[1]
    const input = Object.entries(series).map(([series, values]) => ({ series, values }))
    // What they say is for another test.
    await expectAlerts(alertRules().replaceAll(/ +annotations:\n.*\n.*\n/g, ""), input, [
      ...quietAt.map((minute) => at(minute, [])),
      ...firesAt.map(([minute, ...all]) =>
        at(
          minute,
          all.map((labels) => ({ exp_labels: { ...labels, severity } })),
        ),
      ),
    ])
  })
})
