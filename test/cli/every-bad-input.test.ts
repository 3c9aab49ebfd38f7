import { describe, expect, test } from "vitest"
import { printable } from "../../src/error.ts"
import { production } from "../deployments/production.ts"
import {
  type BadCall,
  BLANK,
  brokenJson,
  each,
  type Kind,
  LONG,
  NO_NUMBERS,
  NO_WORDS,
  NOT_A,
  paths,
  withValue,
} from "../support/bad-input.ts"
import { command } from "../support/command.ts"

const PASSWORD = "s3cr3t"
const withPassword = (after: string) => `postgresql://app:${PASSWORD}${after}`
const GOOD_URL = withPassword("@db.example.org:5432/core")

const FLEET = ["check", "plan", "inspect", "preflight"]
/** A fleet that is refused for nothing else, where the flag's own refusal comes late. */
const DECLARED = ["--max-connections", "100", "--consumer", "a=1x1"]
const NO_FILES = ["nowhere.json", "nowhere/pool.config.js", "a\0b", "a\nb", LONG]

const flag =
  (name: string, before = "") =>
  (verb: string, value: string): BadCall => ({ args: [verb, name, before + value], place: name })
const lateFlag =
  (name: string) =>
  (verb: string, value: string): BadCall => ({ args: [verb, name, value, ...DECLARED], place: name })
/** A flag that names what is not there: the name says which one it is. */
const missing =
  (name: string) =>
  (verb: string, value: string): BadCall => ({
    args: [verb, name, value, ...DECLARED],
    place: printable(value.slice(0, 20)),
  })

const FLAGS = [
  ...each(FLEET, [...BLANK, ...NO_NUMBERS, "0", "0x10"], flag("--max-connections")),
  ...each(FLEET, [...BLANK, ...NO_NUMBERS, "0x10"], flag("--superuser-reserved")),
  ...each(FLEET, [...BLANK, ...NO_NUMBERS, "0x10"], flag("--reserved-connections")),
  ...each(FLEET, [...BLANK, ...NO_NUMBERS, "0x10"], flag("--reserved", "metabase=")),
  ...each(FLEET, [...BLANK, "a", "=1", " =1", "a1", "__proto__"], flag("--reserved")),
  ...each(FLEET, [...BLANK, ...NO_NUMBERS, "4x", "x4", "4+", "4x5x6"], flag("--consumer", "a=")),
  ...each(FLEET, [...BLANK, "a", "=4x5", "__proto__"], flag("--consumer")),
  ...each(FLEET, [...BLANK, "a", "=why", "a=", "a= ", "__proto__"], flag("--exclude")),
  ...["--server", "--database", "--config", "--terraform"].flatMap((name) => each(FLEET, BLANK, flag(name))),
  ...["--config", "--terraform"].flatMap((name) => each(FLEET, NO_FILES, missing(name))),
  ...each([...FLEET, "dashboard"], NO_WORDS, flag("--format")),
  ...each(["check"], NO_WORDS, flag("--deploy")),
  ...each(["plan"], [...NO_WORDS, "2.5x", "0.123"], flag("--fill")),
  ...each(["plan"], [...NO_WORDS, "b"], lateFlag("--for")),
  ...each(["inspect"], [...NO_WORDS, "0", "101", "80%"], flag("--fail-above")),
  ...each(["inspect"], [...NO_WORDS, "0s", "2", "1d", "9999999h"], flag("--for")),
  ...each(["inspect"], [" ", "NaN", "0s", "2", LONG], flag("--watch")),
  ...each(["inspect", "preflight"], BLANK, flag("--connect")),
  ...each(
    ["inspect", "preflight"],
    ["NOWHERE", "a\0b", "__proto__", "constructor", LONG],
    missing("--connect"),
  ),
  ...each(["inspect", "preflight"], [...BLANK, ...NO_FILES], lateFlag("--env-file")),
  ...each(["url"], [...BLANK, ...NO_FILES], flag("--env-file")),
  ...each([...FLEET, "url", "dashboard"], ["--nothing", "-Z"], (verb, value) => ({
    args: [verb, value],
    place: value,
  })),
  ...each(["", "chek", "__proto__", LONG], [""], (verb) => ({ args: [verb], place: "unknown command" })),
]

const SIZE = "poolSize poolsPerInstance weight min max"
const TIMES = "timezone timeout duration"
const RUNS = "retries maxRuns replicas concurrent"
const OVERRIDE = "deployments.override.x."
const FIELDS: readonly (readonly [kind: Kind, paths: readonly string[]])[] = [
  ["number", paths("", "maxConnections superuserReserved reservedConnections fill reserved.a")],
  ["number", paths("limits.", "role database")],
  ["number", paths("consumers.api.", `instances surge ${SIZE}`)],
  ["number", paths("jobs[0].", `${SIZE} ${RUNS}`)],
  ["number", paths(OVERRIDE, `instances surge poolSize poolsPerInstance startedByDeploy ${RUNS}`)],
  ["number", paths("servers.a.", "maxConnections reserved.b limits.role consumers.c.instances")],
  ["text", paths("", "$schema applications.x")],
  ["text", paths("deployments.", "server exclude.x keys[0] hosts[0]")],
  ["text", paths("jobs[0].", `name schedule ${TIMES}`)],
  ["text", paths(OVERRIDE, `reason schedule[0] ${TIMES}`)],
  ["object", paths("", "reserved limits consumers consumers.api applications jobs[0] servers servers.a")],
  ["object", paths("", "deployments deployments.exclude deployments.override deployments.override.x")],
  ["list", paths("", "jobs deployments.keys deployments.hosts servers.a.jobs")],
]
const DECLARATION = {
  maxConnections: 100,
  consumers: { api: { instances: 1 } },
  jobs: [{ name: "sync", schedule: "0 3 * * *" }],
  deployments: { override: { x: { reason: "why" } } },
}
const DECLARATIONS = FIELDS.flatMap(([kind, all]) =>
  each<string, unknown>(all, [...NOT_A[kind], null], (path, value) => ({
    args: ["check"],
    files: { "pool.config.json": withValue(path.startsWith("servers") ? {} : DECLARATION, path, value) },
    // A job is called by its name, where it has one.
    place: path.replace(/^jobs\[0\]\.(?!name)/, "jobs.sync."),
  })),
)

const SETTINGS = paths(
  "PRISMA_",
  "POOL_SIZE_CORE POOL_TIMEOUT CONNECT_TIMEOUT MAX_CONNECTIONS API_INSTANCES CONCURRENT_JOBS RESERVED_CONNECTIONS",
)
const HOSTS = [
  "",
  ":5432",
  "[::1",
  "::1]",
  "[::1]x",
  "fe80::1",
  "db:x",
  "db:0",
  "db:65536",
  "db:-1",
  "a,b",
  "a b",
]
const URLS = [
  ...["", " ", "x", "postgresql://", "postgresql:///", "prisma://db?api_key=s3cr3t", "file:./s3cr3t.db"],
  ...["http:", "mysql:", "postgresql", "//", ""].map((scheme) => `${scheme}//app:${PASSWORD}@db/core`),
  ...["\n", "\0", "#x", "?a=1?b=2", "?=1", "?a b=1"].map((end) => GOOD_URL + end),
  ...[`"${GOOD_URL}"`, ` ${GOOD_URL}`],
  ...["/", "?", "#", "@/:?#%"].map((mark) => withPassword(`${mark}${PASSWORD}@db/core`)),
  ...["%00", "\ud800"].map((mark) => withPassword(`${mark}@db/core`)),
  ...HOSTS.map((host) => withPassword(`@${host}/core`)),
]
const PARAMETERS = paths(
  `${GOOD_URL}?`,
  "connection_limit= connection_limit=0 connection_limit=x pool_timeout=-1 connect_timeout=1e3 sslmode=x schema=%00",
)
const inUrl = (verb: string, url: string): BadCall => ({
  args: verb.split(" "),
  env: { DATABASE_URL_CORE: url },
  place: "DATABASE_URL_CORE",
})
const setting = (name: string, value: string): BadCall => ({
  args: ["url"],
  env: { DATABASE_URL_CORE: GOOD_URL, [name]: value },
  place: name,
})
const ENVIRONMENTS = [
  ...each(SETTINGS, NO_NUMBERS, setting),
  ...each(["PRISMA_APPLICATION_NAME"], ["x".repeat(64), "a\0", "a\nb", "\u{1b}[2J"], setting),
  ...each(["url", "url --libpq", "url --show-password", "inspect"], URLS, inUrl),
  ...each(["url --libpq", "inspect"], PARAMETERS, inUrl),
]

const PLAN: unknown = JSON.parse(JSON.stringify(production()))
const TEXT = JSON.stringify(PLAN)
const ROOT = "planned_values.root_module"
const RESOURCES = `${ROOT}.resources`
const plan = (content: unknown, place: string): BadCall => ({
  args: ["check", "--terraform", "plan.json"],
  files: { "plan.json": content },
  place,
})
/** Whatever is read of a plan, what stands there, and what is named in its place. */
const PLACES: readonly (readonly [kind: Kind, paths: readonly string[], named?: string])[] = [
  ["text", ["format_version"], "format_version"],
  ["object", ["planned_values"], "planned_values"],
  ["object", [ROOT, `${RESOURCES}[0]`, `${RESOURCES}[0].values`]],
  ["text", [`${RESOURCES}[0].address`, `${RESOURCES}[0].type`], `${RESOURCES}[0]`],
  ["list", [RESOURCES, `${ROOT}.child_modules`, "resource_changes", "action_invocations"]],
  ["object", ["resource_changes[0]", "resource_changes[0].change", "resource_changes[0].change.before"]],
  ["list", ["resource_changes[0].change.actions"]],
  ["object", ["prior_state", "prior_state.values.root_module", `${ROOT}.child_modules[0]`]],
  ["object", [`${RESOURCES}[0].values.settings`, `${RESOURCES}[4].values.env`]],
  ["count", [`${RESOURCES}[2].values.max_scale`]],
  ["object", paths(`${RESOURCES}[2].values.`, "environment_variables secret_environment_variables")],
  ["text", [`${RESOURCES}[4].values.timeout`, `${RESOURCES}[4].values.cron[0].schedule`]],
]
const NO_PLAN = [
  "null",
  "15",
  '"x"',
  "[]",
  "{}",
  '{"version":4,"lineage":"x"}',
  '{"format_version":"2.0","values":{}}',
]
/** A module that has the whole once more: each address is there once. */
const CYCLE = withValue(PLAN, `${ROOT}.child_modules`, [
  (PLAN as { planned_values: { root_module: unknown } }).planned_values.root_module,
])
const PLANS = [
  ...PLACES.flatMap(([kind, all, named]) =>
    each<string, unknown>(all, NOT_A[kind], (path, value) =>
      plan(withValue(PLAN, path, value), named ?? path),
    ),
  ),
  ...each(["plan.json"], [...brokenJson(TEXT), ...NO_PLAN], (place, content) => plan(content, place)),
  plan(CYCLE, `${ROOT}.child_modules[0].resources[0].address`),
]

const PARTS = { FLAGS, DECLARATIONS, ENVIRONMENTS, PLANS }

const title = ({ args, env = {}, place }: BadCall) =>
  [args, Object.entries(env), place].map((part) => JSON.stringify(part).slice(0, 100)).join(" ")

describe.each(Object.entries(PARTS))("%s", (_, calls) => {
  test.each(calls.map((call) => [title(call), call] as const))(
    "%s",
    async (__, { args, place, ...world }) => {
      const { code, out, err } = await command(args, world)
      expect([code, out]).toEqual([3, ""])
      expect(err).toContain(place)
      expect(err).not.toContain("error in prisma-pool itself")
      expect(err).not.toContain(PASSWORD)
    },
  )
})

test("there are many", () => {
  expect(Object.values(PARTS).flat().length).toBeGreaterThan(1_500)
})
