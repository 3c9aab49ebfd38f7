import "dotenv/config"
import { defineConfig } from "prisma/config"

export default defineConfig({
  schema: "prisma/schema.prisma",
  migrations: { path: "prisma/migrations" },
  // For migrations: a direct connection, not one through a pooler.
  datasource: { url: process.env.DIRECT_URL ?? process.env.DATABASE_URL },
})
