// Queries for each second of this process's processor time on a pool with auto and on one of the same size, in turn: what bounds both is the
// processor, and 1 % does not show in the time of a machine that has other things to do.
import { createPool, type Pool } from "prisma-pool-config"

const CALLERS = 20
const SIZE = 10
const SLICE_MS = 150
const LIFE_MS = 180_000

export interface CostRound {
  /** The pool of a fixed size. */
  readonly a: number
  readonly b: number
}

async function slice(pool: Pool): Promise<number> {
  let count = 0
  const begin = performance.now()
  const cpu = process.cpuUsage()
  await Promise.all(
    Array.from({ length: CALLERS }, async (_, caller) => {
      for (; performance.now() - begin < SLICE_MS; count += 1) {
        await pool.query("SELECT id, title FROM mission WHERE id = $1", [caller + 1])
      }
    }),
  )
  const { user, system } = process.cpuUsage(cpu)
  return (count * 1e6) / (user + system)
}

async function rounds(count: number, a: Pool, b: Pool): Promise<CostRound[]> {
  const results: CostRound[] = []
  for (let round = 0; round < count; round += 1) {
    if (round % 2 === 0) {
      const first = await slice(a)
      results.push({ a: first, b: await slice(b) })
    } else {
      const first = await slice(b)
      results.push({ a: await slice(a), b: first })
    }
  }
  return results
}

process.on("message", async (count: number) => {
  const url = new URL(process.env["DATABASE_URL_CORE"] ?? "")
  url.searchParams.set("connection_limit", String(SIZE))
  const [fixed, other] = [createPool(url.href), createPool(url.href)]
  const auto = createPool(url.href, { poolSize: "auto" })
  // What they run is compiled, and every connection is there.
  for (let turn = 0; turn < 4; turn += 1) for (const pool of [fixed, other, auto]) await slice(pool)
  if (auto.totalCount !== SIZE) throw new Error(`the pool with auto has ${auto.totalCount} connections`)
  // Both in turn, so that a machine that changes does so for both.
  const compared: CostRound[] = []
  const itself: CostRound[] = []
  for (let done = 0; done < count; done += 2) {
    compared.push(...(await rounds(2, fixed, auto)))
    itself.push(...(await rounds(2, fixed, other)))
  }
  process.send?.({ compared, itself })
})
process.on("disconnect", () => process.exit())
setTimeout(() => process.exit(1), LIFE_MS).unref()
process.send?.("ready")
