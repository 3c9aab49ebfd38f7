import { type Inspectable, inspectDatabase } from "../inspect/inspect-database.ts"
import type { Outcome } from "./watch-state.ts"

/** Polls a server once; an error becomes an outcome. */
export function poll(client: Inspectable): Promise<Outcome> {
  return inspectDatabase(client).then(
    (report) => ({ report }),
    (error: unknown) => ({ error }),
  )
}

/** Returns the poll's outcome, or a timeout error after `seconds`. The poll itself is not cancelled. */
export async function withTimeout<Result>(
  polling: Promise<Result>,
  seconds: number,
): Promise<Result | { readonly error: unknown }> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<{ readonly error: unknown }>((resolve) => {
    timer = setTimeout(() => resolve({ error: new Error(`no answer in ${seconds} s`) }), seconds * 1000)
    timer.unref()
  })
  try {
    return await Promise.race([polling, late])
  } finally {
    clearTimeout(timer)
  }
}
