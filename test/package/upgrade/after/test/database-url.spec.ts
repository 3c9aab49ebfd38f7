import "dotenv/config"
import { test } from "node:test"
import { databaseUrl, poolConfigFromUrl } from "prisma-pool-config"

test("every parameter of the database URL takes effect", () => {
  poolConfigFromUrl(databaseUrl(), { strict: true })
})
