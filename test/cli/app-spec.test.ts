import { parse } from "jsonc-parser"
import { describe, expect, test } from "vitest"
import { parse as parseYaml, stringify } from "yaml"
import {
  bound,
  component,
  cron,
  database,
  ref,
  services,
  size,
  sized,
  spec,
  type Values,
} from "../deployments/app-specs.ts"
import { compose, consumer } from "../deployments/compose-file.ts"
import {
  app,
  bound as boundInPlan,
  component as componentInPlan,
  connectionPool,
  digitalOceanDatabase,
  env,
  pooled,
  service as serviceInPlan,
  size as sizeInPlan,
} from "../deployments/stacks/digitalocean.ts"
import { command, words } from "../support/command.ts"
import { firstPlan } from "../support/stack.ts"

const ENVS = [bound(undefined, undefined, { scope: "RUN_TIME" })]

const shop = spec({
  envs: ENVS,
  databases: [database()],
  services: [component("api", { instance_count: 3, envs: [size(5)] })],
  workers: [
    component("mails", { autoscaling: { min_instance_count: 1, max_instance_count: 2 }, envs: [size(2)] }),
  ],
  jobs: [
    component("migrate", { kind: "PRE_DEPLOY", envs: [size(1)] }),
    cron("import", "0 3 * * *", { envs: [size(4)] }),
  ],
  static_sites: [component("site", { envs: [] })],
})

const inPlan = app(
  {
    service: [serviceInPlan("api", [sizeInPlan(5)], { instance_count: 3 })],
    worker: [
      serviceInPlan("mails", [sizeInPlan(2)], {
        autoscaling: [{ min_instance_count: 1, max_instance_count: 2 }],
      }),
    ],
    job: [
      componentInPlan("migrate", [sizeInPlan(1)], { kind: "PRE_DEPLOY", instance_count: 1, schedule: [] }),
      componentInPlan("import", [sizeInPlan(4)], {
        kind: "SCHEDULED",
        instance_count: 1,
        schedule: [{ cron: "0 3 * * *", time_zone: "Europe/Paris" }],
      }),
    ],
    static_site: [componentInPlan("site", [])],
  },
  [env("DATABASE_URL", ref("db.DATABASE_URL"), "RUN_TIME")],
)

/** The plan as Terraform prints it: what a provider takes for a secret is marked, and there all the same. */
function marked(json: ReturnType<typeof firstPlan>) {
  const changes = json.resource_changes.map((each) =>
    each.address.startsWith("digitalocean_app.")
      ? { ...each, change: { ...each.change, after_sensitive: { spec: [{ env: [{ value: true }] }] } } }
      : each,
  )
  return { ...json, resource_changes: changes }
}

describe("one fleet, as an app spec and as a plan", () => {
  // 3 × 5 + 2 × 2 + 4; in a deploy 3 × 5 and 2 × 2 more, and the job before it.
  const FITS = "✓ fits: 23 of 47 usable connections (49 %), 43 during a deploy"

  test("the spec, with the ceiling that the server answered", async () => {
    const line = "check --app-spec app.yaml --max-connections 50"
    const { code, out, err } = await command(words(line), { files: { "app.yaml": stringify(shop) } })
    expect([code, err]).toEqual([0, ""])
    expect(out).toContain(FITS)
    expect(out).toMatch(/service\/api +\| +3 \+ 3 \| +5 \| +15 \| +30/)
    expect(out).toMatch(/worker\/mails +\| +2 \+ 2 \| +2 \| +4 \| +8/)
    expect(out).toMatch(/job\/migrate +\| +0 \+ 1 \| +1 \| +0 \| +1/)
    expect(out).toMatch(/job\/import +\| +1 run \| +4 \| +4 \| +4/)
    expect(out).toContain("DATABASE_URL in an app spec")
  })

  test("the plan, with the cluster for the ceiling", async () => {
    const files = { "plan.json": marked(firstPlan([...digitalOceanDatabase("db-s-1vcpu-2gb"), inPlan])) }
    const { code, out, err } = await command(words("check --terraform plan.json"), { files })
    expect([code, err]).toEqual([0, ""])
    expect(out).toContain(FITS)
    expect(out).toMatch(/digitalocean_app\.shop\.service\.api +\| +3 \+ 3 \| +5 \| +15 \| +30/)
    expect(out).toMatch(/digitalocean_app\.shop\.job\.import +\| +1 run \| +4/)
    expect(out).not.toContain("Not known")
  })

  test("the spec beside a plan with its cluster, which has the ceiling", async () => {
    const files = {
      "app.yaml": stringify(shop),
      "plan.json": firstPlan(digitalOceanDatabase("db-s-1vcpu-2gb")),
    }
    const line = "check --app-spec app.yaml --terraform plan.json --database DATABASE_URL"
    const { code, out } = await command(words(line), { files })
    expect([code, out]).toEqual([0, expect.stringContaining(FITS)])
  })

  test("a connection pool holds its size, in place of its clients", async () => {
    const web = app({ service: [serviceInPlan("api", [pooled, sizeInPlan(20)], { instance_count: 9 })] })
    const worker = app({ worker: [serviceInPlan("mails", [boundInPlan, sizeInPlan(3)])] })
    const both = { ...worker, address: "digitalocean_app.mails" }
    const all = [...digitalOceanDatabase("db-s-1vcpu-2gb"), connectionPool(22), web, both]
    const { code, out } = await command(words("check --terraform plan.json"), {
      files: { "plan.json": firstPlan(all) },
    })
    // 22 + 3, and 3 more in a deploy.
    expect([code, out]).toEqual([
      0,
      expect.stringContaining("✓ fits: 25 of 47 usable connections (53 %), 28"),
    ])
    expect(out).toContain("digitalocean_database_connection_pool.web: a pooler that holds up to 22")
  })

  test("and in a spec beside the plan as well", async () => {
    const own = spec({
      databases: [database()],
      ...services(component("api", { instance_count: 9, envs: [bound("db.web.DATABASE_URL"), size(20)] })),
    })
    const files = {
      "app.yaml": stringify(own),
      "plan.json": firstPlan([...digitalOceanDatabase("db-s-1vcpu-1gb"), connectionPool(20)]),
    }
    const line = "check --app-spec app.yaml --terraform plan.json --database DATABASE_URL"
    const { code, out } = await command(words(line), { files })
    expect([code, out]).toEqual([0, expect.stringContaining("✓ fits: 20 of 22")])
  })
})

describe("check --app-spec exits with", () => {
  const own = spec(services(component("api", { instance_count: 3 })))

  test("0 from stdin, in JSON", async () => {
    const { code, out } = await command(words("check --app-spec - --format json"), { stdin: stringify(own) })
    expect(code).toBe(0)
    expect(parse(out)).toMatchObject({
      verdict: "fits",
      servers: [{ source: { documents: [{ kind: "app-spec" }] } }],
    })
  })

  test("1 where it does not fit", async () => {
    const { code, out } = await command(words("check --app-spec a.json"), {
      files: { "a.json": spec(services(component("api", { instance_count: 10 }))) },
    })
    expect([code, out]).toEqual([1, expect.stringContaining("✗ does not fit: 100 of 97")])
  })

  test("2 where it depends on what is not known, with the line for GitHub", async () => {
    const open = `${stringify(own)}functions:\n  - name: f\n    envs: [{ key: DATABASE_URL, value: "${ref("db.DATABASE_URL")}" }]\n`
    const line = "check --app-spec app.yaml --format github"
    const { code, out } = await command(words(line), { files: { "app.yaml": open } })
    expect(code).toBe(2)
    expect(out).toMatch(
      /title=Connection budget,file=app\.yaml,line=\d+::function\/f\.concurrency: is in no spec/,
    )
    const cluster = spec({ ...services(component("api")), databases: [database()] })
    const unknown = await command(words("check --app-spec a.json"), { files: { "a.json": cluster } })
    expect([unknown.code, unknown.out]).toEqual([2, expect.stringContaining("size is not in the spec")])
  })

  test.each<[what: string, text: unknown, message: string]>([
    ["a wrong value", stringify(own).replace("instance_count: 3", "instance_count: many"), "a.yaml:"],
    [
      "a size that the client refuses",
      stringify(own).replace('"10"', '"0"'),
      "service/api.PRISMA_POOL_SIZE: has",
    ],
    ["a compose file", compose({ api: consumer() }), "give it with --compose"],
    ["an empty file", "", "a.yaml: is empty"],
  ])("3 for %s", async (_, text, message) => {
    const { code, out, err } = await command(words("check --app-spec a.yaml"), { files: { "a.yaml": text } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain(message)
  })

  test.each(["render", "compose", "terraform"])("3 for an app spec with --%s", async (flag) => {
    const { code, err } = await command(words(`check --${flag} a.json`), { files: { "a.json": own } })
    expect([code, err]).toEqual([
      3,
      expect.stringContaining("an app spec of DigitalOcean: give it with --app-spec"),
    ])
  })
})

test("plan prints sizes that check takes, as envs", async () => {
  const open = (envs: readonly Values[], more: readonly Values[]) =>
    spec({
      services: [component("api", { instance_count: 2, envs: [bound(), ...envs] })],
      workers: [component("mails", { envs: [bound(), ...more] })],
    })
  const { code, out } = await command(words("plan --app-spec a.json"), { files: { "a.json": open([], []) } })
  expect(code).toBe(0)
  const [, lines = ""] = /In the app spec, each in its own component\n((?: {2}.*\n)+)/.exec(out) ?? []
  const planned = new Map(
    lines
      .split(/^ {2}# /m)
      .slice(1)
      .map((part): [string, readonly Values[]] => {
        const [name = "", ...rest] = part.split("\n")
        return [name, parseYaml(rest.join("\n").replaceAll(/^ {2}/gm, "")).envs]
      }),
  )
  expect([...planned.keys()]).toEqual(["service/api", "worker/mails"])
  const after = open(planned.get("service/api") ?? [], planned.get("worker/mails") ?? [])
  const checked = await command(words("check --strict --app-spec a.json"), { files: { "a.json": after } })
  expect([checked.code, checked.out]).toEqual([0, expect.stringContaining("✓ fits")])
})

test("and in a plan of Terraform, as blocks with a key", async () => {
  const planned = app({ service: [serviceInPlan("api", [boundInPlan], { instance_count: 2 })] })
  const files = { "plan.json": firstPlan([...digitalOceanDatabase("db-s-1vcpu-2gb"), planned]) }
  const { out } = await command(words("plan --terraform plan.json"), { files })
  expect(out).toMatch(
    /^ {2}# digitalocean_app\.shop\.service\.api\n {2}env \{\n {4}key {3}= "PRISMA_POOL_SIZE"\n {4}value = "\d+"\n {2}\}$/m,
  )
})

test("several specs and a compose file add up, and what is not known is acknowledged", async () => {
  const other = spec({ name: "tools", ...services(component("tool")), databases: [database()] })
  const files = {
    "a.yaml": stringify(spec({ ...services(component("api")), databases: [sized()] })),
    "b.yaml": stringify(other),
    "c.json": compose({ tool: consumer() }),
  }
  const line = "check --app-spec a.yaml --app-spec b.yaml --compose c.json --format json --deploy=warn"
  const { out } = await command(words(line), { files })
  const [server] = parse(out).servers
  expect(Object.keys(server.highest.consumers)).toEqual([
    "c.json: service/tool",
    "a.yaml: service/api",
    "b.yaml: service/tool",
  ])
  const pool = { name: "pgbouncer", image: { repository: "pgbouncer" } }
  const setting = { files: { "a.json": spec(services(component("api"), pool)) } }
  const { cwd, code } = await command(words("baseline --app-spec a.json --reason batch"), setting)
  expect(code).toBe(0)
  const again = await command(words("check --app-spec a.json"), { cwd })
  expect([again.code, again.out]).toEqual([0, expect.stringContaining("✓ fits: 10 of 97")])
})
