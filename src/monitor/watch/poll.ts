/** The outcome of a poll. */
export type Outcome<Report> = { readonly report: Report } | { readonly error: unknown }

/** Polls once; an error becomes an outcome. */
export function poll<Report>(inspect: () => Promise<Report>): Promise<Outcome<Report>> {
  return inspect().then(
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
