// What shares a client's pool, one library a process: the argument. Nothing here ends the process.
import { createPrismaClient } from "prisma-pool-config"
import { PrismaClient } from "../cjs/core/generated/index.js"

const until = (subscribe) => new Promise(subscribe)

const libraries = {
  async vercel(pool, client) {
    const { attachDatabasePool } = await import("@vercel/functions")
    // As Vercel's runtime has it: what is passed here keeps a function alive.
    const kept = []
    globalThis[Symbol.for("@vercel/request-context")] = {
      get: () => ({ waitUntil: (over) => kept.push(over) }),
    }
    Object.assign(process.env, { VERCEL_URL: "shop.vercel.app", VERCEL_REGION: "cdg1" })
    attachDatabasePool(pool)
    await client.$queryRaw`SELECT 1`
    await Promise.all(kept)
    return { kept: kept.length > 0, left: pool.totalCount }
  },

  async "graphile-worker"(pool, client) {
    const { Logger, quickAddJob, run } = await import("graphile-worker")
    const logger = new Logger(() => () => {})
    let ran
    const done = until((resolve) => {
      ran = resolve
    })
    const taskList = { greet: async ({ name }) => ran(`hello ${name}`) }
    const runner = await run({ pgPool: pool, taskList, logger, concurrency: 1, noHandleSignals: true })
    await quickAddJob({ pgPool: pool, logger }, "greet", { name: "Ada" })
    // Beside the job that listens, Prisma has a connection.
    const said = { job: await done, partners: await client.partner.count() }
    await runner.stop()
    return said
  },

  async "pg-boss"(pool, client) {
    const { default: PgBoss } = await import("pg-boss")
    const boss = new PgBoss({ db: { executeSql: (text, values) => pool.query(text, values) } })
    await boss.start()
    await boss.createQueue("greet")
    const done = until((resolve) => {
      void boss.work("greet", { pollingIntervalSeconds: 0.5 }, async ([job]) =>
        resolve(`hello ${job.data.name}`),
      )
    })
    await boss.send("greet", { name: "Ada" })
    const said = { job: await done, partners: await client.partner.count() }
    await boss.stop()
    return said
  },
}

let pool
const client = createPrismaClient(PrismaClient, {
  onPool: (made) => {
    pool = made
  },
})
await client.$connect()
const said = await libraries[process.argv[2]](pool, client)
await client.$disconnect()
console.log(JSON.stringify({ ...said, ended: pool.ended, connections: pool.totalCount }))
