import { definePrismaConfig } from "@prisma/cli-engine"
import { defineConfig } from "@prisma/orm-postgres/config"

export default definePrismaConfig({
  orm: defineConfig({
    contract: "./src/prisma/contract.prisma",
    output: "./src/prisma/generated",
    db: { connection: process.env["DATABASE_URL"] ?? "" },
  }),
})
