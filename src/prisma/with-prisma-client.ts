import { CORE } from "../config/database-variables.ts"
import { PoolConfigError } from "../error.ts"
import { warn } from "../pool/warn.ts"
import {
  type CoreClientOptions,
  createPrismaClient,
  type OwnOption,
  type PrismaClientOptions,
} from "./create-prisma-client.ts"
import type { AdapterOptions } from "./prisma-adapter.ts"
import { checkArguments, type NoOptions, type PrismaClientClass } from "./prisma-client.ts"

interface Disconnectable {
  $disconnect(): Promise<void>
}

/** A job: a function that takes the client. */
type Job<Client, Result> = (client: Client) => Result | Promise<Result>

/**
 * Runs a job with its own client, and disconnects it in any case. The container can then end, and the server gets its
 * connections back at once.
 *
 * @param PrismaClient the generated class
 * @param options as for {@link createPrismaClient}; may be left out
 * @param run the job
 * @returns the result of `run`
 * @throws the errors of `run` and of {@link createPrismaClient}. A failed disconnect is only a process warning: the
 *   work is done by then.
 * @example
 * ```ts
 * await withPrismaClient(PrismaClient, async (prisma) => {
 *   await prisma.mission.deleteMany({ where: { createdAt: { lt: lastYear } } })
 * })
 * ```
 */
export async function withPrismaClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  run: Job<Client, Result>,
): Promise<Result>
export async function withPrismaClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options: undefined,
  run: Job<Client, Result>,
): Promise<Result>
export async function withPrismaClient<
  Client extends Disconnectable,
  Result,
  Options extends PrismaClientOptions,
>(
  PrismaClient: PrismaClientClass<Omit<Options, OwnOption>, Client>,
  options: Options | undefined,
  run: Job<Client, Result>,
): Promise<Result>
export async function withPrismaClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  optionsOrRun: PrismaClientOptions | undefined | Job<Client, Result>,
  maybeRun?: Job<Client, Result>,
): Promise<Result> {
  const [options, run] =
    typeof optionsOrRun === "function" ? [undefined, optionsOrRun] : [optionsOrRun, maybeRun]
  if (typeof run !== "function") {
    const remedy = "Pass the job: a function that takes the client"
    throw new PoolConfigError([{ name: "run", problem: "is not a function", remedy }])
  }
  const client = createPrismaClient(PrismaClient, options)
  try {
    return await run(client)
  } finally {
    await client.$disconnect().catch(() => warn("A job's client could not be disconnected cleanly."))
  }
}

/**
 * Runs a job with its own Core client: {@link withPrismaClient} with `database: "CORE"`.
 *
 * @param PrismaClient the generated class
 * @param options as for {@link createCoreClient}; may be left out
 * @param run the job
 * @returns the result of `run`
 * @throws the errors of `run` and of {@link createCoreClient}. A failed disconnect is only a process warning: the
 *   work is done by then.
 * @example
 * ```ts
 * await withCoreClient(PrismaClient, async (prisma) => {
 *   await prisma.mission.deleteMany({ where: { createdAt: { lt: lastYear } } })
 * })
 * ```
 */
export async function withCoreClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  run: Job<Client, Result>,
): Promise<Result>
export async function withCoreClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  options: undefined,
  run: Job<Client, Result>,
): Promise<Result>
export async function withCoreClient<
  Client extends Disconnectable,
  Result,
  Options extends CoreClientOptions,
>(
  PrismaClient: PrismaClientClass<Omit<Options, keyof AdapterOptions>, Client>,
  options: Options | undefined,
  run: Job<Client, Result>,
): Promise<Result>
export async function withCoreClient<Client extends Disconnectable, Result>(
  PrismaClient: PrismaClientClass<NoOptions, Client>,
  optionsOrRun: CoreClientOptions | undefined | Job<Client, Result>,
  maybeRun?: Job<Client, Result>,
): Promise<Result> {
  const [options, run] =
    typeof optionsOrRun === "function" ? [undefined, optionsOrRun] : [optionsOrRun, maybeRun]
  checkArguments(PrismaClient, options)
  return withPrismaClient(PrismaClient, { ...options, database: CORE }, run as Job<Client, Result>)
}
