import { OPTIONS } from "../../config/options.ts"
import type { Answer } from "../postgres-client.ts"
import { warn } from "../warn.ts"
import type { AutoConfig } from "./auto-config.ts"
import type { AutoState } from "./auto-state.ts"
import { type AutoWarning, offText, warningsDue, warningText } from "./auto-warnings.ts"
import { type Look, lookQuery, readLook } from "./look.ts"
import {
  afterLook,
  idleLookAt,
  isChanged,
  isDueOnReturn,
  LOOK_TIMEOUT_MS,
  type LookTimes,
  NOTHING_FOUND,
} from "./look-times.ts"
import { memberName, newMemberId } from "./member-name.ts"
import { meetServer, NO_SERVERS, type OffReason, offReason } from "./off-reason.ts"
import { idleMillis, isFull, mayOpen, minIdleOf, type Share, shareOf, surplusOf } from "./share.ts"

/** The variable that is `auto`, without the suffix of a database. */
const VARIABLE = OPTIONS.connectionLimit.variable

/** The names of a pool's connections, as node-postgres takes them. */
interface Named {
  readonly application_name?: string | undefined
  readonly fallback_application_name?: string | undefined
}

/** A connection that can be asked. */
export interface Lookable {
  /** The process id that its login reported. */
  readonly reportedPid: number | null | undefined
  /** When it was opened, in milliseconds of the monotonic clock. */
  readonly openedAt: number
  ask(query: { text: string; values: unknown[] }, millis: number): Promise<Answer>
}

/**
 * The size of a pool that follows the living instances. It decides by the pool's own looks at the server, which alone sees all
 * of them; without a connection the pool is a newcomer.
 */
export class SharedSize {
  /** The `application_name` by which the other pools count this one. */
  readonly name: string
  readonly #config: AutoConfig
  readonly #given = new Set<AutoWarning>()
  #met = NO_SERVERS
  #off: OffReason | undefined
  #share: Share | undefined
  /** The last share, whether or not the pool has had a connection since. */
  #lastShare: Share | undefined
  #times: LookTimes | undefined
  #lastLook: Look | undefined
  #isLooking = false
  #returnedAt = 0

  constructor(config: AutoConfig, { application_name, fallback_application_name }: Named) {
    this.#config = config
    // PGAPPNAME is what node-postgres takes where no name is set.
    const name = application_name || process.env["PGAPPNAME"] || fallback_application_name
    this.name = memberName(name, newMemberId(Math.random))
  }

  /** The most connections that the pool may ever hold. */
  get max(): number {
    return this.#off === undefined ? this.#config.cap : this.#config.fixed
  }

  /** The connections that the pool may hold now. */
  get size(): number {
    return this.#off === undefined ? (this.#share?.size ?? 1) : this.#config.fixed
  }

  /** Undefined before the first look. */
  get state(): AutoState | undefined {
    if (this.#off !== undefined) return { off: this.#off }
    if (this.#share === undefined) return undefined
    const { size, members, budget } = this.#share
    return { share: size, instances: members, budget: budget.ceiling }
  }

  /** True if the pool has not looked since it has connections: it does, before a caller has the first. */
  get isNewcomer(): boolean {
    return this.#off === undefined && this.#share === undefined && !this.#isLooking
  }

  /** True if the pool may open one more connection. */
  mayOpen(open: number): boolean {
    return this.#off !== undefined || mayOpen(this.#share, open)
  }

  /** How many connections the pool must close: idle ones at once, busy ones when they are given back. */
  surplus(open: number): number {
    if (this.#off !== undefined) return Math.max(0, open - this.#config.fixed)
    return this.#share === undefined ? 0 : surplusOf(this.#share, open)
  }

  /** The time that a connection may be idle; 0 sets no limit. */
  idleMillis(open: number, usual: number): number {
    return this.#off === undefined ? idleMillis(this.#share, open, usual) : usual
  }

  /**
   * How many connections are kept idle, of those that are wanted. A pool that has given up its last one, since others have
   * none, must not open it again before a caller needs it.
   */
  minIdle(wanted: number): number {
    return this.#off !== undefined || this.#lastShare === undefined
      ? wanted
      : minIdleOf(this.#lastShare, wanted)
  }

  /** True if a look is due on a connection that is given back. */
  isDueOnReturn(): boolean {
    this.#returnedAt = performance.now()
    return this.#mayLook && this.#times !== undefined && isDueOnReturn(this.#times, this.#returnedAt)
  }

  /** True if a look is due on an idle connection. */
  get isDueOnIdle(): boolean {
    return (
      this.#mayLook &&
      this.#times !== undefined &&
      performance.now() >= idleLookAt(this.#times, this.#returnedAt)
    )
  }

  get #mayLook(): boolean {
    return this.#off === undefined && !this.#isLooking
  }

  /**
   * Looks at the server.
   *
   * @param openThen the pool's connections that are logged in
   * @param longestMillis the time that the look may take
   */
  async look(connection: Lookable, openThen: number, longestMillis = LOOK_TIMEOUT_MS): Promise<void> {
    this.#isLooking = true
    try {
      const answer = await connection.ask(lookQuery(this.name), longestMillis)
      this.#learn(answer, connection, openThen)
    } finally {
      this.#isLooking = false
    }
  }

  /** Forgets the share: the pool has no connection, and begins as a newcomer. */
  reset(): void {
    this.#share = undefined
    this.#times = undefined
    this.#lastLook = undefined
  }

  #learn(answer: Answer, { reportedPid, openedAt }: Lookable, openThen: number): void {
    const look = lookIn(answer)
    if (look === undefined) {
      // A server that cannot be asked is none of PostgreSQL's own; one that is late may answer the next time.
      if (this.#share === undefined && answer !== "late") this.#turnOff("unknown server")
      this.#times = afterLook(this.#times, performance.now(), NOTHING_FOUND, Math.random())
      return
    }
    this.#met = meetServer(this.#met, look.server, openedAt)
    const reason = offReason(look, reportedPid, this.#met)
    if (reason !== undefined) {
      this.#turnOff(reason)
      return
    }
    this.#share = this.#lastShare = shareOf(look, this.#config, openThen)
    const found = { isChanged: isChanged(this.#lastLook, look), isFull: isFull(this.#share) }
    this.#times = afterLook(this.#times, performance.now(), found, Math.random())
    this.#lastLook = look
    for (const warning of warningsDue(this.#share, this.#given)) {
      this.#given.add(warning)
      warn(warningText(warning, this.#share, VARIABLE))
    }
  }

  #turnOff(reason: OffReason): void {
    this.#off = reason
    warn(offText(reason, VARIABLE, this.#config.fixed))
  }
}

function lookIn(answer: Answer): Look | undefined {
  if (typeof answer === "string") return undefined
  try {
    return readLook(answer)
  } catch {
    return undefined
  }
}
