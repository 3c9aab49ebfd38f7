import { isDeepStrictEqual } from "node:util"
import { expect } from "vitest"
import {
  countBackends,
  eventually,
  freshDatabase,
  sampleBackends,
  sharedPostgres,
  sleep,
  times,
} from "../support/helpers.ts"
import { lock } from "../support/lock.ts"
import { startProxy, type TcpProxy } from "../support/proxy.ts"
import { ROLE } from "../support/server.ts"
import { type Case, forTarget, type Step } from "./specification.ts"
import type { Call, Outcome, Subject } from "./subject.ts"

type Kind<Key extends string> = Extract<Step, Record<Key, unknown>>

const postgres = sharedPostgres()
let cases = 0

/** Plays a case on a database of its own, and fails where what is seen is not what is specified. */
export async function play(
  specified: Case,
  subject: Subject,
  target: string,
  patience = 60_000,
): Promise<void> {
  const database = await freshDatabase()
  const proxy = await startProxy(postgres.port)
  const play = (sampled: () => Promise<void>) =>
    new Playing(specified, subject, target, database, proxy, patience, sampled).toEnd()
  try {
    const { peak, samples } = await sampleBackends(postgres, database, play)
    expect(samples).toBeGreaterThan(0)
    const limit = Number(specified.given.url["connection_limit"])
    expect(peak, "never more than connection_limit").toBeLessThanOrEqual(limit)
    if (specified.peak !== undefined) expect(peak, "the most at once").toBe(specified.peak)
  } finally {
    await proxy.close()
  }
}

class Playing {
  readonly #case: Case
  readonly #subject: Subject
  readonly #target: string
  readonly #database: string
  readonly #proxy: TcpProxy
  readonly #patience: number
  readonly #sampled: () => Promise<void>
  readonly #calls = new Map<string, readonly Promise<Outcome>[]>()
  readonly #clients: readonly string[]
  #unlock = async () => {}

  constructor(
    specified: Case,
    subject: Subject,
    target: string,
    database: string,
    proxy: TcpProxy,
    patience: number,
    sampled: () => Promise<void>,
  ) {
    this.#case = specified
    this.#subject = subject
    this.#target = target
    this.#database = database
    this.#proxy = proxy
    this.#patience = patience
    this.#sampled = sampled
    cases += 1
    this.#clients = times(specified.given.clients, (index) => `${cases}.${index}`)
  }

  async toEnd(): Promise<void> {
    const { url, database, password } = this.#case.given
    let own = this.#proxy.url(postgres.url(database ?? this.#database, url))
    if (password) own = own.replace(encodeURIComponent(ROLE.password), encodeURIComponent(password))
    for (const id of this.#clients) await this.#subject.ask("open", { id, env: { DATABASE_URL_CORE: own } })
    try {
      for (const [index, step] of this.#case.steps.entries()) {
        await this.#take(step).catch((error: Error) => {
          error.message = `step ${index + 1}, ${JSON.stringify(step)}: ${error.message}`
          throw error
        })
      }
      await this.#leave()
    } finally {
      await this.#unlock()
    }
  }

  /** Checks that no connection is held, no caller waits, and a disconnected client has no connections. */
  async #leave(): Promise<void> {
    for (const [name, calls] of this.#calls) for (const call of calls) check(await this.#inTime(name, call))
    await this.#sampled()
    for (const id of this.#clients) {
      await this.#eventually("nothing is held", async () => {
        const { used = 0, waiting = 0 } = (await this.#subject.ask("stats", { id })) ?? {}
        return used === 0 && waiting === 0
      })
      await this.#inTime("disconnect", this.#subject.ask("call", { id, call: "disconnect", given: {} }))
    }
    await this.#eventually(
      "no backend is left",
      async () => (await countBackends(postgres, this.#database)) === 0,
    )
  }

  async #take(step: Step): Promise<void> {
    if ("start" in step) this.#start(step)
    else if ("hold" in step) await this.#hold(step)
    else if ("release" in step)
      check(...(await this.#subject.ask("release", { name: this.#own(step.release) })))
    else if ("served" in step) await this.#served(step)
    else if ("refused" in step) await this.#refused(step)
    else if ("inOrder" in step) await this.#inOrder(step)
    else if ("same" in step) expect(await this.#same(step.same)).toBe(true)
    else if ("different" in step) expect(await this.#same(step.different)).toBe(false)
    else if ("network" in step) await this.#network(step)
    else if ("lock" in step) await this.#lock(step)
    else if ("server" in step) await this.#server(step)
    else if ("until" in step) await this.#until(step)
    else await sleep(step.pause)
  }

  #start({ start, call, times: count, client, sql, name, limits, goesOn }: Kind<"start">): void {
    const calls = [call].flat() as Call[]
    const outcomes = times(count, (index) =>
      this.#subject.ask("call", {
        id: this.#clients[client === "each" ? index % this.#clients.length : client] as string,
        call: calls[index % calls.length] as Call,
        given: { sql, name, limits, goesOn },
      }),
    )
    // A later step awaits it; until then it must not be an unhandled rejection.
    for (const outcome of outcomes) outcome.catch(() => {})
    this.#calls.set(start, outcomes)
  }

  async #hold({ hold, times: count, limits }: Kind<"hold">): Promise<void> {
    const [id] = this.#clients as readonly [string]
    const held = times(count, async () => {
      for (;;) {
        const outcome = await this.#subject.ask("hold", { id, name: this.#own(hold), given: { limits } })
        // Not what the case is about: its pool_timeout may be shorter than a busy machine takes to connect.
        if (!outcome.isPoolTimeout) return outcome
      }
    })
    for (const outcome of await this.#inTime(hold, Promise.all(held)))
      expect(outcome).toEqual({ served: null })
  }

  async #served({ served, rows, notBefore = 0 }: Kind<"served">): Promise<void> {
    for (const outcome of await this.#outcomes(served)) {
      expect(outcome, outcome.text).toHaveProperty("served")
      if (rows) expect(outcome.served).toEqual(rows)
      expect(outcome.millis).toBeGreaterThanOrEqual(notBefore - EARLY_MS)
    }
  }

  async #refused({ refused, code, notBefore = 0, ...is }: Kind<"refused">): Promise<void> {
    const expected = typeof code === "string" ? code : forTarget(code, this.#target)
    for (const outcome of await this.#outcomes(refused)) {
      const { isPoolTimeout, isTooManyConnections } = is
      expect(outcome, outcome.text).toMatchObject({ code: expected, isPoolTimeout, isTooManyConnections })
      expect(outcome.millis).toBeGreaterThanOrEqual(notBefore - EARLY_MS)
    }
  }

  async #inOrder({ inOrder }: Kind<"inOrder">): Promise<void> {
    const places: number[] = []
    for (const name of inOrder) for (const { place } of await this.#outcomes(name)) places.push(place)
    expect(places).toEqual([...places].sort((a, b) => a - b))
  }

  async #same(names: readonly string[]): Promise<boolean> {
    const all: unknown[] = []
    for (const name of names) for (const outcome of await this.#outcomes(name)) all.push(outcome.served)
    return all.every((served) => isDeepStrictEqual(served, all[0]))
  }

  async #network({ network }: Kind<"network">): Promise<void> {
    if (network === "cut") this.#proxy.cut()
    else if (network === "thaw") await this.#proxy.thaw()
    else if (network === "freeze") await this.#proxy.freeze({ newConnections: "pass" })
    else await this.#proxy.newConnections(network)
  }

  async #lock({ lock: action }: Kind<"lock">): Promise<void> {
    if (action === "take") this.#unlock = await lock(this.#database)
    else await this.#unlock()
  }

  async #server({ server, rows }: Kind<"server">): Promise<void> {
    const answer = await postgres.sql(server.replaceAll(":database", this.#database), [], this.#database)
    if (rows) expect(answer).toEqual(rows)
  }

  async #until({ until: { refusals, ...until } }: Kind<"until">): Promise<void> {
    const stats = async () =>
      (await this.#subject.ask("stats", { id: this.#clients[0] as string })) ?? undefined
    const seen = {
      backends: () => countBackends(postgres, this.#database),
      running: async () => (await postgres.sql(RUNNING, [this.#database, ROLE.user])).length,
      waiting: async () => (await stats())?.waiting,
      connections: async () => this.#proxy.connections,
      isDown: async () => (await stats())?.isDown,
    }
    for (const [what, wanted] of Object.entries(until)) {
      const now = seen[what as keyof typeof seen]
      await this.#eventually(`${wanted} ${what}`, async () => (await now()) === wanted)
    }
    if (refusals !== undefined)
      await this.#eventually(
        `${refusals} refusals`,
        async () => ((await stats())?.connectionErrors ?? 0) >= refusals,
      )
    await this.#sampled()
  }

  async #outcomes(name: string): Promise<readonly Outcome[]> {
    const calls = this.#calls.get(name)
    if (calls === undefined) throw new Error(`no call has the name ${name}`)
    const outcomes = await this.#inTime(name, Promise.all(calls))
    check(...outcomes)
    return outcomes
  }

  /** Fails an outcome that does not come in time. */
  async #inTime<T>(what: string, outcome: Promise<T>): Promise<T> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      const error = new Error(`not in ${this.#patience} ms: ${what}`)
      timer = setTimeout(() => reject(error), this.#patience)
    })
    return Promise.race([outcome, late]).finally(() => clearTimeout(timer))
  }

  #eventually(what: string, condition: () => Promise<boolean>): Promise<void> {
    return eventually(what, condition, this.#patience)
  }

  /** Makes a name unique: several cases run on the process at a time. */
  #own(name: string): string {
    return `${this.#clients[0]} ${name}`
  }
}

/** A timer may be a little early by another clock. */
const EARLY_MS = 5

const RUNNING = "SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND usename = $2 AND state = 'active'"

/** Checks that no error shows a password, for every call. */
function check(...outcomes: readonly Outcome[]): void {
  for (const { text } of outcomes) {
    if (text === undefined) continue
    for (const password of [ROLE.password, encodeURIComponent(ROLE.password)])
      expect(text).not.toContain(password)
  }
}
