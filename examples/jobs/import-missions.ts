import "dotenv/config"
import { withCoreClient } from "prisma-pool-config"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { partnerFeed } from "./partner-feed.ts"

const imported = await withCoreClient(PrismaClient, { log: ["error"] }, async (prisma) => {
  const partners = await prisma.partner.findMany()

  // Every feed at once: however many partners there are, the pool keeps to its limit.
  const counts = await Promise.all(
    partners.map(async ({ id, name }) => {
      let missions = 0
      for await (const titles of partnerFeed(name)) {
        const data = titles.map((title) => ({ title, partnerId: id }))
        missions += (await prisma.mission.createMany({ data })).count
      }
      return missions
    }),
  )
  return counts.reduce((sum, count) => sum + count, 0)
})

console.log(`imported ${imported} missions`)
