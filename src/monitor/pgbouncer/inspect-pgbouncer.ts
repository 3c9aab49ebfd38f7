import { label, PoolConfigError, type PoolConfigIssue, receivedArgument } from "../../error.ts"
import type { LimitedPoolConfig } from "../../pool/limited-pool-config.ts"
import { poolConfigFromUrl } from "../../pool/pool-config-from-url.ts"
import { askThrough } from "../inspect/ask-through.ts"
import { has, onOneConnection, type PgClientLike, type PgPoolLike } from "../inspect/inspectable.ts"
import { OWN_APPLICATION_NAME } from "../inspect/own-name.ts"
import { askConsole } from "./ask-console.ts"
import { buildPgBouncerReport } from "./build-pgbouncer-report.ts"
import { ConsoleError } from "./console-error.ts"
import { CONSOLE_DATABASE } from "./console-rows.ts"
import type { PgBouncerReport } from "./pgbouncer-report.ts"
import { Rendezvous } from "./rendezvous.ts"

/** A URL of PgBouncer's console, or a `pg` client or pool that is connected to it. */
export type PgBouncerConsole = string | PgClientLike | PgPoolLike

/**
 * Asks PgBouncer, on its console, for its clients and its server connections: who is connected, who waits and for how long,
 * and what is in use of what its pools may have.
 *
 * The console is the database `pgbouncer`, for roles in `stats_users` or `admin_users`. It takes no parameters, so that
 * a Prisma client cannot ask it. PgBouncer 1.16 and later are understood.
 *
 * One console shows one process. Replicas, and processes that share a port (`so_reuseport`), have limits and pools of their own:
 * give the console of each, by its own address or Unix socket. A port that is shared leads to any of its processes. Two URLs that lead to
 * the same one are counted once from PgBouncer 1.18 on, and `mayHaveMore` is true where the only one shares its port.
 *
 * @param console a URL, which connects for this alone and is in no figure; a `pg.Client` or a `pg.Pool` of the console; or an
 *   array of these, one for each process
 * @throws {PoolConfigError} if `console` is none of these, or a URL is wrong, or has another database than `pgbouncer`
 * @throws an error that says what to do if the role may not ask, or what answers is no PgBouncer; else the client's own
 * @example
 * ```ts
 * import { inspectPgBouncer } from "prisma-pool-config/monitor"
 *
 * const { clients, servers } = await inspectPgBouncer(process.env.PGBOUNCER_CONSOLE_URL ?? "")
 * console.log(`${clients.used} of ${clients.limit} clients, ${clients.waiting} wait, for up to ${clients.longestWaitSeconds} s`)
 * console.log(`${servers.used} of ${servers.limit} server connections in use`)
 * ```
 */
export async function inspectPgBouncer(
  console: PgBouncerConsole | readonly PgBouncerConsole[],
): Promise<PgBouncerReport> {
  return preparePgBouncer(console)()
}

/**
 * Reads consoles once, with the files that their URLs name, and returns a function that asks them at each call.
 *
 * @throws {PoolConfigError} as {@link inspectPgBouncer}
 */
export function preparePgBouncer(
  consoles: PgBouncerConsole | readonly PgBouncerConsole[],
): () => Promise<PgBouncerReport> {
  const isList = Array.isArray(consoles)
  const given: readonly unknown[] = isList ? consoles : [consoles]
  // Two equal URLs may lead to two processes; one client does not.
  const list = given.filter((each, index) => typeof each === "string" || given.indexOf(each) === index)
  const issues: PoolConfigIssue[] = []
  if (list.length === 0) {
    issues.push({ name: "console", problem: "received an empty array", remedy: "Give at least one console" })
  }
  const ways = list.flatMap((console, index) => {
    const name = isList ? `console[${index}]` : "console"
    const way = wayTo(console, name, issues)
    return way === undefined ? [] : [way]
  })
  if (issues.length > 0) throw new PoolConfigError(issues)
  return () => inspectConsoles(ways)
}

/** A way to a console: through a connection of its own, or on one that is there. */
export type Way = { readonly pool: LimitedPoolConfig } | { readonly client: PgClientLike | PgPoolLike }

function wayTo(console: unknown, name: string, issues: PoolConfigIssue[]): Way | undefined {
  if (typeof console === "string") return wayOfUrl(console, name, issues)
  if (has(console, "query")) return { client: console as PgClientLike | PgPoolLike }
  if (has(console, "$queryRawUnsafe")) {
    const remedy = "Give a URL, a pg.Client or a pg.Pool: the console takes no prepared statements"
    issues.push({ name, problem: "is a Prisma client", remedy })
    return undefined
  }
  const remedy = "Give the URL of PgBouncer's console, a pg.Client, a pg.Pool, or an array of these"
  issues.push({ name, problem: receivedArgument(console), remedy })
  return undefined
}

function wayOfUrl(url: string, name: string, issues: PoolConfigIssue[]): Way | undefined {
  try {
    const { pool } = poolConfigFromUrl(url)
    if (pool.database === CONSOLE_DATABASE) return { pool }
    issues.push({
      name,
      problem: `leads to the database ${label(String(pool.database))}, and the console is the database ${CONSOLE_DATABASE}`,
      remedy: `Put ${CONSOLE_DATABASE} in place of it, with host and port of PgBouncer`,
    })
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    issues.push(...error.issues.map((issue) => ({ ...issue, name: `${name}, ${issue.name}` })))
  }
  return undefined
}

type NamedAnswer = Awaited<ReturnType<typeof askConsole>>

/**
 * Asks all consoles while all are open: two that lead to one process see each other there, by names that no other inspection has.
 */
export async function inspectConsoles(ways: readonly Way[]): Promise<PgBouncerReport> {
  const prefix = `${OWN_APPLICATION_NAME} ${crypto.randomUUID()}`
  const isOwn = (application: string) => application.startsWith(prefix)
  const [opened, asked] = [new Rendezvous(ways.length), new Rendezvous(ways.length)]
  const nameOf = (index: number) => `${prefix} ${index}`
  const asking = ways.map(async (way, index) => {
    const ask = async (client: PgClientLike) => {
      await opened.arrive()
      const answer = await askConsole(client, isOwn)
      await asked.arrive()
      return answer
    }
    try {
      // On one connection: each of a pool may lead to another process.
      if ("client" in way) return await onOneConnection(way.client, ask)
      return withOwnConsole(await askThrough({ ...way.pool, application_name: nameOf(index) }, ask))
    } catch (error) {
      const reason = explained(error, way)
      for (const meeting of [opened, asked]) meeting.cancel(reason)
      throw reason
    }
  })
  // Each has ended, and closed its connection, before the first error is thrown.
  await Promise.allSettled(asking)
  const answers = await Promise.all(asking)
  const [first, ...others] = answers.filter((_, index) =>
    answers.slice(0, index).every(({ consoles }) => !consoles.includes(nameOf(index))),
  ) as [NamedAnswer, ...NamedAnswer[]]
  return buildPgBouncerReport([first, ...others])
}

/** Counts the console of the inspection, which PgBouncer before 1.18 shows without its name. */
const withOwnConsole = (answer: NamedAnswer): NamedAnswer => ({
  ...answer,
  ownConsoles: Math.max(1, answer.ownConsoles),
})

/** PgBouncer says "not allowed" to a role that may not use its console. */
function explained(error: unknown, way: Way): unknown {
  // A client of the application may reject with anything, and whoever waits for this console is told.
  const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown }
  if (code !== "08P01" || !/^not allowed|^admin access needed/.test(String(message))) return error
  const role = "pool" in way && way.pool.user !== undefined ? `role ${label(way.pool.user)}` : "this role"
  return new ConsoleError(
    `${role} may not ask PgBouncer's console (${String(message)})`,
    "Add it to stats_users in pgbouncer.ini, and RELOAD",
    { cause: error },
  )
}
