import { expect, test } from "vitest"
import { freshDatabase, sampleBackends, sharedPostgres } from "../postgres/helpers.ts"
import { describePrismaProject } from "./describe-prisma-project.ts"
import { PRISMA_7 } from "./prisma-project.ts"

const expected = { maxWait: "P2028", unknown: { esm: [], cjs: [] } } as const

describePrismaProject("Prisma 7.10", PRISMA_7, expected, (user) => {
  test("the ESM and the CommonJS copy in one process share one pool", async () => {
    const database = await freshDatabase()
    const env = { DATABASE_URL_CORE: sharedPostgres().url(database), PRISMA_POOL_SIZE_CORE: "3" }
    const { peak } = await sampleBackends(sharedPostgres(), database, async () => {
      expect(await user().project.run("one-pool.mjs", [], { env })).toEqual({ copies: 2, served: 30 })
    })
    expect(peak).toBe(3)
  })

  test("a PoolConfigError of any subpath in any format is one in all others", async () => {
    const found = await user().project.run("brand.mjs")
    expect(found).toEqual({ copies: 8, unrecognised: [], mistaken: [] })
  })
})
