import { poolStats } from "prisma-pool-config/monitor"
import { isPoolTimeout, isTooManyConnections } from "prisma-pool-config/pool"
import { db, pool } from "./prisma/db.ts"

const { Partner } = db.orm.public

try {
  // More callers than connections: they take turns.
  const run = Date.now()
  const names = Array.from({ length: 50 }, (_, index) => `partner ${run}-${index}`)
  await Promise.all(names.map((name) => Partner.create({ name })))

  await db.transaction(async (tx) => {
    await tx.orm.public.Partner.where({ name: `partner ${run}-0` }).update({ name: `Ada ${run}` })
  })

  const { partners } = await Partner.aggregate((all) => ({ partners: all.count() }))
  const { opened, max } = poolStats(pool)
  console.log(`${partners} partners, over ${opened} connections of at most ${max}`)
} catch (error) {
  if (isPoolTimeout(error)) console.error("No connection of this process was free in time")
  else if (isTooManyConnections(error)) console.error("The server has no connection left")
  throw error
}
// Nothing is closed here: connections that nobody uses do not keep the process running.
