import { describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"

const FLEET = { maxConnections: 100, consumers: { api: { instances: 1, poolSize: 10, surge: 0 } } }
const PROGRAM = `export default ${JSON.stringify(FLEET)}`

const inCi = (line: string, files: Readonly<Record<string, unknown>>, CI = "true") =>
  command(words(line), { files: { ...files, "package.json": { type: "module" } }, env: { CI } })

const refusal = (file: string) =>
  `prisma-pool: ${file}: is a program, and would run with the rights of this job. Write pool.config.json, or give --allow-js.\n`

/** Fails the test where it runs. */
const TRAP = 'throw new Error("this ran")'

describe("in CI a declaration that is a program", () => {
  test.each(["check", "plan", "inspect", "preflight"])("is refused by %s where it is found", async (line) => {
    const { code, out, err } = await inCi(line, { "pool.config.mjs": TRAP })
    expect([code, out, err]).toEqual([3, "", refusal("pool.config.mjs")])
  })

  test.each(["fleet.js", "fleet.mjs", "fleet.cjs", "fleet.ts", "fleet"])(
    "is refused where it is named: %s",
    async (file) => {
      const { code, err } = await inCi(`check --config ${file}`, { [file]: TRAP })
      expect([code, err]).toEqual([3, refusal(file)])
    },
  )

  test("is refused as the one of the base", async () => {
    const { code, err } = await inCi("check --config fleet.json --base base.js", {
      "fleet.json": FLEET,
      "base.js": TRAP,
    })
    expect([code, err]).toEqual([3, refusal("base.js")])
  })

  test.each(["check", "plan", "check --config pool.config.js", "check --base pool.config.js"])(
    "runs with --allow-js: %s",
    async (line) => {
      const { code } = await inCi(`${line} --allow-js`, { "pool.config.js": PROGRAM })
      expect(code).toBe(0)
    },
  )

  test.each(["inspect", "preflight"])("runs with --allow-js: %s", async (line) => {
    const { err } = await inCi(`${line} --allow-js`, { "pool.config.js": PROGRAM })
    // The next thing that is missing.
    expect(err).toContain("DATABASE_URL_CORE: is not set")
  })

  test("is no declaration that is data", async () => {
    expect((await inCi("check", { "pool.config.json": FLEET, "pool.config.js": TRAP })).code).toBe(0)
  })
})

test.each(["", "false", "0"])("CI=%o is no CI", async (value) => {
  expect((await inCi("check", { "pool.config.js": PROGRAM }, value)).code).toBe(0)
})

test.each(["1", "true", "woodpecker"])("CI=%o is", async (value) => {
  expect((await inCi("check", { "pool.config.js": TRAP }, value)).code).toBe(3)
})
