// An instance of a service whose pool follows the others: callers that ask again as soon as they are served.
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"

/** What a process is told. */
export type AutoOrder = { readonly callers: number } | "report"

/** What became of its requests so far. */
export interface AutoReport {
  readonly served: number
  /** Codes and texts. */
  readonly errors: readonly string[]
}

const prisma = createCoreClient(PrismaClient)
const errors: string[] = []
let wanted = 0
let served = 0

async function caller(place: number): Promise<void> {
  while (place < wanted) {
    try {
      await prisma.$queryRaw`SELECT 1 FROM pg_sleep(0.02)`
      served += 1
    } catch (error) {
      const { code, message } = error as { readonly code?: string; readonly message?: string }
      errors.push(`${code} ${message}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
}

process.on("message", (order: AutoOrder) => {
  if (order === "report") {
    process.send?.({ served, errors } satisfies AutoReport)
    return
  }
  const before = wanted
  wanted = order.callers
  for (let place = before; place < wanted; place += 1) void caller(place)
})
process.once("disconnect", () => process.exit())
process.send?.("ready")
