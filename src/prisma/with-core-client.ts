import { PoolConfigError } from "../error.ts"
import { warn } from "../pool/warn.ts"
import type { CoreAdapterOptions } from "./core-adapter.ts"
import { type CoreClientOptions, createCoreClient } from "./create-core-client.ts"
import type { NoOptions, PrismaClientClass } from "./prisma-client.ts"

interface Disconnectable {
  $disconnect(): Promise<void>
}

/**
 * Runs a job with a Core client of its own and disconnects it in any case, so that the container ends and the
 * server gets its connections back at once.
 *
 * @param PrismaClient the generated class
 * @param options as for {@link createCoreClient}; may be left out
 * @param run the job
 * @returns what `run` returns
 * @throws what `run` throws, and what {@link createCoreClient} throws. A disconnect that fails is a process
 *   warning: the work is done by then.
 * @example
 * ```ts
 * await withCoreClient(PrismaClient, async (prisma) => {
 *   await prisma.mission.deleteMany({ where: { createdAt: { lt: lastYear } } })
 * })
 * ```
 */
export async function withCoreClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  run: (client: Client) => Result | Promise<Result>,
): Promise<Result>
export async function withCoreClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options: undefined,
  run: (client: Client) => Result | Promise<Result>,
): Promise<Result>
export async function withCoreClient<
  Client extends Disconnectable,
  Result,
  Options extends CoreClientOptions = NoOptions,
>(
  PrismaClient: PrismaClientClass<Omit<Options, keyof CoreAdapterOptions>, Client>,
  options: Options | undefined,
  run: (client: Client) => Result | Promise<Result>,
): Promise<Result>
export async function withCoreClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  optionsOrRun: CoreClientOptions | undefined | ((client: Client) => Result | Promise<Result>),
  maybeRun?: (client: Client) => Result | Promise<Result>,
): Promise<Result> {
  const [options, run] =
    typeof optionsOrRun === "function" ? [undefined, optionsOrRun] : [optionsOrRun, maybeRun]
  if (typeof run !== "function") {
    const remedy = "Pass the job, a function of the client"
    throw new PoolConfigError([{ name: "run", problem: "is not a function", remedy }])
  }
  const client = createCoreClient(PrismaClient, options)
  try {
    return await run(client)
  } finally {
    await client.$disconnect().catch(() => warn("A job's client could not be disconnected cleanly."))
  }
}
