/** The parts of a client that its types leave out. `$extends` shares the engine. */
interface Internals {
  readonly _engine?: { transaction?: (...parameters: unknown[]) => Promise<unknown> } | undefined
}

interface Fields {
  readonly code?: unknown
  readonly message?: unknown
  meta?: object
}

/** Prisma's error of an interactive transaction that got no connection within `maxWait`. */
const NOT_STARTED = /Unable to start a transaction in the given time/

/**
 * Adds the reason to Prisma's error of a transaction that did not start within `maxWait`, as `meta.cause`: without it a server
 * that is full or away looks like a pool that is too small.
 *
 * Prisma's timer is its own: no adapter sees it end. If Prisma ever renames its engine, the error has no reason.
 *
 * @param reason returns the error for which the pool has no connection; undefined if it has some
 */
export function explainStartTimeouts(client: object, reason: () => unknown): void {
  const { _engine: engine } = client as Internals
  const transaction = engine?.transaction?.bind(engine)
  if (engine === undefined || transaction === undefined) return
  engine.transaction = async (...parameters) => {
    try {
      return await transaction(...parameters)
    } catch (error) {
      const { code, message, meta } = (error ?? {}) as Fields
      const cause = code === "P2028" && NOT_STARTED.test(String(message)) ? reason() : undefined
      if (cause !== undefined) (error as Fields).meta = { ...meta, cause }
      throw error
    }
  }
}
