// Type tests, compiled by `npm run typecheck` here, and against Prisma 6.19 and 7.10 by the test of the packed
// tarball. Nothing in this file runs.

import { PrismaClient as Analytics } from "../../prisma/analytics/generated/client.ts"
import { type Mission, PrismaClient } from "../../prisma/core/generated/client.ts"
import { coreAdapter, createAnalyticsClient, createCoreClient, withCoreClient } from "../../src/index.ts"

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function expectType<Expected>(): <Actual>(value: Actual, equal: Equal<Actual, Expected>) => void {
  return () => {}
}

export async function models(): Promise<void> {
  const client = createCoreClient(PrismaClient)
  expectType<Mission[]>()(await client.mission.findMany(), true)
  // @ts-expect-error there is no such model
  client.nothing.findMany()

  const analytics = createAnalyticsClient(Analytics, { log: ["error"] })
  expectType<number>()(await analytics.statEvent.count(), true)
  // @ts-expect-error the pool of Analytics is the driver's
  createAnalyticsClient(Analytics, { password: () => "secret" })
}

export function on(): void {
  const client = createCoreClient(PrismaClient, {
    log: [
      { level: "query", emit: "event" },
      { level: "error", emit: "event" },
    ],
  })
  client.$on("query", (event) => expectType<number>()(event.duration, true))
  client.$on("error", (event) => expectType<string>()(event.message, true))
  // @ts-expect-error `warn` is not among the levels of the log
  client.$on("warn", () => {})
  // @ts-expect-error no log at all
  createCoreClient(PrismaClient).$on("query", () => {})
}

export async function omit(): Promise<void> {
  const client = createCoreClient(PrismaClient, { omit: { partner: { apiKey: true } } })
  const partner = await client.partner.findFirstOrThrow()
  expectType<{ id: number; name: string }>()(partner, true)
  // @ts-expect-error omitted
  partner.apiKey
}

export async function extensions(): Promise<void> {
  const client = createCoreClient(PrismaClient).$extends({
    model: {
      mission: {
        async latest(): Promise<number> {
          return 1
        },
      },
    },
    result: { partner: { shout: { needs: { name: true }, compute: ({ name }) => name.toUpperCase() } } },
  })
  expectType<number>()(await client.mission.latest(), true)
  expectType<string>()((await client.partner.findFirstOrThrow()).shout, true)
}

export async function transactions(): Promise<void> {
  const client = createCoreClient(PrismaClient, { transactionOptions: { maxWait: 10_000 } })
  const result = await client.$transaction(async (tx) => {
    // @ts-expect-error not inside a transaction
    tx.$disconnect()
    return tx.mission.count()
  })
  expectType<number>()(result, true)
  expectType<[Mission[], number]>()(
    await client.$transaction([client.mission.findMany(), client.mission.count()]),
    true,
  )
}

export async function jobs(): Promise<void> {
  expectType<number>()(await withCoreClient(PrismaClient, (client) => client.mission.count()), true)
  const options = {
    env: { PRISMA_POOL_SIZE_CORE: "5" },
    log: [{ level: "query" as const, emit: "event" as const }],
  }
  const text = await withCoreClient(PrismaClient, options, async (client) => {
    client.$on("query", () => {})
    return (await client.mission.findFirstOrThrow()).title
  })
  expectType<string>()(text, true)
}

export function refused(): void {
  // @ts-expect-error unknown option
  createCoreClient(PrismaClient, { connectionLimit: 15 })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { adapter: coreAdapter() })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { accelerateUrl: "prisma://x" })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { datasourceUrl: "postgresql://x" })
  // @ts-expect-error decided by the environment
  createCoreClient(PrismaClient, { datasources: {} })
  // @ts-expect-error not a log level
  createCoreClient(PrismaClient, { log: ["verbose"] })
  // @ts-expect-error the pool is shared: an adapter must not end it
  coreAdapter({ prismaPg: { disposeExternalPool: true } })
}

/** The NestJS recipe. */
export class PrismaService extends PrismaClient {
  constructor() {
    super({ adapter: coreAdapter() })
  }
}
