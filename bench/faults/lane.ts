import { setTimeout as sleep } from "node:timers/promises"
import { startProxy } from "../../test/support/proxy.ts"
import type { PostgresServer } from "../../test/support/server.ts"
import type { Ground } from "../scenario.ts"
import { Backends } from "./backends.ts"
import type { Contender } from "./contender.ts"
import { type MovingName, startName } from "./moving-name.ts"
import { CALLERS, Sufferer } from "./sufferer.ts"

/** Long enough for every pool to be full, on a machine that serves so many requests meanwhile; else again. */
const WARM_UP_MS = 500
const WARM_REQUESTS = 5 * CALLERS
const MOST_ROUNDS = 12

/** How instances reach the server. */
export type Route = "direct" | "proxy" | "name"

/** A server, and those who suffer its faults together, one fault after the other. */
export interface Lane {
  readonly server: PostgresServer
  readonly backends: Backends
  readonly sufferers: readonly Sufferer[]
  readonly isPooled: boolean
  /** How long is waited for the end of a fault's effects, in seconds, where it is another time than usual. */
  readonly patience: number | undefined
  /** Points the name that instances may connect to at the one server or the other. */
  moveName(to: "server" | "other"): void
  /** Lets all of them have a client of their own, under load. */
  begin(route: Route): Promise<void>
}

/** What stands before a server: a pooler that all connect to, or another server that its name may move to. */
export interface Before {
  readonly pooler?: { readonly port: number; url(database: string, parameters?: object): string }
  readonly other?: PostgresServer
}

/** Times in seconds, which a test has longer than what is measured. */
export interface LaneTimes {
  readonly socketTimeout?: number
  readonly patience?: number
}

export async function setLane(
  ground: Ground,
  server: PostgresServer,
  contenders: readonly Contender[],
  { pooler, other, socketTimeout = 2, patience }: Before & LaneTimes = {},
): Promise<Lane> {
  const { scope } = ground
  const sufferers = await Promise.all(
    contenders.map(async (contender) => {
      const proxy = await startProxy((pooler ?? server).port)
      scope.atEnd(() => proxy.close())
      return Sufferer.load(ground, contender, proxy)
    }),
  )
  const name = other && (await startName(scope, server, other))
  // A statement on a connection that the network froze is bounded by the first of them alone.
  const direct = (pooler ?? server).url("core", { socket_timeout: socketTimeout, connect_timeout: 5 })
  return {
    server,
    backends: Backends.watch(scope, server),
    sufferers,
    isPooled: pooler !== undefined,
    patience,
    moveName: (to) => name?.move(to),
    async begin(route) {
      await Promise.all(
        sufferers.map((sufferer) =>
          sufferer.begin(urlOf(route, direct, sufferer, name), route === "name" ? name?.env : {}),
        ),
      )
      for (let round = 0; round < MOST_ROUNDS; round++) {
        await sleep(WARM_UP_MS)
        const reports = await Promise.all(sufferers.map((sufferer) => sufferer.startAnew()))
        if (reports.every(({ served }) => served > WARM_REQUESTS)) break
      }
    },
  }
}

function urlOf(route: Route, direct: string, { proxy }: Sufferer, name: MovingName | undefined): string {
  if (route === "proxy") return proxy.url(direct)
  return route === "name" && name ? direct.replace(/127\.0\.0\.1:\d+/, name.host) : direct
}

export const setCallers = (sufferers: readonly Sufferer[], callers = CALLERS) =>
  Promise.all(sufferers.map((sufferer) => sufferer.callers(callers)))
