import { describe, expect, test } from "vitest"
import { compose, postgres, service } from "../deployments/compose-file.ts"
import { command, words } from "../support/command.ts"

const shop = compose({
  db: postgres(),
  api: service({ environment: { DB_HOST: "db", DB_NAME: "shop", DB_POOL_SIZE: "8" }, scale: 3 }),
  worker: service({ environment: { DB_HOST: "db", DB_NAME: "shop" } }),
})
const files = { "compose.json": shop }
const CHECK = "check --compose compose.json"

describe("check --marker", () => {
  test("counts what has its database's address in parts, by --size-variable", async () => {
    const { code, out } = await command(words(`${CHECK} --marker DB_HOST --size-variable DB_POOL_SIZE`), {
      files,
    })
    // 3 × 8 + 15
    expect(code).toBe(0)
    expect(out).toContain("✓ fits: 39 of 197 usable connections")
    expect(out).toContain(
      "service/worker.DB_POOL_SIZE: 15 assumed, this package's default; plain Prisma 7 opens 10. Set DB_POOL_SIZE, or override poolSize.",
    )
    expect(out).toContain("DATABASE_URL_CORE, DB_HOST in a compose file")
  })

  test("without it, the workloads with a usual marker are named, and the verdict is 2", async () => {
    const { code, out } = await command(words(CHECK), { files })
    expect(code).toBe(2)
    expect(out).toMatch(/service\/api\.DB_HOST, service\/worker\.DB_HOST: .*add --marker DB_HOST/)
  })

  test("adds to the markers of a declaration", async () => {
    const declaration = { deployments: { markers: ["DB_HOST"], sizeVariable: "DB_POOL_SIZE" } }
    const config = { ...files, "pool.config.json": declaration }
    const { out } = await command(words(`${CHECK} --marker PGHOST`), { files: config })
    expect(out).toContain("✓ fits: 39 of 197 usable connections")
  })

  test.each([
    ["--marker DATABASE_URL", "--database"],
    ["--marker 2X", "DB_HOST"],
    ["--size-variable 1", "DB_POOL_SIZE"],
  ])("%s is refused, with what to give", async (flag, remedy) => {
    const { code, err } = await command(words(`${CHECK} ${flag}`), { files })
    expect(code).toBe(3)
    expect(err).toContain(remedy)
  })

  test("a marker that goes since the base relaxes the check", async () => {
    const declared = (markers: readonly string[]) => ({
      deployments: { markers, sizeVariable: "DB_POOL_SIZE" },
    })
    const both = {
      ...files,
      "base.json": declared(["DB_HOST", "PGHOST"]),
      "pool.config.json": declared(["DB_HOST"]),
    }
    const { code, out } = await command(words(`${CHECK} --base base.json`), { files: both })
    expect(code).toBe(1)
    expect(out).toContain("deployments.markers: DB_HOST, PGHOST → DB_HOST")
  })
})

test("plan gives each its size in the size variable", async () => {
  const { code, out } = await command(
    words("plan --compose compose.json --marker DB_HOST --size-variable DB_POOL_SIZE"),
    { files },
  )
  expect(code).toBe(0)
  expect(out).toMatch(/ {6}DB_POOL_SIZE: "\d+"/)
})
