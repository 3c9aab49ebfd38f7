// Not to be copied: what worked up to Prisma 6, and what the demo shows of it on Prisma 7.
import "dotenv/config"
import { PrismaPg } from "@prisma/adapter-pg"
import { PrismaClient } from "../prisma/core/generated/client.ts"

const connectionString =
  // biome-ignore lint/style/useTemplate: as it stands in the applications that do it
  process.env["DATABASE_URL_CORE"] + "?connection_limit=3&pool_timeout=20&connect_timeout=10"

const prisma = new PrismaClient({ adapter: new PrismaPg({ connectionString }), log: ["error"] })

const queries = Array.from({ length: 500 }, () => prisma.mission.findMany({ take: 20 }))
await Promise.all(queries)
console.log(`answered ${queries.length} queries`)
await prisma.$disconnect()
