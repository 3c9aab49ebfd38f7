import { describe, expect, test } from "vitest"
import { CORE_URL, production } from "../deployments/production.ts"
import { command, words } from "../support/command.ts"
import { plan, state } from "../support/terraform-plan.ts"

const JOBS = ["--consumer", "jobs=2x10+0"]
const fleet = (...args: string[]) => ["check", "--max-connections", "100", ...args]

/** A container whose size nobody can see. */
const unseen = (extra: Readonly<Record<string, unknown>> = {}) =>
  plan(
    [
      {
        address: "scaleway_container.api",
        values: { max_scale: 2, environment_variables: {} },
        unknown: { secret_environment_variables: { DATABASE_URL_CORE: true } },
      },
      ...[
        {
          address: "scaleway_rdb_instance.main",
          values: { engine: "PostgreSQL-15", settings: { max_connections: "100" } },
        },
      ],
    ],
    extra,
  )

describe("the verdict", () => {
  test("of a fleet that fits is 0", async () => {
    const { code, out, err } = await command(
      fleet("--consumer", "api=1x30+1", ...JOBS, "--reserved", "others=10"),
    )
    expect(code).toBe(0)
    expect(err).toBe("")
    expect(out).toContain("✓ fits: 60 of 97 usable connections (62 %), 90 during a deploy")
  })

  test("of one that does not is 1, with what would help", async () => {
    const { code, out } = await command(fleet("--consumer", "api=3x35+0"))
    expect(code).toBe(1)
    expect(out).toContain("✗ does not fit: 105 of 97 usable")
    expect(out).toContain("8 too many: 105 of 97 usable")
    expect(out).toContain("Change api alone: a poolSize of 32 instead of 35, or 2 instances instead of 3")
  })

  test("of one that only a deploy makes too large is 1", async () => {
    const args = fleet("--consumer", "api=4x20")
    const { code, out } = await command(args)
    expect(code).toBe(1)
    expect(out).toContain("63 too many during a deploy: 160 of 97 usable")
    const warned = await command([...args, "--deploy", "warn"])
    expect(warned.code).toBe(0)
    expect(warned.out).toContain("Too many during a deploy, which only warns")
    expect(warned.out).toContain("63 too many during a deploy: 160 of 97 usable")
  })

  test("of one above the alert threshold is 0, and 1 with --strict", async () => {
    const args = fleet("--consumer", "api=4x20+0")
    const { code, out } = await command(args)
    expect(code).toBe(0)
    expect(out).toContain("Above the alert threshold")
    expect((await command([...args, "--strict"])).code).toBe(1)
    expect((await command([...fleet("--consumer", "api=3x20+0"), "--strict"])).code).toBe(0)
  })

  test("of assumptions is named, and never fails", async () => {
    const { code, out } = await command([...fleet("--consumer", "api=2x10"), "--strict"])
    expect(code).toBe(0)
    expect(out).toContain("consumers.api.surge: a deploy runs 2 old + 2 new instances")
  })
})

describe("what is not known", () => {
  test("is 2 where it decides, and names the value", async () => {
    const { code, out } = await command(["check", "--terraform", "plan.json"], {
      files: { "plan.json": unseen() },
    })
    expect(code).toBe(2)
    expect(out).toContain("? unknown: 2–20000 of 97 usable")
    expect(out).toContain("scaleway_container.api.DATABASE_URL_CORE: is known only after apply")
    expect(out).toContain("Set PRISMA_POOL_SIZE_CORE as a plain number")
  })

  test("is 1 where even the lowest is too much", async () => {
    const args = ["check", "-t", "plan.json", "--reserved", "others=96"]
    const { code, out } = await command(args, { files: { "plan.json": unseen() } })
    expect(code).toBe(1)
    expect(out).toContain("✗ does not fit: 98–20096 of 97 usable")
  })

  test("is 0 where even the highest fits: a legacy client that may be elsewhere", async () => {
    const variables = { DATABASE_URL_CORE: CORE_URL, PRISMA_POOL_SIZE_CORE: "10" }
    const legacy = plan([
      {
        address: "scaleway_container.api",
        values: { max_scale: 1, environment_variables: variables },
        unknown: { environment_variables: { DATABASE_URL_ANALYTICS: true } },
      },
    ])
    const args = ["check", "-t", "plan.json", "--max-connections"]
    const setting = { files: { "plan.json": legacy } }
    expect((await command([...args, "100"], setting)).code).toBe(0)
    expect((await command([...args, "30"], setting)).code).toBe(2)
    expect((await command([...args, "12"], setting)).code).toBe(1)
  })

  test("of the ceiling is 2, whatever the sum", async () => {
    const api = { max_scale: 1, environment_variables: { DATABASE_URL_CORE: CORE_URL } }
    const files = { "plan.json": plan([{ address: "scaleway_container.api", values: api }]) }
    const { code, out } = await command(["check", "-t", "plan.json"], { files })
    expect(code).toBe(2)
    expect(out).toContain(
      "? unknown: 15 connections, 30 during a deploy; cannot check: max_connections is not known",
    )
    expect(out).not.toMatch(/ of \d|█/)
    expect((await command(["check", "-t", "plan.json", "--max-connections", "100"], { files })).code).toBe(0)
  })

  test("of the ceiling is 1 where not even the highest one is enough", async () => {
    const servers = ["50", "100"].map((max_connections) => ({
      address: `scaleway_rdb_instance.of_${max_connections}`,
      values: { engine: "PostgreSQL-16", settings: { max_connections } },
    }))
    const checked = (max_scale: number) => {
      const values = { max_scale, environment_variables: { DATABASE_URL_CORE: CORE_URL } }
      const files = { "plan.json": plan([{ address: "scaleway_container.api", values }, ...servers]) }
      return command(["check", "-t", "plan.json"], { files })
    }
    const { code, out } = await checked(10)
    expect(code).toBe(1)
    expect(out).toContain(
      "✗ does not fit: 150 of at most 97 usable connections, 300 during a deploy; max_connections is not known, and at most 100",
    )
    expect(out).toContain("Too many: any one of these is enough")
    expect((await checked(1)).code).toBe(2)
  })

  test.each([{ errored: true }, { complete: false }, { deferred_changes: [{ reason: "unknown" }] }])(
    "is everything in a plan with %o: 2, though the rest is too much or fits",
    async (fields) => {
      const files = { "plan.json": unseen(fields) }
      const { code, out } = await command(["check", "-t", "plan.json", "--reserved", "others=96"], { files })
      expect(code).toBe(2)
      expect(out).toContain("Not everything is shown")
    },
  )

  test("is 2 for a resource that nobody here can count, until it is excluded", async () => {
    const files = {
      "plan.json": plan([
        {
          address: "aws_codebuild_project.report",
          values: { environment: [{ variables: { DATABASE_URL_CORE: CORE_URL } }] },
        },
      ]),
    }
    const args = ["check", "-t", "plan.json", "--max-connections", "100"]
    const { code, out } = await command(args, { files })
    expect(code).toBe(2)
    expect(out).toContain("aws_codebuild_project.report: has DATABASE_URL_CORE")
    const excluded = await command([...args, "--exclude", "aws_codebuild_project.report=reads a replica"], {
      files,
    })
    expect(excluded.code).toBe(0)
    expect(excluded.out).toContain("Excluded\n  aws_codebuild_project.report: reads a replica")
  })
})

describe("several things that are unknown for one reason are one line,", () => {
  const container = (name: string) => ({
    address: `scaleway_container.${name}`,
    values: { max_scale: 1 },
    unknown: { environment_variables: true } as const,
  })
  const args = ["check", "-t", "plan.json", "--max-connections", "100"]
  const outputOf = async (...names: string[]) => {
    const files = { "plan.json": plan(names.map(container)) }
    return (await command(args, { files })).out
  }
  const rest = ": may be set: its environment is known only after apply. This could be 0 to 10000"

  test("with all of their names", async () => {
    expect(await outputOf("a", "b")).toContain(
      `  scaleway_container.a.DATABASE_URL_CORE, scaleway_container.b.DATABASE_URL_CORE${rest}`,
    )
  })

  test("or with the first of them, and how many there are", async () => {
    const out = await outputOf("a", "b", "c", "d", "e")
    expect(out).toContain(
      `  scaleway_container.a.DATABASE_URL_CORE, scaleway_container.b.DATABASE_URL_CORE, scaleway_container.c.DATABASE_URL_CORE, and 2 more${rest}`,
    )
    expect(out.match(/may be set/g)).toHaveLength(1)
  })
})

describe("a size that may be any number", () => {
  const job = {
    address: "scaleway_job_definition.import",
    values: { cron: [{ schedule: "0 3 * * *", timezone: "UTC" }], timeout: "1h" },
    unknown: { env: true },
  }
  const files = { "plan.json": plan([job]) }
  const args = ["check", "-t", "plan.json", "--max-connections", "100", "--reserved", "metabase=90"]

  test("is shown at both ends, and nobody is told to lower it", async () => {
    const { code, out } = await command(args, { files })
    expect(code).toBe(2)
    expect(out).toMatch(/import +\| +1 run \| +0–10000 \| +0–10000 /)
    expect(out).not.toContain("Too many")
    expect(out).not.toContain("instead of")
  })

  test("is no reason to leave out what helps a fleet that is too large without it", async () => {
    const { code, out } = await command([...args, "--consumer", "api=4x20"], { files })
    expect(code).toBe(1)
    expect(out).toContain("Too many: any one of these is enough")
  })
})

describe("what was read, and for which variable, stands in every output:", () => {
  const api = { max_scale: 1, environment_variables: { DATABASE_URL: CORE_URL } }
  const resources = [{ address: "scaleway_container.api", values: api }]
  const files = { "plan.json": plan(resources), "state.json": state(resources) }
  const flags = ["--max-connections", "100", "--database", "DATABASE_URL"]
  const outputOf = async (file: string, format: string) =>
    (await command(["check", "-t", file, ...flags, "--format", format], { files })).out

  test.each(["text", "markdown", "github"])("%s", async (format) => {
    expect(await outputOf("plan.json", format)).toMatch(/DATABASE\\?_URL in a plan$/m)
    expect(await outputOf("state.json", format)).toMatch(
      /DATABASE\\?_URL in a state, which shows what exists now/,
    )
  })

  test("json", async () => {
    const { servers } = JSON.parse(await outputOf("state.json", "json"))
    expect(servers[0].source).toEqual({ keys: ["DATABASE_URL"], documents: [{ name: "", kind: "state" }] })
  })
})

describe("a plan in which nothing connects", () => {
  const filesWith = (variable: string) => {
    const values = { max_scale: 1, environment_variables: { [variable]: CORE_URL } }
    return { "plan.json": plan([{ address: "scaleway_container.api", values }]) }
  }
  const args = ["check", "-t", "plan.json", "--max-connections", "100"]

  test("is 2: more likely than not its variable has another name", async () => {
    const { code, out } = await command(args, { files: filesWith("SHOP_URL") })
    expect(code).toBe(2)
    expect(out).toContain("scaleway_container.api.SHOP_URL: may lead to this server")
    const none = { "plan.json": plan([{ address: "random_password.main", values: {} }]) }
    const empty = await command(args, { files: none })
    expect(empty.code).toBe(2)
    expect(empty.out).toContain("DATABASE_URL_CORE: is in no resource of the documents")
  })

  test("has its consumers by that name, or excluded by theirs", async () => {
    for (const [variable, flags] of [
      ["DATABASE_URL", []],
      ["DATABASE_URL", ["--database", "DATABASE_URL"]],
      ["DATABASE_URL_BILLING", ["--database", "BILLING"]],
    ] as const) {
      const { code, out } = await command([...args, ...flags], { files: filesWith(variable) })
      expect(code).toBe(0)
      expect(out).toContain("✓ fits: 15 of 97")
      expect(out).toContain(`${variable} in a plan`)
    }
  })
})

describe("the document's production as a plan", () => {
  const others = ["--reserved", "admin, Metabase=10"]

  test("is 45 of 97: the API, two jobs and the others, and not the Widget", async () => {
    const files = { "plan.json": production() }
    const { code, out } = await command(["check", "-t", "plan.json", ...others], { files })
    expect(code).toBe(0)
    expect(out).toContain("✓ fits: 45 of 97 usable connections (46 %)")
    expect(out).toMatch(/scaleway_container\.api +\| +1 \+ 1 +\| +15 \| +15 \| +30/)
    expect(out).not.toContain("widget")
  })

  test("with max_scale 3 and 35 is refused, with the size that would fit", async () => {
    const files = { "plan.json": production({ maxScale: 3, poolSize: 35 }) }
    const { code, out } = await command(["check", "-t", "plan.json", ...others], { files })
    expect(code).toBe(1)
    expect(out).toContain("38 too many: 135 of 97 usable")
    expect(out).toContain("Change scaleway_container.api alone: a poolSize of 11 instead of 35")
    const mended = { "plan.json": production({ maxScale: 3, poolSize: 11 }) }
    expect((await command(["check", "-t", "plan.json", ...others], { files: mended })).code).toBe(0)
  })
})

describe("a plan comes", () => {
  test("from stdin, so that it need not lie on a disk", async () => {
    const { code, out } = await command(["check", "--terraform", "-"], {
      stdin: JSON.stringify(production()),
    })
    expect(code).toBe(0)
    expect(out).toContain("35 of 97")
  })

  test("from several stacks with one server, which add up", async () => {
    const files = { "a.json": production(), "b.json": unseenless() }
    const { code, out } = await command(["check", "-t", "a.json", "-t", "b.json"], { files })
    expect(code).toBe(0)
    expect(out).toContain("a.json: scaleway_container.api")
    expect(out).toContain("b.json: scaleway_container.api")
    expect(out).toContain("45 of 97")
  })

  test("together with a declaration: what Terraform does not have, and what it has wrong", async () => {
    const files = {
      "plan.json": production(),
      "pool.config.json": {
        reserved: { metabase: 10 },
        consumers: { admin: { instances: 1, poolSize: 2, surge: 0 } },
        deployments: {
          exclude: { 'scaleway_job_definition.jobs["import-missions"]': "writes files" },
          override: { "scaleway_container.api": { surge: 0, reason: "stops before it starts" } },
        },
      },
    }
    const { code, out, err } = await command(["check", "-t", "plan.json"], { files })
    expect(code).toBe(0)
    expect(err).toBe("Using pool.config.json\n")
    expect(out).toContain("✓ fits: 37 of 97")
    expect(out).toContain("37 during a deploy")
    expect(out).toContain('Excluded\n  scaleway_job_definition.jobs["import-missions"]: writes files')
    expect(out).toContain("Explicit\n  scaleway_container.api.surge: 0 (stops before it starts)")
  })
})

/** Another stack of one more container, of ten. */
function unseenless() {
  const variables = { DATABASE_URL_CORE: CORE_URL, PRISMA_POOL_SIZE_CORE: "10" }
  return plan([
    { address: "scaleway_container.api", values: { max_scale: 1, environment_variables: variables } },
  ])
}

describe("several servers", () => {
  const api = (instances: number) => ({ consumers: { api: { instances, poolSize: 20, surge: 0 } } })

  test("have a verdict each, and the worst one counts", async () => {
    const servers = {
      primary: { maxConnections: 100, ...api(3) },
      replica: { maxConnections: 50, ...api(3) },
    }
    const { code, out } = await command(["check"], { files: { "pool.config.json": { servers } } })
    expect(code).toBe(1)
    expect(out).toContain("✓ primary: fits: 60 of 97")
    expect(out).toContain("✗ replica: does not fit: 60 of 47")
  })

  const urls = {
    api: {
      DATABASE_URL_CORE: "postgresql://u@primary/core",
      DATABASE_URL_CORE_REPLICA: "postgresql://u@replica/core",
    },
    worker: { DATABASE_URL_CORE: "postgresql://u@PRIMARY/core" },
  }
  const plans = {
    "plan.json": plan([
      { address: "scaleway_container_namespace.main", values: { id: "ns", environment_variables: {} } },
      ...Object.entries(urls).map(([name, environment]) => ({
        address: `scaleway_container.${name}`,
        values: {
          namespace_id: "ns",
          max_scale: 1,
          environment_variables: { ...environment, PRISMA_POOL_SIZE_CORE: "10" },
        },
      })),
    ]),
  }
  const check = ["check", "-t", "plan.json", "--format", "json"]

  test("beside a plan each count what leads to their hosts", async () => {
    const keys = ["DATABASE_URL_CORE", "DATABASE_URL_CORE_REPLICA"]
    const servers = {
      primary: { maxConnections: 100, hosts: ["primary"] },
      replica: { maxConnections: 20, hosts: ["replica"] },
    }
    const { code, out } = await command(check, {
      files: { ...plans, "pool.config.json": { servers, deployments: { keys } } },
    })
    const totals = (JSON.parse(out) as { servers: { highest: { total: number } }[] }).servers
    expect(totals.map(({ highest }) => highest.total)).toEqual([20, 10])
    // 20 connections of the replica's 17, while a deploy rolls.
    expect(code).toBe(1)
  })

  test("beside a plan each count their own variables, where the URLs are secrets", async () => {
    const hidden = JSON.parse(
      JSON.stringify(plans["plan.json"]).replaceAll(/postgresql:[^"]+/g, "$argon2id$x"),
    )
    const servers = {
      primary: { maxConnections: 100 },
      replica: { maxConnections: 100, keys: ["DATABASE_URL_CORE_REPLICA"] },
    }
    const deployments = { keys: ["DATABASE_URL_CORE"] }
    const run = (config: object) =>
      command(check, { files: { "plan.json": hidden, "pool.config.json": config } })
    const unclear = await run({ servers, deployments })
    expect(unclear.code, "nobody says which server DATABASE_URL_CORE leads to").toBe(0)
    const { servers: loose } = JSON.parse(unclear.out) as {
      servers: { lowest: { total: number }; highest: { total: number } }[]
    }
    expect(loose.map(({ lowest, highest }) => [lowest.total, highest.total])).toEqual([
      [0, 20],
      [10, 30],
    ])
    const keys = { primary: { ...servers.primary, keys: ["DATABASE_URL_CORE"] }, replica: servers.replica }
    const clear = await run({ servers: keys })
    expect(clear.code).toBe(0)
    const { servers: each } = JSON.parse(clear.out) as { servers: { highest: { total: number } }[] }
    expect(each.map(({ highest }) => highest.total)).toEqual([20, 10])
  })

  test("of which one is a replica that is asked for beside its primary, each have a verdict", async () => {
    const flags = ["--database", "CORE", "--database", "CORE_REPLICA", "--max-connections", "100"]
    const { code, out } = await command([...check, ...flags], { files: plans })
    const { servers } = JSON.parse(out) as {
      servers: { server: string; verdict: string; highest: { total: number } }[]
    }
    expect(servers.map(({ server, verdict, highest }) => [server, verdict, highest.total])).toEqual([
      ["primary", "fits", 20],
      ["replica", "unknown", 10],
    ])
    expect(code).toBe(2)
  })

  test("beside a plan are told apart by what each of them says", async () => {
    const config = {
      servers: { a: { maxConnections: 10 } },
      deployments: { hosts: ["primary"], server: "x" },
    }
    const { code, out, err } = await command(check, { files: { ...plans, "pool.config.json": config } })
    expect([code, out]).toEqual([3, ""])
    expect(err).toContain("deployments.server: is given beside servers")
    expect(err).toContain("deployments.hosts: is given beside servers")
  })
})

describe("a declaration", () => {
  test("that leaves sizes open is checked as it will be planned", async () => {
    const files = {
      "pool.config.json": {
        maxConnections: 100,
        consumers: { api: { instances: 3, weight: 2 }, worker: { instances: 2 } },
      },
    }
    const { code, out } = await command(["check", "--strict"], { files })
    expect(code).toBe(0)
    expect(out).toContain("consumers.api.poolSize: left open: 12, as `prisma-pool plan` computes it")
  })

  test.each(["js", "mjs", "cjs"])("may be pool.config.%s", async (extension) => {
    const fleet = "{ maxConnections: 100, consumers: { api: { instances: 1 + 2, poolSize: 10, surge: 0 } } }"
    const code = extension === "cjs" ? `module.exports = ${fleet}` : `export default ${fleet}`
    const files = { [`pool.config.${extension}`]: code, "package.json": { type: "module" } }
    const ran = await command(["check"], { files })
    expect(ran.err).toBe(`Using pool.config.${extension}\n`)
    expect(ran.out).toContain("✓ fits: 30 of 97")
  })

  test("counts after the flags", async () => {
    const files = {
      "fleet.json": {
        maxConnections: 10,
        reserved: { a: 1 },
        consumers: { api: { instances: 1, poolSize: 5, surge: 0 } },
      },
    }
    const line =
      "check -c fleet.json --max-connections 50 --reserved b=2 --consumer api=2x6+0 --superuser-reserved 4 --reserved-connections 1"
    const { out } = await command(words(line), { files })
    expect(out).toContain("✓ fits: 15 of 45 usable connections")
    const kept = await command([...words(line), "--provider-reserved", "12"], { files })
    expect(kept.out).toContain("✓ fits: 15 of 33 usable connections")
  })
})
