import "dotenv/config"
import { withCoreClient } from "prisma-pool-config"
import { PrismaClient } from "../../prisma/core/generated/client.ts"

const MONTHS = 24

// CSV on stdout: `export-stats > stats.csv`. What it has done goes to stderr.
const lines = await withCoreClient(PrismaClient, { log: ["error"] }, async (prisma) => {
  const partners = await prisma.partner.findMany({ orderBy: { name: "asc" } })
  const figures = partners.flatMap((partner) => lastMonths(MONTHS).map((month) => ({ partner, month })))

  // All at once, and the pool decides how many run. One that waited longer than the pool timeout would fail.
  return Promise.all(
    figures.map(async ({ partner, month }) => {
      const createdAt = { gte: month.from, lt: month.to }
      const missions = await prisma.mission.count({ where: { partnerId: partner.id, createdAt } })
      return `${partner.name},${month.from.toISOString().slice(0, 7)},${missions}`
    }),
  )
})

console.log(["partner,month,missions", ...lines].join("\n"))
console.error(`exported ${lines.length} figures`)

function lastMonths(count: number) {
  const now = new Date()
  const firstOf = (ago: number) => new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - ago))
  return Array.from({ length: count }, (_, ago) => ({ from: firstOf(ago), to: firstOf(ago - 1) }))
}
