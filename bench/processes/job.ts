// A job, each time that it is told to go: batches of queries that start together, then it is over. One that fails is a failed job.
import { type Counts, count } from "./counts.ts"
import { type Environment, enter } from "./environment.ts"
import { kindOfFailure } from "./failures.ts"
import { requestsOf, temporaryTables } from "./requests.ts"
import { client } from "./ways.ts"

const BATCHES = 2
const AT_ONCE = 20
const LIFE_MS = 600_000

process.removeAllListeners("warning")
setTimeout(() => process.exit(1), LIFE_MS).unref()
process.on("disconnect", () => process.exit())
process.on("message", async (environment: Environment) => {
  enter(environment)
  const failed = await run()
  process.send?.(failed)
})
// Loading is over before anything is measured.
process.send?.("ready")

async function run(): Promise<Counts> {
  const prisma = client()
  const request = requestsOf(process.env["BENCH_LOAD"])
  const failed: Counts = {}
  const remember = (error: unknown) => count(failed, kindOfFailure(error))
  for (let batch = 0; batch < BATCHES; batch++) {
    await Promise.allSettled([
      temporaryTables(prisma).catch(remember),
      ...Array.from({ length: AT_ONCE }, (_, index) =>
        request(prisma, process.pid + batch * AT_ONCE + index).catch(remember),
      ),
    ])
    // Nobody goes on with a batch that is incomplete.
    if (Object.keys(failed).length > 0) break
  }
  await prisma.$disconnect()
  return failed
}
