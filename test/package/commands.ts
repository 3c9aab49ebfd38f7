// The table of commands: each with every format and every flag that it has, what it exits with and a line of what it prints.

/** One run of the packed command. */
export interface CommandLine {
  /** What follows `prisma-pool`. */
  readonly line: string
  readonly code: number
  /** Of stdout. */
  readonly prints: RegExp
}

// Each flag that says what a fleet is, beside the plan and the declaration that `filesOfCommands` has.
const ALL_OF_A_FLEET = [
  "--terraform plan.json --server scaleway_rdb_instance.main --database CORE",
  "--exclude scaleway_job_definition.backup=copies --config pool.config.json --max-connections 100",
  "--baseline acknowledged.json --marker DB_HOST --size-variable DB_POOL_SIZE",
  "--superuser-reserved 3 --reserved-connections 0 --provider-reserved 0 --reserved metabase=10 --consumer worker=1x2+1 --allow-js",
].join(" ")
const POOLED = "--pgbouncer pgbouncer.ini --pgbouncer-version 1.18 --pgbouncer-instances 1"
const POOLER = `${POOLED} --behind api`
const SMALL = "--max-connections 100 --consumer api=3"

export const commandLines: readonly CommandLine[] = [
  { line: "--version", code: 0, prints: /^\d+\.\d+\.\d+\n$/ },
  { line: "--help", code: 0, prints: /^Usage: prisma-pool / },

  { line: `plan ${SMALL}`, code: 0, prints: /^✓ 48 of 97 usable connections/ },
  { line: `plan ${SMALL} --format text --fill 0.5`, code: 0, prints: /^ {2}api +\| +3 \+ 3 \| +16 \|/m },
  { line: `plan ${SMALL} --for api --format env`, code: 0, prints: /^PRISMA_POOL_SIZE_CORE=16$/m },
  { line: `plan ${SMALL} --format json`, code: 0, prints: /^ +"api": 16$/m },
  { line: `plan ${SMALL} --format markdown`, code: 0, prints: /^\| api +\| +3 \+ 3 \| +16 \|/m },
  { line: `plan ${SMALL} --format sql`, code: 0, prints: /^ALTER ROLE :"role_api" CONNECTION LIMIT 96;$/m },
  {
    line: "plan --config pooled.json --format pgbouncer --pgbouncer-version 1.21",
    code: 0,
    prints: /^max_prepared_statements = 200$/m,
  },
  { line: `plan ${ALL_OF_A_FLEET}`, code: 0, prints: /^ {2}scaleway_container\.api +\|/m },
  { line: "plan --kubernetes api.yaml --namespace prod", code: 0, prints: /^ {2}prod\/deployment\/api +\|/m },
  { line: "plan --compose compose.json", code: 0, prints: /^ {6}environment:$/m },
  { line: "plan --render render.yaml", code: 0, prints: /^ {2}envVars:$/m },
  {
    line: `plan --max-connections 100 --consumer api=3 ${POOLER}`,
    code: 0,
    prints: /^ {2}pgbouncer, pooler +\|/m,
  },
  { line: "plan --app-spec app.yaml", code: 0, prints: /^ {2}envs:$/m },

  { line: "check --max-connections 100 --consumer api=4x20", code: 1, prints: /^✗ does not fit: 80 of 97/ },
  { line: "check --config pool.config.json --strict", code: 0, prints: /^✓ fits: 10 of 97/ },
  { line: "check --config pool.config.js --allow-js", code: 0, prints: /^✓ fits: 10 of 97/ },
  { line: "check --config pool.config.json --format text", code: 0, prints: /^✓ fits: 10 of 97/ },
  { line: "check --config pool.config.json --format json", code: 0, prints: /^ {2}"verdict": "fits",$/m },
  { line: "check --config pool.config.json --format markdown", code: 0, prints: /^### ✓ fits: 10 of 97/ },
  {
    line: "check --config pool.config.json --link",
    code: 0,
    prints: /^This fleet in the calculator: https:\/\/\S+\/calculator#v1\.[\w-]+\n$/m,
  },
  {
    line: "check --max-connections 100 --consumer api=4x20 --deploy warn --format github",
    code: 0,
    prints: /^::warning title=Connection budget::fits: 80 of 97/m,
  },
  {
    line: "check --config pool.config.json --base base.json",
    code: 1,
    prints: /^ {2}consumers\.api\.poolSize: 6 → 5$/m,
  },
  {
    line: "check --config pool.config.json --base base.json --base-baseline acknowledged.json --accept",
    code: 0,
    prints: /^✓ fits: 10 of 97/m,
  },
  { line: `check ${ALL_OF_A_FLEET}`, code: 0, prints: /^✓ fits: / },
  { line: "check --kubernetes api.yaml --namespace prod", code: 0, prints: /^✓ fits: / },
  { line: "check --compose compose.json", code: 0, prints: /^✓ fits: 20 of 97/ },
  { line: "check --render render.yaml", code: 0, prints: /^✓ fits: 20 of 97/ },
  { line: "check --app-spec app.yaml", code: 0, prints: /^✓ fits: 20 of 97/ },
  { line: `check --max-connections 100 --consumer api=3x4 ${POOLER}`, code: 0, prints: /^✓ fits: 24 of 97/ },
  // What makes a document unreadable is named, and is no crash.
  { line: "check --terraform pool.config.js", code: 3, prints: /^$/ },

  { line: `baseline ${ALL_OF_A_FLEET} --reason counted`, code: 0, prints: /^$/ },
  { line: "baseline --kubernetes api.yaml --namespace prod", code: 0, prints: /^$/ },
  { line: "baseline --compose compose.json", code: 0, prints: /^$/ },
  { line: "baseline --render render.yaml", code: 0, prints: /^$/ },
  { line: "baseline --app-spec app.yaml", code: 0, prints: /^$/ },

  {
    line: `baseline --max-connections 100 --terraform plan.json ${POOLED} --behind scaleway_container.api`,
    code: 0,
    prints: /^$/,
  },

  { line: "inspect", code: 0, prints: /^✓ 1 of 97 connections in use/ },
  { line: "inspect --format text --fail-above 0.5", code: 1, prints: /^✗ 1 of 97 connections in use/ },
  { line: "inspect --format json", code: 0, prints: /^ +"maxConnections": 100,$/m },
  { line: "inspect --format markdown", code: 0, prints: /^### ✓ 1 of 97 connections in use/ },
  { line: "inspect --connect FULL_URL", code: 1, prints: /^✗ full: the CONNECTION LIMIT of the database/ },
  // Another database than PgBouncer's console.
  { line: "inspect --console FULL_URL", code: 3, prints: /^$/ },
  { line: "inspect --env-file bad.env --connect MISSPELT", code: 3, prints: /^$/ },
  { line: `inspect --strict ${ALL_OF_A_FLEET}`, code: 1, prints: /^ {2}ghost: 1$/m },
  {
    line: "inspect --kubernetes api.yaml --namespace prod --max-connections 100",
    code: 0,
    prints: /^✓ 1 of 97 connections in use/,
  },
  { line: "inspect --compose compose.json", code: 0, prints: /^✓ 1 of 97 connections in use/ },
  { line: "inspect --render render.yaml", code: 0, prints: /^✓ 1 of 97 connections in use/ },
  {
    line: `inspect --consumer api=3x4 --max-connections 100 ${POOLER}`,
    code: 0,
    prints: /^✓ 1 of 97 connections in use/,
  },
  { line: "inspect --app-spec app.yaml", code: 0, prints: /^✓ 1 of 97 connections in use/ },
  { line: "inspect --watch 1s --for 2s --tolerate 1", code: 0, prints: /^✓ stayed within 80 %/m },

  { line: "preflight --consumer api=2x5", code: 0, prints: /^✓ the deploy fits: / },
  { line: "preflight --consumer api=9x20 --format text", code: 1, prints: /^✗ the deploy does not fit: / },
  { line: "preflight --consumer api=2x5 --format json", code: 0, prints: /^ {2}"fits": true,$/m },
  { line: "preflight --consumer api=2x5 --console pooler=FULL_URL", code: 3, prints: /^$/ },
  { line: "preflight --connect FULL_URL --consumer api=2x5", code: 1, prints: /^✗ full: / },
  { line: `preflight --env-file .env ${ALL_OF_A_FLEET}`, code: 0, prints: /^✓ the deploy fits: / },
  { line: "preflight --kubernetes api.yaml --namespace prod", code: 0, prints: /^✓ the deploy fits: / },
  { line: "preflight --compose compose.json", code: 0, prints: /^✓ the deploy fits: / },
  { line: "preflight --render render.yaml", code: 0, prints: /^✓ the deploy fits: / },
  { line: `preflight --consumer api=3x4 ${POOLER}`, code: 0, prints: /^✓ the deploy fits: / },
  { line: "preflight --app-spec app.yaml", code: 0, prints: /^✓ the deploy fits: / },

  { line: "url", code: 0, prints: /^postgresql:\/\/app:\*\*\*@127\.0\.0\.1:\d+\/\w+\?connection_limit=3&/ },
  { line: "url --libpq --show-password", code: 0, prints: /^postgresql:\/\/app:p%40ss[^\n]*\n$/ },
  { line: "url --database CORE", code: 0, prints: /^postgresql:\/\/app:\*\*\*/ },
  { line: "url --connect DATABASE_URL_CORE", code: 0, prints: /connection_limit=3&/ },
  { line: "url --env-file .env", code: 0, prints: /application_name=from-a-file/ },

  { line: "dashboard", code: 0, prints: /^$/ },
  { line: "dashboard --format grafana", code: 0, prints: /^ {2}"panels": \[$/m },
  { line: "dashboard --format alerts", code: 0, prints: /^ {2}- alert: PrismaPoolNearlyFull$/m },
  { line: "dashboard --format sql", code: 0, prints: /^SELECT/m },
]

const declaration = { maxConnections: 100, consumers: { api: { instances: 2, poolSize: 5, surge: 1 } } }

/** What the lines name, beside `plan.json`, which is the one of the examples. */
export const filesOfCommands = {
  "pgbouncer.ini":
    "[databases]\ncore = host=db user=app\n[pgbouncer]\npool_mode = transaction\nquery_wait_timeout = 20\n",
  "pool.config.json": JSON.stringify(declaration),
  "base.json": JSON.stringify({
    maxConnections: 100,
    consumers: { api: { instances: 2, poolSize: 6, surge: 1 } },
  }),
  "pool.config.js": `export default ${JSON.stringify(declaration)}\n`,
  "pooled.json": JSON.stringify({
    maxConnections: 100,
    consumers: { api: { instances: 40, pooler: "pgbouncer" } },
    poolers: { pgbouncer: { instances: 1, pools: [{ database: "core", user: "app" }] } },
  }),
  "acknowledged.json": JSON.stringify({ acknowledged: [], counted: ["scaleway_container.api"] }),
  "compose.json": JSON.stringify({
    services: {
      db: { image: "postgres:17", command: null, entrypoint: null },
      api: {
        command: null,
        entrypoint: null,
        environment: { DATABASE_URL_CORE: "postgresql://app@db/core", PRISMA_POOL_SIZE_CORE: "5" },
        scale: 2,
      },
    },
  }),
  "render.yaml": `
databases:
  - { name: core, plan: basic-1gb }
services:
  - type: web
    name: api
    numInstances: 2
    envVars:
      - { key: DATABASE_URL_CORE, fromDatabase: { name: core, property: connectionString } }
      - { key: PRISMA_POOL_SIZE_CORE, value: 5 }
`,
  "app.yaml": `
name: shop
databases:
  - { name: core, engine: PG, production: true, cluster_name: core, size: db-s-2vcpu-4gb }
services:
  - name: api
    instance_count: 2
    envs:
      - { key: DATABASE_URL_CORE, value: "\${core.DATABASE_URL}" }
      - { key: PRISMA_POOL_SIZE_CORE, value: 5 }
`,
  "api.yaml": `
apiVersion: apps/v1
kind: Deployment
metadata: { name: api }
spec:
  replicas: 2
  template:
    spec:
      containers:
        - name: api
          image: api:1
          env:
            - { name: DATABASE_URL_CORE, value: "postgresql://app@db/core" }
            - { name: PRISMA_POOL_SIZE_CORE, value: "5" }
`,
  ".env": "PRISMA_APPLICATION_NAME=from-a-file\n",
  "bad.env": "DATABASE_URL_CORE=nonsense\n",
} as const

/** What the help of a command has: its commands, its flags, and the choices of a format. */
export function offeredBy(help: string) {
  const sections = help.split("\n\n")
  const sectionOf = (title: string) => sections.find((section) => section.startsWith(`${title}:\n`)) ?? ""
  const [options, commands] = [sectionOf("Options"), sectionOf("Commands")]
  const [, format = ""] = /--format <format>.*?\(choices:\s+(.*?)(?:, default|\))/s.exec(options) ?? []
  return {
    commands: [...commands.matchAll(/^ {2}(\w+)/gm)].map(([, name = ""]) => name),
    flags: [...options.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag = ""]) => flag),
    formats: [...format.matchAll(/"(\w+)"/g)].map(([, name = ""]) => name),
  }
}
