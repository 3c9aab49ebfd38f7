import { readdirSync, readFileSync } from "node:fs"
import { stringify } from "yaml"
import { component, plain, services, spec } from "../deployments/app-specs.ts"
import { blueprint, plain as variable, web } from "../deployments/blueprints.ts"
import { compose, consumer, postgres } from "../deployments/compose-file.ts"

/** Is in each of the documents, where a password is. */
export const SECRET = "hunter2-of-the-database"

const URL_WITH_SECRET = `postgresql://app:${SECRET}@db.example.com:5432/shop`

/** What is dropped on the checker. */
export interface Dropped {
  readonly files: Readonly<Record<string, string | Uint8Array>>
  /** Typed as further flags. */
  readonly flags?: string
  readonly exitCode: number
}

const example = (path: string): string =>
  readFileSync(new URL(`../../examples/${path}`, import.meta.url), "utf8")

const manifests = readdirSync(new URL("../../examples/kubernetes", import.meta.url))

const secretObject = stringify({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name: "token", namespace: "missions" },
  data: { TOKEN: Buffer.from(SECRET).toString("base64") },
  stringData: { DATABASE_URL: URL_WITH_SECRET },
})

const INI = `[databases]
core = host=db.internal dbname=core password=${SECRET}
[pgbouncer]
pool_mode = transaction
default_pool_size = 20
max_client_conn = 400
query_wait_timeout = 20
max_prepared_statements = 200
%include users.ini
`

/** Documents of every format, with how the check of them ends. */
export const DROPPED: Readonly<Record<string, Dropped>> = {
  "the plan of examples/terraform": {
    files: { "plan.json": example("terraform/plan.json").replaceAll("s3cr3t", SECRET) },
    exitCode: 0,
  },
  "the manifests of examples/kubernetes": {
    files: Object.fromEntries([
      ...manifests.map((name) => [name, example(`kubernetes/${name}`)]),
      ["secret.yaml", secretObject],
    ]),
    exitCode: 0,
  },
  "a compose file that is too large": {
    files: {
      "compose.json": JSON.stringify(
        compose({
          db: postgres(),
          api: consumer({ deploy: { replicas: 30 } }, { DATABASE_URL: URL_WITH_SECRET }),
        }),
      ),
    },
    exitCode: 1,
  },
  "pgbouncer.ini, what it includes, and a declaration": {
    files: {
      "pgbouncer.ini": INI,
      "users.ini": `[users]\napp = max_user_connections=30\n`,
      "pool.config.json": JSON.stringify({
        maxConnections: 100,
        consumers: { api: { instances: 20, poolSize: 5, surge: 0 } },
      }),
    },
    flags: "--behind api",
    exitCode: 2,
  },
  "an app spec": {
    files: {
      "app.yaml": stringify(
        spec(services(component("api", { instance_count: 5 }, [plain("OTHER_URL", URL_WITH_SECRET)]))),
      ),
    },
    flags: "--reserved 'meta base=10'",
    exitCode: 1,
  },
  "a Render Blueprint": {
    files: { "render.yaml": stringify(blueprint([web("api", {}, [variable("TOKEN", SECRET)])])) },
    exitCode: 0,
  },
  "a declaration that is wrong": {
    files: {
      "pool.config.json": JSON.stringify({ maxConnections: 100, consumers: { api: { instances: -1 } } }),
    },
    exitCode: 3,
  },
  "a plan that is cut off": {
    files: { "plan.json": example("terraform/plan.json").slice(0, 5_000) },
    exitCode: 3,
  },
  "a plan as HCL": { files: { "main.tf": example("terraform/jobs.tf") }, exitCode: 3 },
  "a compose file in YAML": {
    files: { "compose.yaml": stringify(compose({ api: consumer({}, { DATABASE_URL: URL_WITH_SECRET }) })) },
    exitCode: 3,
  },
  "a template of manifests": {
    files: { "api.yaml": `apiVersion: apps/v1\nkind: Deployment\nmetadata: {{ .Values.password }}\n` },
    exitCode: 3,
  },
}
