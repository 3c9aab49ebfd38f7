import { parse } from "jsonc-parser"
import { describe, expect, test } from "vitest"
import { compose, consumer, postgres, service, URL_OF_DB, waiting } from "../deployments/compose-file.ts"
import { consumer as container, server } from "../deployments/resources.ts"
import { command, words } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"

const shop = compose({
  db: postgres(),
  api: consumer({ scale: 3, ...waiting("service_completed_successfully", "migrate") }),
  worker: consumer({ deploy: { replicas: 2 } }, { PRISMA_POOL_SIZE: "5" }),
  migrate: consumer({}, { PRISMA_POOL_SIZE: "1" }),
  web: service({ image: "nginx:1.29" }),
})
const COMMAND = "docker compose --profile '*' config --format json"
const files = { "compose.json": shop }

describe("check --compose exits with", () => {
  test("0 where it fits, and shows the sum, what is assumed and what was read", async () => {
    const { code, out, err } = await command(words("check --compose compose.json"), { files })
    expect([code, err]).toEqual([0, ""])
    // 3 × 10 + 2 × 5, and 1 for the migrations in a deploy.
    expect(out).toContain("✓ fits: 40 of 197 usable connections")
    expect(out).toMatch(/service\/api +\| +3 +\| +10 \| +30/)
    expect(out).toMatch(/service\/migrate +\| +0 \+ 1 +\| +1 \|/)
    expect(out).toMatch(/service\/worker +\| +2 +\| +5 \| +10/)
    expect(out).toContain("DATABASE_URL in a compose file")
    expect(out).toContain("service/db: max_connections 200")
    expect(out).toContain("service/api.surge, service/worker.surge: `docker compose up` deploys it")
    expect(out).not.toContain("the plan")
  })

  test("0 from stdin, in JSON", async () => {
    const { code, out } = await command(words("check --compose - --format json"), {
      stdin: JSON.stringify(shop),
    })
    expect(code).toBe(0)
    expect(parse(out)).toMatchObject({
      verdict: "fits",
      servers: [{ source: { documents: [{ kind: "compose" }] } }],
    })
  })

  test("1 where it does not fit", async () => {
    const small = compose({
      db: postgres({ command: ["postgres", "-N", "40"] }),
      api: consumer({ scale: 4 }),
    })
    const { code, out } = await command(words("check --compose c.json"), { files: { "c.json": small } })
    expect([code, out]).toEqual([1, expect.stringContaining("✗ does not fit: 40 of 37")])
  })

  test("2 where it depends on what is not known", async () => {
    const pooled = compose({
      db: postgres(),
      api: consumer(),
      pgbouncer: service({ image: "edoburu/pgbouncer" }),
    })
    const { code, out } = await command(words("check --compose c.json"), { files: { "c.json": pooled } })
    expect(code).toBe(2)
    expect(out).toContain("service/pgbouncer: is a connection pooler")
    const none = await command(words("check --compose c.json"), {
      files: { "c.json": compose({ db: postgres(), web: service() }) },
    })
    expect(none.code).toBe(2)
    expect(none.out).toContain(
      "DATABASE_URL_CORE: is in no resource of the documents, so nothing in them connects",
    )
  })

  test("2, and with 0 when what is not known is acknowledged or excluded, and declared", async () => {
    const pooled = compose({
      db: postgres(),
      api: consumer(),
      pgbouncer: service({ image: "edoburu/pgbouncer" }),
    })
    const setting = { files: { "c.json": pooled } }
    const line = "check --compose c.json --consumer pgbouncer=1x20+0 --exclude service/pgbouncer=declared"
    const excluded = await command(words(line), setting)
    expect([excluded.code, excluded.out]).toEqual([0, expect.stringContaining("fits: 30 of 197")])
    const { cwd, code } = await command(words("baseline --compose c.json --reason reserved"), setting)
    expect(code).toBe(0)
    const again = await command(words("check --compose c.json --reserved pgbouncer=20"), { cwd })
    expect([again.code, again.out]).toEqual([0, expect.stringContaining("fits: 30 of 197")])
  })

  test.each<[what: string, text: unknown, message: RegExp]>([
    [
      "YAML",
      "services:\n  api:\n    image: x\n",
      /is not JSON, but perhaps YAML\. Give the output of `docker/,
    ],
    ["YAML with a comment", "# api\nname: x\nservices: {}\n", /c\.json: is not JSON, but perhaps YAML/],
    ["broken JSON", '{"services": {', /c\.json:1:15: ends before it is complete/],
    ["an empty file", "", /c\.json: is empty/],
    ["a plan", plan([]), /c\.json: compose: is the output of `terraform show -json`/],
    ["a variable", compose({ a: service({ image: "$X" }) }), /c\.json: services\.a\.image: has a variable/],
    [
      "two counts",
      compose({ a: service({ scale: 1, deploy: { replicas: 2 } }) }),
      /services\.a\.scale: is 1, and/,
    ],
  ])("3 for %s", async (_, text, message) => {
    const { code, out, err } = await command(words("check --compose c.json"), { files: { "c.json": text } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toMatch(message)
    if (!/empty|complete|scale|terraform/.test(String(message))) expect(err).toContain(COMMAND)
  })

  test("3 for stdin twice, whatever the flags", async () => {
    const { code, err } = await command(words("check --compose - --terraform -"), {
      stdin: JSON.stringify(shop),
    })
    expect([code, err]).toEqual([3, expect.stringContaining("stdin: is given twice. Give - once")])
  })
})

describe("beside other formats", () => {
  const both = {
    "compose.json": shop,
    "other.json": compose({ api: consumer() }),
    "plan.json": plan([
      server("main"),
      container("api", { environment_variables: { DATABASE_URL: URL_OF_DB, PRISMA_POOL_SIZE: "7" } }),
    ]),
  }

  test("everything adds up, each address with the name of its document", async () => {
    const line =
      "check --terraform plan.json --compose compose.json --compose other.json --consumer own=1x2+0"
    const config = { deployments: { hosts: ["db"] }, maxConnections: 200 }
    const { code, out } = await command(words(`${line} --config c.json`), {
      files: { ...both, "c.json": config },
    })
    expect(out).toContain("compose.json: service/api")
    expect(out).toContain("other.json: service/api")
    expect(out).toMatch(/plan\.json: \S+scaleway_container|plan\.json: scaleway_container\.api/)
    // 40 + 10 + 7 + 2
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 59 of 197")])
  })

  test("overrides and exclusions are for one document or for all", async () => {
    const config = {
      deployments: {
        exclude: { "service/worker": "another database" },
        override: { "other.json: service/api": { instances: 5, reason: "up --scale" } },
      },
    }
    const line = "check --compose compose.json --compose other.json --config c.json"
    const { code, out } = await command(words(line), { files: { ...both, "c.json": config } })
    // 3 × 10 + 5 × 10
    expect([code, out]).toEqual([0, expect.stringContaining("fits: 80 of 197")])
  })
})

describe("plan --compose", () => {
  test("shows the sizes as the compose file has them", async () => {
    const { code, out } = await command(words("plan --compose compose.json --consumer own=1+0"), { files })
    expect(code).toBe(0)
    const [, sizes = ""] = out.split("In the compose file")
    const size = (name: string) =>
      new RegExp(`^ +${name}:\\n +environment:\\n +PRISMA_POOL_SIZE: "\\d+"$`, "m")
    for (const name of ["api", "worker", "migrate"]) expect(sizes).toMatch(size(name))
    expect(out).toMatch(/In Terraform, each in its own environment\n +PRISMA_POOL_SIZE = "\d+" +# own\n/)
  })

  test("shows nothing of Terraform where there is none, and prints .env lines as ever", async () => {
    const { out } = await command(words("plan --compose compose.json --format markdown"), { files })
    expect(out).toContain("```yaml\nservices:\n  api:\n    environment:\n      PRISMA_POOL_SIZE:")
    expect(out).not.toContain("Terraform")
    const env = await command(words("plan --compose compose.json --format env --for service/api"), { files })
    expect(env.out).toMatch(/^# service\/api\nPRISMA_POOL_SIZE=\d+\n$/)
  })

  test("of the planned sizes passes the check", async () => {
    const { out } = await command(words("plan --compose compose.json --format json"), { files })
    const [{ sizes }] = parse(out).servers
    const planned = (name: string) => ({ PRISMA_POOL_SIZE: String(sizes[`service/${name}`]) })
    const next = compose({
      db: postgres(),
      api: consumer({ scale: 3, ...waiting("service_completed_successfully", "migrate") }, planned("api")),
      worker: consumer({ deploy: { replicas: 2 } }, planned("worker")),
      migrate: consumer({}, planned("migrate")),
    })
    expect(
      (await command(words("check --compose c.json --strict"), { files: { "c.json": next } })).code,
    ).toBe(0)
  })
})

test("several databases of one file have a verdict each", async () => {
  const two = compose({
    db: postgres(),
    replica: postgres({ command: ["postgres", "-N", "50"] }),
    api: consumer({ scale: 3 }, { DATABASE_URL_REPLICA: "postgresql://app@replica/shop" }),
  })
  const config = {
    servers: { primary: { hosts: ["db"] }, replica: { hosts: ["replica"], keys: ["DATABASE_URL_REPLICA"] } },
    deployments: { keys: ["DATABASE_URL", "DATABASE_URL_REPLICA"] },
  }
  const { code, out } = await command(words("check --compose c.json --config config.json"), {
    files: { "c.json": two, "config.json": config },
  })
  expect(out).toContain("30 of 197")
  expect(out).toContain("30 of 47")
  expect(code).toBe(0)
})
