import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, onTestFinished, test } from "vitest"
import { alertRules } from "../../src/dashboards/alerts.ts"
import { installed } from "../support/client-tools.ts"
import { promtool } from "../support/prometheus.ts"

// The rules as they are shipped, with their real durations: promtool has a clock of its own.

/** Each series as promtool has it: one value a minute. https://prometheus.io/docs/prometheus/latest/configuration/unit_testing_rules/ */
type Series = Readonly<Record<string, string>>

/** Where an alert fires: `minute` from the start, and the labels by which. */
interface Fires {
  readonly name: string
  readonly firesAt?: readonly (readonly [minute: number, labels: Readonly<Record<string, string>>])[]
  readonly quietAt?: readonly number[]
}

const S = 'job="api",prisma_pool_server_name="core"'
const server = (metric: string, more = "", instance = "1") =>
  `prisma_pool_server_${metric}{${S},instance="${instance}"${more && `,${more}`}}`
const limit = 'prisma_pool_server_limit="max_connections"'
const CORE = { job: "api", prisma_pool_server_name: "core" }
const LIMIT = { ...CORE, prisma_pool_server_limit: "max_connections" }

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

describe.skipIf(!installed("promtool"))("the rules as they are shipped", () => {
  async function directoryWith(files: Readonly<Record<string, string>>): Promise<string> {
    const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-rules-"))
    onTestFinished(() => rm(directory, { recursive: true, force: true }))
    for (const [name, text] of Object.entries(files)) await writeFile(join(directory, name), text)
    return directory
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

  test.each(cases)("%s", async (_, series, { name, firesAt = [], quietAt = [] }) => {
    const at = (minute: number, alerts: readonly object[]) => ({
      alertname: name,
      eval_time: `${minute}m`,
      exp_alerts: alerts,
    })
    const severity = new RegExp(`alert: ${name}\\n.*\\n.*\\n.*\\n +severity: (\\w+)`).exec(alertRules())?.[1]
    const file = {
      rule_files: ["rules.yml"],
      evaluation_interval: "1m",
      tests: [
        {
          interval: "1m",
          input_series: Object.entries(series).map(([series, values]) => ({ series, values })),
          alert_rule_test: [
            ...quietAt.map((minute) => at(minute, [])),
            ...firesAt.map(([minute, labels]) => at(minute, [{ exp_labels: { ...labels, severity } }])),
          ],
        },
      ],
    }
    const directory = await directoryWith({
      // What they say is for another test.
      "rules.yml": alertRules().replaceAll(/ +annotations:\n.*\n.*\n/g, ""),
      "test.yml": JSON.stringify(file),
    })
    const { ok, said } = await promtool(["test", "rules", "test.yml"], directory)
    expect(ok, said).toBe(true)
  })
})
