import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { coreDatabaseUrl, createCoreClient, createPool } from "../../src/index.ts"

type Environment = Readonly<Record<string, string>>

/** What a process is told to do with its pools. It answers each order with the errors that it has had. */
export type Order =
  /** To open them, one for each environment, and to hold every connection of each. */
  | { readonly hold: readonly Environment[]; readonly with: "client" | "pool" }
  /** To let go of every connection at once, and to fill the pools with new ones. */
  | "renew"
  | "close"

interface Pool {
  readonly size: number
  /** Runs a statement, and then `work`, on a connection that it holds. */
  use(statement: string, work: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

/** A backend with temporary objects to drop keeps its slot for a while after its client has said goodbye. */
const SLOW_TO_END = `DO $$ BEGIN
  FOR i IN 1..400 LOOP EXECUTE format('CREATE DOMAIN pg_temp.d%s AS int', i); END LOOP;
END $$`
const FOR_EVER = { maxWait: 2_147_483_647, timeout: 2_147_483_647 }

function clientPool(env: Environment): Pool {
  const client = createCoreClient(PrismaClient, { env })
  return {
    size: Number(env["PRISMA_POOL_SIZE_CORE"]),
    use: (statement, work) =>
      client.$transaction(async (transaction) => {
        await transaction.$executeRawUnsafe(statement)
        await work()
      }, FOR_EVER),
    close: () => client.$disconnect(),
  }
}

function plainPool(env: Environment): Pool {
  const pool = createPool(coreDatabaseUrl(env))
  return {
    size: Number(env["PRISMA_POOL_SIZE_CORE"]),
    async use(statement, work) {
      const connection = await pool.connect()
      try {
        await connection.query(statement)
        await work()
      } finally {
        connection.release()
      }
    },
    close: () => pool.end(),
  }
}

/** Holds a connection until it lets go, and then wants the next at once. */
interface Caller {
  readonly pool: Pool
  readonly statement: string
  over: Promise<void>
}

let pools: readonly Pool[] = []
let callers: readonly Caller[] = []
let letGo = () => {}
let errors: string[] = []

/** Until every caller holds a connection, or has had an error. */
async function fill(): Promise<void> {
  const end = new Promise<void>((resolve) => {
    letGo = resolve
  })
  const settled = callers.map(
    (caller) =>
      new Promise<void>((settle) => {
        const hold = () => {
          settle()
          return end
        }
        caller.over = caller.over
          .then(() => caller.pool.use(caller.statement, hold))
          .catch((error) => void errors.push(describe(error)))
          .finally(settle)
      }),
  )
  await Promise.all(settled)
}

/** The server's SQLSTATE, from its own error or from the one that Prisma's has inside, and the text. */
function describe(error: unknown): string {
  const { code, meta, message } = error as {
    readonly code?: string
    readonly meta?: { readonly driverAdapterError?: { readonly cause?: { readonly originalCode?: string } } }
    readonly message?: string
  }
  return `${meta?.driverAdapterError?.cause?.originalCode ?? code} ${message}`
}

async function carryOut(order: Order): Promise<void> {
  if (order === "close") {
    letGo()
    await Promise.all(callers.map(({ over }) => over))
    await Promise.all(pools.map((pool) => pool.close()))
  } else if (order === "renew") {
    const release = letGo
    const filled = fill()
    release()
    await filled
  } else {
    pools = order.hold.map(order.with === "client" ? clientPool : plainPool)
    callers = pools.flatMap((pool) =>
      Array.from({ length: pool.size }, (_, index) => ({
        pool,
        statement: index === 0 ? SLOW_TO_END : "SELECT 1",
        over: Promise.resolve(),
      })),
    )
    await fill()
  }
}

process.on("message", async (order: Order) => {
  await carryOut(order)
  process.send?.(errors)
  errors = []
})
// Nobody is left to give orders, whatever has become of the tests.
process.once("disconnect", () => process.exit())
