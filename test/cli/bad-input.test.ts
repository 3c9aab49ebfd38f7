import { describe, expect, test } from "vitest"
import type { Io } from "../../src/cli/io.ts"
import { run } from "../../src/cli/run.ts"
import { production, SECRET } from "../deployments/production.ts"
import { command, quietIo, words } from "../support/command.ts"

const PLAN = JSON.stringify(production())

/** Exit 2, a message, and nothing half-printed. */
async function refused(
  line: string | readonly string[],
  files: Readonly<Record<string, unknown>> = {},
  stdin = "",
) {
  const { code, out, err } = await command(typeof line === "string" ? words(line) : line, { files, stdin })
  expect(err).not.toContain("    at ")
  expect({ code, out }).toEqual({ code: 3, out: "" })
  return err
}

describe("a flag that is wrong", () => {
  test.each([
    ["check --max-conections 100", "unknown option '--max-conections'", "Did you mean --max-connections?"],
    ["chek", "unknown command 'chek'", "Did you mean check?"],
    ["check plan.json", "too many arguments", ""],
    ["check --max-connections", "argument missing", ""],
    ["check --max-connections 0", "a whole number from 1 to 1000000", ""],
    ["check --max-connections -5", "a whole number from 1 to 1000000", ""],
    ["check --max-connections 1e3", "a whole number from 1 to 1000000", ""],
    ["check --max-connections 15.5", "a whole number from 1 to 1000000", ""],
    ["check --max-connections １００", "a whole number from 1 to 1000000", ""],
    ["check --max-connections NaN", "a whole number from 1 to 1000000", ""],
    ["check --max-connections 99999999999999999999", "a whole number from 1 to 1000000", ""],
    ["check --superuser-reserved -1", "SHOW superuser_reserved_connections", ""],
    ["check --reserved-connections x", "SHOW reserved_connections", ""],
    ["check --reserved metabase", "Give NAME=N", ""],
    ["check --reserved =10", "Give NAME=N", ""],
    ["check --reserved metabase=ten", "the connections used outside the fleet", ""],
    ["check --reserved a=1 --reserved a=2", 'Give "a" once', ""],
    ["check --consumer api", "NAME=INSTANCESxSIZE", ""],
    ["check --consumer api=4x", "Give NAME=INSTANCES, NAME=INSTANCESxSIZE", ""],
    ["check --consumer api=4x20x3", "such as api=4x20", ""],
    ["check --consumer api=-4x20", "such as api=4x20", ""],
    ["check --consumer api=4x0", "Give the connections in each pool, a whole number from 1 to 10000", ""],
    ["check --consumer api=4x20000", "Give the connections in each pool, a whole number from 1 to 10000", ""],
    ["check --consumer api=1000001", "Give the most instances that run at once", ""],
    ["check --consumer api=1+1000001", "Give the extra instances during a deploy", ""],
    ["check --exclude api", "Give ADDRESS=REASON", ""],
    ["check --exclude api=", "Give ADDRESS=REASON", ""],
    ["check --format xml", "Allowed choices are text, json, markdown, github", ""],
    ["check --deploy no", "Allowed choices are fail, warn", ""],
    ["plan --fill 120", "Give a number from 0.01 to 1", ""],
    ["plan --fill half", "Give a number from 0.01 to 1", ""],
    ["plan --strict", "unknown option '--strict'", ""],
  ])("%s", async (line, text, hint) => {
    const err = await refused(line)
    expect(err).toContain(text)
    expect(err).toContain(hint)
    expect(err).toContain("see --help")
  })

  test.each([
    ["check --max-connections 3 --consumer api=1x1", "leave no slot of maxConnections 3"],
    ["plan --max-connections 100 --consumer api=3 --fill 2", "fill: received 2"],
    [
      "plan --max-connections 100 --consumer api=3 --for jobs",
      "--for: is not a consumer or a job of this fleet. Use one of api",
    ],
    ["check --consumer api=3x3", "maxConnections: missing. Give the result of SHOW max_connections"],
    ["check", "fleet: is not declared"],
    ["plan", "fleet: is not declared"],
    ["check --max-connections 100", "fleet: is not declared"],
  ])("%s", async (line, text) => {
    expect(await refused(line)).toContain(`prisma-pool: ${text.includes(":") ? text : ""}`)
    expect(await refused(line)).toContain(text)
  })

  test("no command at all is a usage error that shows the help", async () => {
    expect(await refused([])).toContain("Usage: prisma-pool")
  })
})

describe("a plan that is wrong", () => {
  test.each([
    ["nothing", "", "plan.json: is empty"],
    ["white space", " \n", "plan.json: is empty"],
    ["cut off", PLAN.slice(0, 2_000), "plan.json:1:2001: ends before it is complete"],
    [
      "no JSON",
      "Terraform will perform the following actions",
      "plan.json:1:1: is not valid JSON from here on",
    ],
    [
      "JSON with a comma too many",
      '{\n  "format_version": "1.2",\n}',
      "plan.json:3:1: is not valid JSON from here on",
    ],
    [
      "more brackets than anybody closes",
      "[".repeat(100_000),
      "plan.json: is not JSON, and is nested too deeply",
    ],
    ["a plan file itself", "PK\u0003\u0004rest", "plan.json: is a plan file in Terraform's own format"],
    ["a log", '{"@level":"info"}\n{"@level":"info"}\n', "terraform show -json"],
    ["a log of one line", '{"@level":"info","@message":"x"}', "is a log of `terraform plan -json`"],
    [
      "a state file",
      '{"version":4,"lineage":"x","resources":[]}',
      "is a state file in Terraform's own format",
    ],
    ["another tool's JSON", '{"Resources":{}}', "it is another tool's JSON"],
    [
      "Terraform's own code",
      '# the API\n\nresource "scaleway_container" "api" {\n  max_scale = 5\n}\n',
      "is HCL, not JSON. Run: terraform plan -out p && terraform show -json p | prisma-pool check --terraform -",
    ],
    ["a list", "[]", "received an array"],
    ["null", "null", "received null"],
    ["another major version", '{"format_version":"2.0","planned_values":{}}', "another major version"],
  ])("%s", async (_, content, text) => {
    const err = await refused("check -t plan.json", { "plan.json": content })
    expect(err).toContain(text)
    expect(err).toMatch(/^prisma-pool: plan\.json/)
  })

  test("never shows what stands there", async () => {
    const broken = PLAN.replaceAll(`"password":${JSON.stringify(SECRET)}`, `"password":${SECRET}`)
    expect(broken).not.toBe(PLAN)
    expect(await refused("check -t plan.json", { "plan.json": broken })).not.toContain("s3cr3t")
    const bad = PLAN.replace('"PRISMA_POOL_SIZE_CORE":"15"', '"PRISMA_POOL_SIZE_CORE":"s3cr3t"')
    const err = await refused("check -t plan.json", { "plan.json": bad })
    expect(err).toContain("scaleway_container.api.PRISMA_POOL_SIZE_CORE: has a value that the client refuses")
    expect(err).not.toContain("s3cr3t")
  })

  test("is named, from stdin too, and a file that is not there", async () => {
    expect(await refused("check -t -", {}, "{")).toContain("stdin:1:2: ends before it is complete")
    expect(await refused("check -t nowhere.json")).toContain("nowhere.json: cannot be read (ENOENT)")
    expect(await refused("check -t a.json -t b.json", { "a.json": PLAN, "b.json": "{}" })).toContain(
      "b.json: ",
    )
  })

  test("may be in UTF-16, as PowerShell writes it", async () => {
    const utf16 = new Uint8Array(Buffer.from(`\ufeff${PLAN}`, "utf16le"))
    const utf8 = new Uint8Array(Buffer.from(`\ufeff${PLAN}`))
    for (const content of [utf16, utf8]) {
      const { code } = await command(words("check -t plan.json"), { files: { "plan.json": content } })
      expect(code).toBe(0)
    }
  })
})

describe("a declaration that is wrong", () => {
  test.each([
    ["{", "pool.config.json:1:2: ends before it is complete"],
    ['{"maxConnections": 100, // the ceiling\n}', "pool.config.json:1:25: is not valid JSON from here on"],
    ["[]", "pool.config.json: pool.config: received an array. Give a plain object"],
    ["{}", "fleet: is not declared"],
    ['{"consumers":{}}', "maxConnections: missing"],
    ['{"maxConnection":100,"consumers":{}}', "pool.config.json: maxConnection: is not a known field"],
    ['{"maxConnections":"100","consumers":{}}', 'pool.config.json: maxConnections: received "100"'],
    [
      '{"maxConnections":100,"consumers":{"api":{"instances":1.5,"poolSize":0,"sruge":1}}}',
      "pool.config.json: consumers.api.sruge: is not a known field",
    ],
    [
      '{"maxConnections":100,"jobs":[{"name":"a","schedule":"@daily","poolSize":1}]}',
      "jobs.a.schedule: received",
    ],
    ['{"maxConnections":100,"consumers":{},"deployments":{"exclude":{"a":""}}}', "deployments.exclude.a: "],
    [
      '{"maxConnections":100,"consumers":{},"deployments":{"override":{"a":{"instances":1}}}}',
      "deployments.override.a.reason: missing",
    ],
    ['{"servers":{"a":{"consumers":{}}}}', "servers.a.maxConnections: missing"],
    ['{"servers":{},"maxConnections":1}', "maxConnections: is not a known field. Use servers"],
  ])("%s", async (content, text) => {
    expect(await refused("check", { "pool.config.json": content })).toContain(text)
  })

  test("says everything at once", async () => {
    const config = {
      maxConnections: 0,
      consumers: { api: { instances: -1, poolSize: "x" } },
      deployments: { zap: 1 },
      zip: 1,
    }
    const err = await refused("check", { "pool.config.json": config })
    const names = [
      "zip",
      "maxConnections",
      "consumers.api.instances",
      "consumers.api.poolSize",
      "deployments.zap",
    ]
    expect(err.match(/^prisma-pool: pool\.config\.json: [\w.]+(?=: )/gm)).toEqual(
      names.map((name) => `prisma-pool: pool.config.json: ${name}`),
    )
  })

  test.each([
    ["throw new Error('no')", "pool.config.js: cannot be loaded: no"],
    ["throw new Error('no\\nmore')", "pool.config.js: cannot be loaded: no. Export"],
    [
      "throw new Error('no postgresql://app:s3cr3t w0rd@db/core, is it?')",
      "pool.config.js: cannot be loaded: no (a URL). Export",
    ],
    ["import './nowhere.js'", "cannot be loaded: Cannot find module"],
    ["export const fleet = {}", "pool.config.js: pool.config: missing"],
    ["export default () => ({})", "pool.config.js: pool.config: received a function"],
    ["export default {", "pool.config.js: cannot be loaded"],
  ])("%s", async (code, text) => {
    const files = { "pool.config.js": code, "package.json": { type: "module" } }
    expect(await refused("check", files)).toContain(text)
  })
})

test("an error of our own is 3 as well, with where it happened and not with what it says", async () => {
  const err: string[] = []
  const io: Io = {
    ...quietIo("/"),
    stdout: () => {
      throw new TypeError("s3cr3t")
    },
    stderr: (text) => err.push(text),
  }
  expect(await run(words("check --max-connections 100 --consumer api=1x1"), io, "0.0.0")).toBe(3)
  expect(err.join("")).toMatch(
    /^prisma-pool: this is an error in prisma-pool itself: please report it\nTypeError\n {4}at /,
  )
  expect(err.join("")).not.toContain("s3cr3t")
})
