// Which requests have sent something to the server, by the driver's own call: every way to configure a client ends there.
import { AsyncLocalStorage } from "node:async_hooks"
import pg from "pg"

/** What a request did so far. */
export interface Sending {
  /** True once it has sent a statement. An interactive transaction sends its BEGIN first. */
  hasSent: boolean
}

type Query = (this: unknown, ...parameters: unknown[]) => unknown

const current = new AsyncLocalStorage<Sending>()
/** A pool sends a statement when a connection is free, in the context of whoever gave that one back. */
const senders = new WeakMap<object, Sending>()

function before(prototype: { query: unknown }, act: (statement: object) => void): void {
  const query = prototype.query as Query
  prototype.query = function (this: unknown, ...parameters: unknown[]) {
    const [statement] = parameters
    // Prisma's adapter sends objects. What pools ask for their own sake is a string.
    if (typeof statement === "object" && statement !== null) act(statement)
    return query.apply(this, parameters)
  }
}

before(pg.Pool.prototype, (statement) => {
  const sending = current.getStore()
  if (sending !== undefined) senders.set(statement, sending)
})
before(pg.Client.prototype, (statement) => {
  const sending = senders.get(statement) ?? current.getStore()
  if (sending !== undefined) sending.hasSent = true
})

/** Runs a request, whose statements are its own. Prisma's promises are lazy: they begin where they are awaited. */
export const withSending = (sending: Sending, run: () => Promise<unknown>): Promise<unknown> =>
  current.run(sending, async () => await run())
