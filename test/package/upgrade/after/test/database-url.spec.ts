import "dotenv/config"
import { test } from "node:test"
import { poolConfigFromUrl } from "prisma-pool-config"

test("every parameter of the database URL takes effect", () => {
  poolConfigFromUrl(process.env.DATABASE_URL ?? "", { strict: true })
})
