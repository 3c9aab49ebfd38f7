import type { Look } from "../../src/pool/auto/look.ts"
import {
  afterLook,
  idleLookAt,
  isChanged,
  isDueOnReturn,
  type LookTimes,
} from "../../src/pool/auto/look-times.ts"
import { idleMillis, isFull, mayOpen, type Share, shareOf, surplusOf } from "../../src/pool/auto/share.ts"
import type { Random } from "../support/random.ts"
import type { Backend, SimulatedServer } from "./simulated-server.ts"

/** The longest that a caller of the simulation holds a connection. */
export const LONGEST_TRANSACTION_MS = 400
/** The time that opening a connection takes, and closing it. */
export const TICK_MS = 50

const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 5_000
const USUAL_IDLE_MS = 300_000

interface Connection {
  readonly backend: Backend
  state: "busy" | "idle" | "closing"
  /** When a busy one is given back; since when an idle one is idle. */
  at: number
}

/**
 * A pool that decides by the functions of `src/pool/auto`, and by nothing else. `demand` callers use it all the time: each
 * takes a connection, holds it for a moment, and comes again.
 */
export class SimulatedPool {
  readonly id: string
  readonly joinedAt: number
  readonly cap: number
  demand: number
  isFrozen = false
  share: Share | undefined
  firstConnectionAt: number | undefined
  looks = 0
  closedAsSurplus = 0
  readonly #server: SimulatedServer
  readonly #random: Random
  #connections: Connection[] = []
  #times: LookTimes | undefined
  #lastLook: Look | undefined
  #returnedAt = 0
  #openingEndsAt: number | undefined
  #pausedUntil = 0
  #refusals = 0

  constructor(
    server: SimulatedServer,
    random: Random,
    options: { readonly id: string; readonly cap: number; readonly demand: number; readonly now: number },
  ) {
    this.#server = server
    this.#random = random
    this.id = options.id
    this.cap = options.cap
    this.demand = options.demand
    this.joinedAt = options.now
  }

  /** Connections that the server has, or will have. */
  get open(): number {
    return this.#connections.length + (this.#openingEndsAt === undefined ? 0 : 1)
  }

  get waiting(): number {
    return Math.max(0, this.demand - this.#count("busy"))
  }

  /** Ends the process; its backends end after so many milliseconds. */
  kill(now: number, afterMillis: number): void {
    for (const { backend } of this.#connections) backend.endsAt ??= now + afterMillis
    this.#connections = []
  }

  tick(now: number): void {
    if (this.isFrozen) return
    this.#connections = this.#connections.filter(({ backend }) => this.#server.has(backend))
    this.#finishOpening(now)
    if (this.open === 0) this.#startOver()
    for (const connection of this.#connections) {
      if (connection.state === "busy" && connection.at <= now) this.#giveBack(connection, now)
    }
    this.#serve(now)
    this.#closeIdle(now)
    this.#lookOnIdle(now)
    this.#closeIdle(now)
    this.#beginOpening(now)
  }

  #count(state: Connection["state"]): number {
    return this.#connections.filter((each) => each.state === state).length
  }

  get #surplus(): number {
    if (this.share === undefined) return 0
    return surplusOf(this.share, this.#count("busy") + this.#count("idle"))
  }

  /** Without a connection a pool is no member: it begins as a newcomer. */
  #startOver(): void {
    this.share = undefined
    this.#times = undefined
    this.#lastLook = undefined
  }

  #look(now: number): void {
    const look = this.#server.look(this.id)
    this.looks += 1
    this.share = shareOf(look, { cap: this.cap, budget: undefined, reserved: 0 }, this.#connections.length)
    const found = { isChanged: isChanged(this.#lastLook, look), isFull: isFull(this.share) }
    this.#times = afterLook(this.#times, now, found, this.#random.next())
    this.#lastLook = look
  }

  #giveBack(connection: Connection, now: number): void {
    this.#returnedAt = now
    connection.state = "idle"
    connection.at = now
    if (this.#times !== undefined && isDueOnReturn(this.#times, now)) this.#look(now)
    if (this.#surplus > 0) {
      this.closedAsSurplus += 1
      this.#close(connection, now)
    }
  }

  #close(connection: Connection, now: number): void {
    connection.state = "closing"
    connection.backend.endsAt = now + TICK_MS
  }

  #serve(now: number): void {
    for (const connection of this.#connections) {
      if (connection.state !== "idle" || this.waiting === 0) continue
      connection.state = "busy"
      connection.at = now + this.#random.between(TICK_MS, LONGEST_TRANSACTION_MS)
    }
  }

  #closeIdle(now: number): void {
    for (const connection of this.#connections) {
      if (connection.state !== "idle") continue
      const open = this.#count("busy") + this.#count("idle")
      const isOld = now - connection.at >= idleMillis(this.share, open, USUAL_IDLE_MS)
      if (this.#surplus > 0) this.closedAsSurplus += 1
      if (this.#surplus > 0 || isOld) this.#close(connection, now)
    }
  }

  #lookOnIdle(now: number): void {
    if (this.#times === undefined || this.#count("idle") === 0) return
    if (now >= idleLookAt(this.#times, this.#returnedAt)) this.#look(now)
  }

  #beginOpening(now: number): void {
    if (this.#openingEndsAt !== undefined || now < this.#pausedUntil) return
    if (this.waiting > 0 && mayOpen(this.share, this.open)) this.#openingEndsAt = now + TICK_MS
  }

  #finishOpening(now: number): void {
    if (this.#openingEndsAt === undefined || now < this.#openingEndsAt) return
    this.#openingEndsAt = undefined
    const backend = this.#server.connect(this.id)
    if (backend === undefined) {
      const pause = Math.min(FIRST_PAUSE_MS * 2 ** this.#refusals, LONGEST_PAUSE_MS)
      this.#refusals += 1
      this.#pausedUntil = now + pause * this.#random.next()
      return
    }
    this.#refusals = 0
    this.firstConnectionAt ??= now
    this.#connections.push({ backend, state: "idle", at: now })
    // Before the first caller gets it.
    if (this.share === undefined) this.#look(now)
  }
}
