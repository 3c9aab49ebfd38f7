import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { parseAllDocuments } from "yaml"
import { production } from "../deployments/production.ts"
import { command } from "../support/command.ts"

const examples = fileURLToPath(new URL("../../examples", import.meta.url))

/** The table that the command prints: each row's name, instances, pool size and connections. */
async function tableOf(...args: string[]) {
  const { code, out } = await command(["check", ...args], { cwd: examples })
  const rows = out
    .split("\n")
    .filter((line) => line.includes(" | "))
    .slice(1)
    .map((line) =>
      line
        .split("|")
        .slice(0, 4)
        .map((cell) => cell.trim()),
    )
  return { code, out, rows }
}

describe("the sizing document's scenarios, through the command", () => {
  test("1: 60 of 100 (60 %)", async () => {
    const { code, out, rows } = await tableOf("-c", "fleets/scenario-1.json")
    expect(rows).toEqual([
      ["admin, monitoring, Metabase", "reserved", "", "10"],
      ["api", "1 + 1", "30", "30"],
      ["jobs", "2", "10", "20"],
      ["total", "", "", "60"],
    ])
    expect(out).toContain("fits: 60 of 97 usable connections (62 %)")
    expect(code).toBe(0)
  })

  test("2: 125 of 200 (63 %)", async () => {
    const { code, out, rows } = await tableOf("-c", "fleets/scenario-2.json")
    expect(rows).toEqual([
      ["admin, monitoring, Metabase", "reserved", "", "15"],
      ["api", "1 + 1", "50", "50"],
      ["jobs", "3", "20", "60"],
      ["total", "", "", "125"],
    ])
    expect(out).toContain("125 of 197 usable connections (63 %)")
    expect(code).toBe(0)
  })

  test("3: 3 × 35 = 105 > 100, refused", async () => {
    const { code, out, rows } = await tableOf("-c", "fleets/scenario-3.json")
    expect(rows).toEqual([
      ["api", "3 + 3", "35", "105"],
      ["total", "", "", "105"],
    ])
    expect(out).toContain("does not fit: 105 of 97 usable connections (108 %)")
    expect(code).toBe(1)
  })

  test("3, by its formula: 13 for each of two databases, which fits, above the alert threshold", async () => {
    const { code, out, rows } = await tableOf("-c", "fleets/scenario-3-by-slots.json")
    expect(rows[1]).toEqual(["api", "3, 2 pools each", "13", "78"])
    expect(out).toContain("Above the alert threshold")
    expect(code).toBe(0)
    expect((await tableOf("-c", "fleets/scenario-3-by-slots.json", "--strict")).code).toBe(1)
  })

  test("production: 35 to 45, the same from the declaration and from the plan", async () => {
    const declared = await tableOf("-c", "fleets/production.json")
    const planned = await tableOf("-t", "terraform/plan.json", "--reserved", "admin, Metabase=10")
    expect(declared.code).toBe(0)
    expect(declared.rows).toEqual([
      ["admin, Metabase", "reserved", "", "10"],
      ["api", "1 + 1", "15", "15"],
      ["import-missions", "1 run", "10", "10"],
      ["export-stats", "1 run", "10", "10"],
      ["13 more jobs, not running at 2026-01-01T03:00Z", "", "", "0"],
      ["total", "", "", "45"],
    ])
    const inPlan = (name = "") =>
      name === "api"
        ? "scaleway_container.api"
        : ["import-missions", "export-stats"].includes(name)
          ? `scaleway_job_definition.jobs["${name}"]`
          : name
    expect(planned.rows).toEqual(declared.rows.map(([name, ...row]) => [inPlan(name), ...row]))
  })
})

describe("examples/terraform", () => {
  const file = (name: string) =>
    readFileSync(new URL(`../../examples/terraform/${name}`, import.meta.url), "utf8")

  test("plan.json is the production that the tests take apart", () => {
    expect(JSON.parse(file("plan.json"))).toEqual(JSON.parse(JSON.stringify(production())))
  })

  test("the .tf files say what is in it", () => {
    const source = file("containers.tf") + file("jobs.tf")
    const { planned_values } = JSON.parse(file("plan.json"))
    const resources: { type: string; name: string; values: Record<string, unknown> }[] =
      planned_values.root_module.resources
    for (const { type, name } of resources) expect(source).toContain(`resource "${type}" "${name}"`)
    for (const { type, values } of resources) {
      if (type !== "scaleway_job_definition") continue
      const [cron] = values["cron"] as [{ schedule: string }]
      expect(source).toMatch(
        new RegExp(
          `"${values["name"]}" += \\{ schedule = "${cron.schedule.replaceAll("*", "\\*")}", +timeout = "${values["timeout"]}" \\}`,
        ),
      )
    }
  })
})

describe("examples/compose", () => {
  const file = (name: string) =>
    readFileSync(new URL(`../../examples/compose/${name}`, import.meta.url), "utf8")
  const { services }: { services: Record<string, Record<string, unknown>> } = JSON.parse(file("compose.json"))

  test("an API, two jobs and the migrations: 60, and 61 during a deploy", async () => {
    const { code, out, rows } = await tableOf(
      "--compose",
      "compose/compose.json",
      "-c",
      "compose/pool.config.json",
    )
    expect(rows).toEqual([
      ["metabase", "reserved", "", "10"],
      ["service/api", "2", "15", "30"],
      ["service/migrate", "0 + 1", "1", "0"],
      ["import-missions", "1 run", "10", "10"],
      ["export-stats", "1 run", "10", "10"],
      ["total", "", "", "60"],
    ])
    expect(out).toContain("60 of 97 usable connections (62 %), 61 during a deploy")
    expect(code).toBe(0)
  })

  test("compose.json is what compose.yaml says", () => {
    const [, ...parts] = file("compose.yaml").split(/^ {2}(?=[a-z-]+:$)/m)
    const written = new Map(parts.map((part) => [part.slice(0, part.indexOf(":")), part]))
    expect([...written.keys()].toSorted()).toEqual([...Object.keys(services), "data"].toSorted())
    for (const [name, { environment, command, scale, image }] of Object.entries(services)) {
      const text = written.get(name) ?? ""
      const own = Object.entries(environment as Record<string, string>)
      for (const [variable, value] of own.filter(([each]) => /^(PRISMA_|API_)/.test(each)))
        expect(text).toMatch(new RegExp(`^ {6}${variable}: ${value}( #|$)`, "m"))
      expect(text.includes("<<: *core")).toBe(own.some(([variable]) => variable === "DATABASE_URL_CORE"))
      if (Array.isArray(command)) expect(text).toContain(`command: ${command.join(" ")}`)
      if (scale !== undefined) expect(text).toContain(`scale: ${scale}`)
      expect(text).toContain(`image: ${String(image).split(":")[0]}`)
    }
  })

  test("compose.yaml itself is refused, with the command to run", async () => {
    const { code, err } = await command(["check", "--compose", "compose/compose.yaml"], { cwd: examples })
    expect([code, err]).toEqual([
      3,
      expect.stringContaining("docker compose --profile '*' config --format json"),
    ])
  })
})

describe("examples/kubernetes", () => {
  const files = ["api.yaml", "database.yaml", "jobs.yaml"]
  const text = (name: string) =>
    readFileSync(new URL(`../../examples/kubernetes/${name}`, import.meta.url), "utf8")
  const check = (...args: string[]) =>
    tableOf("--kubernetes", "kubernetes", "--reserved", "metabase=10", ...args)

  test("an API, two jobs and the migrations: 60 as in compose, and 76 to 91 during a deploy", async () => {
    const { code, out, rows } = await check()
    expect(rows).toEqual([
      ["metabase", "reserved", "", "10"],
      ["missions/deployment/api", "2 + 2", "15", "30"],
      ["missions/job/migrate", "0 + 1", "1", "0"],
      ["missions/cronjob/import-missions", "1 run", "10", "10"],
      ["missions/cronjob/export-stats", "1 run", "10", "10"],
      ["total", "", "", "60"],
    ])
    // 2 more pods of 15 at most, and the migrations.
    expect(out).toContain("60 of 97 usable connections (62 %), 76–91 during a deploy")
    expect(out).toContain("missions/cluster/core: max_connections 100")
    expect(code).toBe(0)
  })

  test("is as its comments say: the widget is no consumer, and without Forbid or a deadline runs pile up", async () => {
    expect(readdirSync(new URL("../../examples/kubernetes", import.meta.url)).toSorted()).toEqual(files)
    const all = files.map(text).join("---\n")
    const documents = parseAllDocuments(all).map((document) => document.toJS())
    expect(documents.filter(({ kind }) => kind === "Deployment")).toHaveLength(2)
    const twice = all.replace('"0 3 * * *"', '"0 * * * *"').replace("concurrencyPolicy: Forbid", "")
    const piling = async (manifests: string) => {
      const { code, out } = await command(["check", "-k", "-"], { stdin: manifests })
      return [code, /import-missions +\| +(\d+) runs?/.exec(out)?.[1]]
    }
    // Runs of an hour and a half, started each hour.
    expect(await piling(twice)).toEqual([0, "2"])
    expect((await piling(twice.replace("activeDeadlineSeconds: 5400", "")))[0]).toBe(2)
  })

  test("has sizes that plan can take over", async () => {
    const { out } = await command(["plan", "--kubernetes", "kubernetes", "--reserved", "metabase=10"], {
      cwd: examples,
    })
    expect(out).toMatch(
      /In the manifests, each in its own container\n {2}# missions\/deployment\/api\n {2}env:\n {4}- name: PRISMA_POOL_SIZE_CORE\n {6}value: "\d+"\n/,
    )
  })
})
