import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { normalSchedule } from "../../src/schedule/dialects/normalize.ts"
import { command, words } from "../support/command.ts"
import { blocksOf, page, root } from "./pages.ts"

const text = page("docs/kubernetes.md")

type Values = Readonly<Record<string, unknown>>

const URL_OF_DB = "postgresql://app:s3cret@db:5432/shop"
const object = (apiVersion: string, kind: string, name: string, rest: Values = {}): Values => ({
  apiVersion,
  kind,
  metadata: { name, namespace: "prod" },
  ...rest,
})
const env = (variables: Readonly<Record<string, unknown>>) =>
  Object.entries(variables).map(([name, value]) =>
    typeof value === "string" ? { name, value } : { name, valueFrom: value },
  )
const container = (variables: Values, more: Values = {}): Values => ({
  name: "app",
  image: "shop:1",
  env: env(variables),
  ...more,
})
const pod = (containers: readonly Values[], more: Values = {}, metadata: Values = {}) => ({
  template: { metadata, spec: { containers, ...more } },
})
const SIZED = { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "5" }
const BILLING = { DATABASE_URL_BILLING: `${URL_OF_DB}-billing`, PRISMA_POOL_SIZE_BILLING: "5" }
const STOPS_FIRST = { strategy: { type: "Recreate" } }
const deployment = (name: string, one: Values, more: Values = {}, template: Values = {}) =>
  object("apps/v1", "Deployment", name, { spec: { ...STOPS_FIRST, ...pod([one], template), ...more } })
const cronJob = (one: Values, spec: Values, jobSpec: Values = {}) =>
  object("batch/v1", "CronJob", "import", {
    spec: {
      schedule: "*/5 * * * *",
      timeZone: "UTC",
      ...spec,
      jobTemplate: { spec: { ...jobSpec, ...pod([one]) } },
    },
  })
const database = (name: string, spec: Values = {}, one: Values = {}) => [
  object("apps/v1", "StatefulSet", name, {
    spec: {
      serviceName: name,
      ...pod([{ name: "db", image: "postgres:17", args: ["-c", "max_connections=40"], ...one }], spec, {
        labels: { app: name },
      }),
    },
  }),
  object("v1", "Service", name, { spec: { selector: { app: name } } }),
]
const SERVER = database("db")
const API = deployment("api", container(SIZED))
const secretKey = { secretKeyRef: { name: "database", key: "DATABASE_URL" } }

async function check(objects: readonly Values[], flags = "", config: Values = {}, baseline: Values = {}) {
  const { code, out, err } = await command(words(`check -k k.json -c c.json ${flags}`), {
    files: {
      "k.json": { apiVersion: "v1", kind: "List", items: objects },
      "c.json": config,
      "baseline.json": baseline,
    },
  })
  expect(err).toBe("")
  return { code, out }
}

interface Case {
  readonly objects: readonly Values[]
  /** What the last column says to do, as other objects, flags or a declaration. */
  readonly mended: readonly (Partial<Pick<Case, "objects">> & {
    readonly flags?: string
    readonly config?: Values
    readonly baseline?: Values
  })[]
}

const excluded = (address: string) => ({ config: { deployments: { exclude: { [address]: "why" } } } })
const overridden = (address: string, fields: Values) => ({
  config: { deployments: { override: { [address]: { ...fields, reason: "why" } } } },
})
const external = object("external-secrets.io/v1", "ExternalSecret", "database", {
  spec: { data: [{ secretKey: "OTHER", remoteRef: { key: "x" } }] },
})
const fromSecret = container({}, { envFrom: [{ secretRef: { name: "database" } }] })
const all = (...more: readonly Values[]) => [...SERVER, API, ...more]

const POOLER = object("postgresql.cnpg.io/v1", "Pooler", "pooler", {
  spec: { cluster: { name: "main" }, pgbouncer: { poolMode: "transaction" } },
})

/** For each row of the table, by the words that its first cell begins with. */
const CASES: Readonly<Record<string, Case>> = {
  "`envFrom` of a Secret": {
    objects: all(deployment("worker", fromSecret)),
    mended: [{ objects: all(deployment("worker", fromSecret), external) }, excluded("deployment/work*")],
  },
  "a URL in a Secret, and no size": {
    objects: all(deployment("worker", container({ DATABASE_URL: secretKey }))),
    mended: [{ objects: all(deployment("worker", container({ ...SIZED, DATABASE_URL: secretKey }))) }],
  },
  "a DaemonSet": {
    objects: all(object("apps/v1", "DaemonSet", "agent", { spec: pod([container(SIZED)]) })),
    mended: [overridden("prod/daemonset/agent", { instances: 3 })],
  },
  "a Deployment whose rolling update": {
    objects: [
      ...SERVER,
      deployment("api", container(SIZED), { replicas: 5, strategy: { type: "RollingUpdate" } }),
    ],
    mended: [overridden("prod/deployment/api", { surge: 2 })],
  },
  "a CronJob that allows overlaps": {
    objects: all(cronJob(container(SIZED), {})),
    mended: [
      { objects: all(cronJob(container(SIZED), { concurrencyPolicy: "Forbid" })) },
      { objects: all(cronJob(container(SIZED), {}, { activeDeadlineSeconds: 300 })) },
    ],
  },
  "a `Pooler` of CloudNativePG": {
    objects: all(POOLER),
    mended: [excluded("pooler/pooler")],
  },
  "the pooler of Zalando's": {
    objects: [
      API,
      object("acid.zalan.do/v1", "postgresql", "db", { spec: { enableConnectionPooler: true } }),
    ],
    mended: [excluded("postgresql/db")],
  },
  PgBouncer: {
    objects: all(deployment("pgbouncer", { name: "p", image: "edoburu/pgbouncer:1.24" })),
    mended: [{ flags: "--consumer pgbouncer=2x10+0 --exclude deployment/pgbouncer=declared" }],
  },
  "a KEDA trigger": {
    objects: all(
      object("keda.sh/v1alpha1", "ScaledObject", "api", {
        spec: {
          scaleTargetRef: { name: "api" },
          maxReplicaCount: 3,
          triggers: [{ type: "postgresql", metadata: { query: "SELECT 1" } }],
        },
      }),
    ),
    mended: [
      {
        flags: "--reserved keda=2 --baseline baseline.json",
        baseline: {
          acknowledged: [
            { cause: "type", address: "prod/scaledobject/api", reason: "2 in reserved", matches: 1 },
          ],
          counted: [],
        },
      },
    ],
  },
  "an `Application`": {
    objects: all(object("argoproj.io/v1alpha1", "Application", "shop")),
    mended: [excluded("prod/application/shop")],
  },
  "an object of another kind": {
    objects: all(object("argoproj.io/v1alpha1", "Rollout", "web", { spec: pod([container(SIZED)]) })),
    mended: [{ flags: "--consumer web=2x5+1 --exclude rollout/web=declared" }],
  },
  "a scaler of another kind": {
    objects: all(
      object("argoproj.io/v1alpha1", "Rollout", "api", {
        spec: { replicas: 3, workloadRef: { apiVersion: "apps/v1", kind: "Deployment", name: "api" } },
      }),
    ),
    mended: [
      {
        flags: "--exclude rollout/api=declared",
        config: {
          deployments: { override: { "prod/deployment/api": { instances: 3, surge: 3, reason: "Rollout" } } },
        },
      },
    ],
  },
  "a URL that leads to another host": {
    objects: all(
      deployment("worker", container({ ...SIZED, DATABASE_URL: URL_OF_DB.replace("@db:", "@primary:") })),
    ),
    mended: [{ config: { deployments: { hosts: ["primary"] } } }, excluded("prod/deployment/worker")],
  },
  "a further variable": {
    objects: all(deployment("worker", container({ ...SIZED, ...BILLING }))),
    mended: [
      { flags: "--database DATABASE_URL --database BILLING" },
      overridden("prod/deployment/worker", { poolsPerInstance: 2 }),
    ],
  },
  "a mounted Secret": {
    objects: all(
      deployment(
        "worker",
        container({}, { volumeMounts: [{ name: "v", mountPath: "/app" }] }),
        {},
        {
          volumes: [{ name: "v", secret: { secretName: "files" } }],
        },
      ),
    ),
    mended: [
      {
        objects: all(
          deployment(
            "worker",
            container(SIZED, { volumeMounts: [{ name: "v", mountPath: "/app" }] }),
            {},
            {
              volumes: [{ name: "v", secret: { secretName: "files" } }],
            },
          ),
        ),
      },
      excluded("prod/deployment/worker"),
    ],
  },
  "a command that sets": {
    objects: all(
      deployment("worker", container(SIZED, { command: ["sh", "-c", "PRISMA_POOL_SIZE=50 node ."] })),
    ),
    mended: [{ objects: all(deployment("worker", container(SIZED, { command: ["node", "."] }))) }],
  },
  "a value that another tool": {
    objects: all(deployment("worker", container({ ...SIZED, PRISMA_POOL_SIZE: "<path:shop#size>" }))),
    mended: [
      { objects: all(deployment("worker", container({ ...SIZED, DATABASE_URL: "<path:shop#url>" }))) },
    ],
  },
  "an init container": {
    objects: all(
      deployment(
        "worker",
        container(SIZED),
        {},
        { initContainers: [container({ ...SIZED, PRISMA_POOL_SIZE: "40" })] },
      ),
    ),
    mended: [
      { objects: all(deployment("worker", container(SIZED), {}, { initContainers: [container(SIZED)] })) },
    ],
  },
  "two PostgreSQL servers": {
    objects: all(...database("other", {}, { args: ["-c", "max_connections=4"] })),
    mended: [{ flags: "--server prod/statefulset/db" }],
  },
  "PostgreSQL with a mounted": {
    objects: [API, ...database("db", {}, { args: ["-c", "config_file=/etc/postgresql.conf"] })],
    mended: [{ flags: "--max-connections 40" }, { objects: all() }],
  },
  "no PostgreSQL at all": {
    objects: [API],
    mended: [{ flags: "--max-connections 40" }, { objects: all() }],
  },
}

describe("the table of what makes the verdict 2:", () => {
  const [, section = ""] = /^## What makes the verdict 2$(.*)/ms.exec(text) ?? []
  const rows = [...section.matchAll(/^\| (?!what|---)(.*?) \|/gm)].map(([, cell = ""]) => cell)

  test("every row has its case", () => {
    expect(rows.length).toBeGreaterThan(10)
    expect(rows.map((row) => Object.keys(CASES).find((start) => row.startsWith(start)) ?? row)).toEqual(
      Object.keys(CASES),
    )
  })

  test("the fleet that they are beside fits", async () => {
    expect(await check(all())).toMatchObject({ code: 0, out: expect.stringContaining("fits: 5 of 37") })
  })

  test.each(Object.entries(CASES))(
    "%s: 2, and not 2 with what the row says",
    async (_, { objects, mended }) => {
      const unknown = await check(objects)
      expect([unknown.code, unknown.out]).toEqual([2, expect.stringContaining("? unknown:")])
      for (const { objects: others = objects, flags, config, baseline } of mended) {
        const { code, out } = await check(others, flags, config, baseline)
        expect([code, out]).toEqual([0, expect.stringContaining("✓ fits: ")])
        expect(out).not.toContain("s3cret")
      }
    },
  )
})

describe("the example", () => {
  const [manifests = ""] = blocksOf(text, "yaml")
  const [shown = ""] = blocksOf(text, "text")

  test("prints what the page shows", async () => {
    const [, line = ""] = /^npx prisma-pool-config (check --kubernetes shop\.yaml.*)$/m.exec(text) ?? []
    const { code, out } = await command(words(line), { files: { "shop.yaml": manifests } })
    expect([code, out]).toEqual([0, expect.stringContaining(shown)])
    expect(out.startsWith(shown)).toBe(true)
    // The autoscaler's 6 pods of 8; 3 runs of 2 that last 3630 s and start each 1800 s; 10 for Metabase.
    expect(shown).toContain(`fits: ${6 * 8 + 3 * 2 + 10} of`)
    const [few, many] = [Math.ceil(6 * 0.25), 6].map((surge) => (6 + surge) * 8 + 3 * 2 + 1 + 10)
    expect(shown).toContain(`${few}–${many} during a deploy`)
  })

  test("has an object of each kind that it speaks of", () => {
    const kinds = parseAllDocuments(manifests).map((document) => document.toJS().kind)
    expect(kinds).toEqual(["Deployment", "HorizontalPodAutoscaler", "ExternalSecret", "CronJob", "Job"])
  })

  test("in the repository fits", async () => {
    const { code, out } = await command(
      words("check --kubernetes examples/kubernetes --reserved metabase=10"),
      {
        cwd: root,
      },
    )
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 60 of 97")])
  })
})

test("the declaration leaves out and replaces what it says it does, and a pattern takes nothing that connects", async () => {
  const [json = ""] = blocksOf(text, "json")
  const rolling = { strategy: { type: "RollingUpdate" } }
  const objects = all(
    deployment("api-2", container(SIZED)),
    deployment("legacy", container(SIZED)),
    object("apps/v1", "DaemonSet", "agent", { spec: pod([container({ ...SIZED, PRISMA_POOL_SIZE: "1" })]) }),
    {
      ...cronJob(fromSecret, { concurrencyPolicy: "Forbid" }),
      metadata: { name: "report", namespace: "prod" },
    },
    cronJob(container(SIZED), { concurrencyPolicy: "Forbid" }),
  ).map((each) => (each === API ? deployment("api", container(SIZED), { replicas: 2, ...rolling }) : each))
  const { code, out } = await check(objects, "--max-connections 100", JSON.parse(json))
  // api 2 × 5, api-2 5, the agent 12 × 1, the CronJob that connects 5, Metabase 10.
  expect([code, out]).toEqual([0, expect.stringContaining("fits: 42 of 97")])
  expect(out).toContain("52 during a deploy")
  expect(out).toContain(
    "Excluded\n  prod/deployment/legacy: MySQL\n  prod/cronjob/report: the reports read the warehouse",
  )
  expect(out).toContain("prod/cronjob/import")
  expect(out).toContain("prod/daemonset/agent.instances: 12 (the node group has at most 12)")
})

describe("what a deploy adds is as in its table:", () => {
  const two = { replicas: 8 }
  test.each<[row: string, objects: readonly Values[], deploy: string]>([
    [
      "Deployment |",
      [deployment("x", container(SIZED), { ...two, strategy: { type: "RollingUpdate" } })],
      // 25 % of 8, to 8.
      "40 + 10 to 40 + 40",
    ],
    ["Deployment with `Recreate`, StatefulSet", [deployment("x", container(SIZED), two)], "40"],
    [
      "Deployment with `Recreate`, StatefulSet",
      [object("apps/v1", "StatefulSet", "x", { spec: { ...two, ...pod([container(SIZED)]) } })],
      "40",
    ],
    [
      "a hook of Helm (`helm.sh/hook`)",
      [
        {
          ...object("batch/v1", "Job", "x", { spec: pod([container(SIZED)]) }),
          metadata: { name: "x", namespace: "prod", annotations: { "argocd.argoproj.io/hook": "PreSync" } },
        },
      ],
      "0 + 5",
    ],
  ])("%s", async (row, objects, expected) => {
    expect(text).toContain(`| ${row}`)
    const { out } = await check(objects, "--max-connections 200")
    const sum = (terms: string) => terms.split(" + ").reduce((total, each) => total + Number(each), 0)
    expect(out).toContain(`, ${expected.split(" to ").map(sum).join("–")} during a deploy`)
  })
})

test("the schedules that docs/jobs.md speaks of are read so", async () => {
  expect(page("docs/jobs.md")).toContain("Kubernetes' (`5/15`, `@daily`, `@every 1h30m`, Sunday as 0 alone;")
  const most = async (schedule: string, seconds: number) => {
    const { code, out } = await check(
      [cronJob(container(SIZED), { schedule }, { activeDeadlineSeconds: seconds - 30 })],
      "--max-connections 900 --format json",
    )
    expect(code).toBe(0)
    return JSON.parse(out).servers[0].highest.jobs.runs
  }
  expect(await most("@daily", 86_400)).toBe(1)
  // 05, 20, 35 and 50 past, for half an hour each.
  expect(await most("5/15 * * * *", 1_800)).toBe(2)
  // Two begin while one of two hours lasts.
  expect(await most("@every 1h30m", 7_200)).toBe(2)
  // The odd days, and the Monday after: with both fields to match it would be one.
  expect(await most("0 0 */2 * 1", 2 * 86_400)).toBe(2)
  const { code, err } = await command(words("check -k k.json"), {
    files: { "k.json": cronJob(container(SIZED), { schedule: "0 0 * * 7" }) },
  })
  expect([code, err]).toEqual([3, expect.stringContaining("Sunday as 0")])
  // Of the other notations, what the page names.
  expect(normalSchedule("cron(0 3 L * ? *)", "eventbridge")).toMatchObject({
    schedule: "0 3 28-31 * *",
    upperBound: "day of month L counts on 28-31",
  })
  expect(normalSchedule("rate(5 minutes)", "eventbridge")).toEqual({ kind: "interval", seconds: 300 })
  expect(normalSchedule("at(2026-01-05T03:00:00)", "eventbridge")).toEqual({ kind: "once" })
  expect(normalSchedule("every 10 minutes", "cloud-scheduler")).toEqual({ kind: "interval", seconds: 600 })
  expect(normalSchedule("1st monday of month 09:00", "cloud-scheduler")).toMatchObject({
    schedule: "0 9 * * 1",
    upperBound: "1st monday counts in every week",
  })
})

test("the messages of docs/troubleshooting.md are what the check says", async () => {
  const [, section = ""] = /^## Messages of the check$(.*?)^## /ms.exec(page("docs/troubleshooting.md")) ?? []
  const messages = [...section.matchAll(/^\| (`.*?`) \|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, message = ""]) => message),
  )
  const said = async (line: string, files: Readonly<Record<string, unknown>>) => {
    const { out, err } = await command(words(line), { files })
    return out + err
  }
  const list = (...items: readonly Values[]) => ({ apiVersion: "v1", kind: "List", items })
  const rolling = deployment("api", container(SIZED), { replicas: 5, strategy: { type: "RollingUpdate" } })
  const elsewhere = container({ ...SIZED, DATABASE_URL: URL_OF_DB.replace("@db:", "@primary:") })
  const { cwd } = await command([], { files: { "kustomization.yaml": "resources: []" } })
  const outputs = await Promise.all([
    said("check -k k.json", { "k.json": list(...all(deployment("worker", fromSecret))) }),
    said("check -k k.json", {
      "k.json": list(...all(deployment("worker", container({ DATABASE_URL: secretKey })))),
    }),
    said("check -k k.json", { "k.json": list(...SERVER, rolling) }),
    said("check -k k.json", { "k.json": list(...all(cronJob(container(SIZED), {}))) }),
    said(`check -k ${cwd}`, {}),
    said("check -k k.yaml", { "k.yaml": "kind: Service\nmetadata: { name: {{ .Release.Name }} }\n" }),
    said("check -k k.json", { "k.json": list(API, API) }),
    said("check -k k.json", { "k.json": list(...SERVER) }),
    said("check -k k.json", { "k.json": list(...all(deployment("worker", elsewhere))) }),
    said("check --compose k.json", { "k.json": { format_version: "1.2" } }),
    said("check -k k.json --consumer prod/deployment/api=1x1", { "k.json": list(...all()) }),
  ])
  const escaped = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
  expect(messages.length).toBeGreaterThan(outputs.length)
  for (const message of messages)
    expect(outputs.join("\n")).toMatch(
      new RegExp(
        message
          .split(/(\{\{ … \}\})|…/)
          .map((part = ".+") => (part === ".+" ? part : escaped(part)))
          .join(""),
      ),
    )
})
