interface Answer {
  readonly rows: readonly unknown[]
}

/** A `PrismaClient` of any version, extended with `$extends` or not. */
export interface PrismaLike {
  $queryRawUnsafe(query: string): PromiseLike<unknown>
}

/** A `pg.Client`, or a client checked out of a pool. */
export interface PgClientLike {
  query(text: string): Promise<Answer>
}

/** A `pg.Pool`. */
export interface PgPoolLike extends PgClientLike {
  readonly totalCount: number
  connect(): Promise<PgClientLike & { release(destroy?: boolean): void }>
}

/** A client, a pool or a URL for `inspectDatabase`. */
export type Inspectable = string | PrismaLike | PgClientLike | PgPoolLike

/** True if a value has this method. */
export function has(value: unknown, method: string): boolean {
  return typeof (value as Record<string, unknown> | null | undefined)?.[method] === "function"
}

/** The events of a `pg.Client`, which a pool of another kind may do without. */
interface Events {
  on(event: "error", listener: () => void): unknown
  off(event: "error", listener: () => void): unknown
}

/** Asks a client, or a pool on one of its connections, which is closed if that fails: a query may still be running on it. */
export async function onOneConnection<Result>(
  client: PgClientLike | PgPoolLike,
  ask: (client: PgClientLike) => Promise<Result>,
): Promise<Result> {
  if (!has(client, "connect") || !("totalCount" in client)) return ask(client)
  const checkedOut = await client.connect()
  // pg.Pool listens to idle connections alone, and an error event without a listener ends the process. The query rejects with it.
  const events =
    has(checkedOut, "on") && has(checkedOut, "off") ? (checkedOut as unknown as Events) : undefined
  const ignore = () => {}
  events?.on("error", ignore)
  let isUsable = false
  try {
    const result = await ask(checkedOut)
    isUsable = true
    return result
  } finally {
    checkedOut.release(!isUsable)
    events?.off("error", ignore)
  }
}
