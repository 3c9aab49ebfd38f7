import { readFile } from "node:fs/promises"
import { join } from "node:path"
import { expect, test } from "vitest"
import { consumer, namespace, server } from "../deployments/resources.ts"
import { command } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"

const json = plan([
  server("main"),
  namespace,
  consumer("api"),
  { address: "aws_batch_job_definition.batch", values: { container_definitions: "-e DATABASE_URL_CORE" } },
])
const files = { "plan.json": json }
const args = (name: string) => [name, "-t", "plan.json"]

test("a check is green by the baseline that the command wrote, and says what it acknowledges", async () => {
  const written = await command([...args("baseline"), "--reason", "5 in reserved"], { files })
  expect([written.code, written.out, written.err]).toEqual([
    0,
    "",
    "Wrote pool.baseline.json: 1 acknowledged, 1 counted\n",
  ])
  const { cwd } = written
  const checked = await command(args("check"), { cwd })
  expect(checked.code).toBe(0)
  expect(checked.err).toBe("Using pool.baseline.json\n")
  expect(checked.out).toContain(
    "Acknowledged\n  aws_batch_job_definition.batch: has DATABASE_URL_CORE, and resources of type aws_batch_job_definition are not read (5 in reserved)",
  )
  const { out } = await command([...args("check"), "--format", "json"], { cwd })
  expect(JSON.parse(out)).toMatchObject({
    servers: [{ acknowledged: [{ name: "aws_batch_job_definition.batch", reason: "5 in reserved" }] }],
  })
  const github = await command([...args("check"), "--format", "github"], { cwd })
  expect(github.out).toContain("Acknowledged: aws_batch_job_definition.batch")
  // Written again, it keeps its reasons.
  expect((await command(args("baseline"), { cwd })).code).toBe(0)
  expect(await readFile(join(cwd, "pool.baseline.json"), "utf8")).toContain("5 in reserved")
})

test("what is new needs a reason, and nothing is written without one", async () => {
  const { code, err, cwd } = await command(args("baseline"), { files })
  expect(code).toBe(3)
  expect(err).toContain("aws_batch_job_definition.batch: is new in the baseline (type), and has no reason")
  await expect(readFile(join(cwd, "pool.baseline.json"))).rejects.toThrow("ENOENT")
})

test("another file is written and read by its name", async () => {
  const { cwd } = await command([...args("baseline"), "--baseline", "b.json", "--reason", "x"], { files })
  expect((await command(args("check"), { cwd })).code).toBe(2)
  expect((await command([...args("check"), "--baseline", "b.json"], { cwd })).code).toBe(0)
})

test.each([
  [
    "without a plan",
    ["baseline", "--max-connections", "9"],
    "--terraform, --kubernetes, --compose, --render or --app-spec: missing",
  ],
  ["that is not there", [...args("check"), "--baseline", "none.json"], "none.json: cannot be read (ENOENT)"],
  ["that is no baseline", [...args("check"), "--baseline", "plan.json"], "plan.json: acknowledged: missing"],
])("a baseline %s is bad input", async (_, line, message) => {
  const { code, err } = await command(line, { files })
  expect(code).toBe(3)
  expect(err).toContain(message)
})
