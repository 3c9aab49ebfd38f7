/** An error that says what happened: a host with several addresses has one for each, and the whole says nothing. */
export function said(error: unknown): unknown {
  const { errors, code } = (error ?? {}) as { errors?: unknown; code?: unknown }
  if (!(error instanceof Error) || error.message !== "" || !Array.isArray(errors)) return error
  const message = errors.map((each) => (each as Error).message).join("; ")
  return Object.assign(new Error(message, { cause: error }), code === undefined ? {} : { code })
}
