import { type Inspectable, inspectDatabase } from "../inspect/inspect-database.ts"
import type { Outcome } from "./watch-state.ts"

/** One look at a server, whatever comes of it. */
export function poll(client: Inspectable): Promise<Outcome> {
  return inspectDatabase(client).then(
    (report) => ({ report }),
    (error: unknown) => ({ error }),
  )
}

/** What comes of a look, unless it takes longer than that. It goes on all the same. */
export async function withTimeout(looking: Promise<Outcome>, seconds: number): Promise<Outcome> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<Outcome>((resolve) => {
    timer = setTimeout(() => resolve({ error: new Error(`no answer in ${seconds} s`) }), seconds * 1000)
    timer.unref()
  })
  try {
    return await Promise.race([looking, late])
  } finally {
    clearTimeout(timer)
  }
}
