import type { Prisma, PrismaClient } from "../../prisma/core/generated/client.ts"
import { despitePoolTimeout, eventually, times } from "./helpers.ts"

/** Of a transaction that must be served however long a busy machine takes: Prisma's own limits are 2 s and 5 s. */
export const PATIENT = { maxWait: 60_000, timeout: 60_000 }

/**
 * Holds so many connections by transactions, in each of which `hold` was sent, until the function that it returns is called.
 *
 * @param hold what is still under way when the connections are held
 */
export async function holdTransactions(
  client: PrismaClient,
  count: number,
  hold: (tx: Prisma.TransactionClient) => PromiseLike<unknown> = async () => {},
): Promise<() => Promise<void>> {
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  let held = 0
  const transactions = times(count, () =>
    despitePoolTimeout(() =>
      client.$transaction(async (tx) => {
        await tx.$queryRaw`SELECT 1`
        const holding = hold(tx).then(() => {})
        held += 1
        await released
        await holding
      }, PATIENT),
    ),
  )
  await eventually(`${count} transactions`, () => held === count)
  return async () => {
    release()
    await Promise.all(transactions)
  }
}
