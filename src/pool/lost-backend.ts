// Not the globals: a test runner takes those of a file away when the file is over, and what is lost outlives it.
import { performance } from "node:perf_hooks"
import { clearTimeout, setTimeout } from "node:timers"

/** The time for which a lost backend takes its slot, if nothing is there to find out with. */
const LOST_MS = 5_000

/** A lost connection whose backend may still exist. */
export interface LostBackend {
  readonly processID: number
  // Milliseconds. The backend began between the first two: another session with its process id may have begun at any time.
  readonly sinceOpening: number
  readonly sinceLogin: number
  readonly sinceLoss: number
  /** True once it has had its time: there was nothing to find out with. */
  readonly isOverdue: boolean
  /** Frees its slot: the backend is gone, or nobody can end it. */
  free(): void
}

/** The socket of a connection. Times are by the monotonic clock. */
interface LostSocket {
  readonly openedAt: number
  readonly loggedInAt: number
  destroy(): void
}

/** What is to be told of a lost connection. */
interface Told {
  overdue(): void
  free(): void
}

/** A connection that was lost, from then on until its backend is known to be gone. */
export class LostConnection implements LostBackend {
  readonly processID: number
  readonly #socket: LostSocket
  readonly #told: Told
  readonly #lostAt = performance.now()
  readonly #timer: NodeJS.Timeout
  #isOverdue = false

  constructor(socket: LostSocket, processID: number, told: Told) {
    this.processID = processID
    this.#socket = socket
    this.#told = told
    this.#timer = setTimeout(() => this.expire(), LOST_MS)
    // A caller that waits for the slot keeps the process alive.
    this.#timer.unref()
  }

  get sinceOpening(): number {
    return performance.now() - this.#socket.openedAt
  }

  get sinceLogin(): number {
    return performance.now() - this.#socket.loggedInAt
  }

  get sinceLoss(): number {
    return performance.now() - this.#lostAt
  }

  get isOverdue(): boolean {
    return this.#isOverdue
  }

  /** Ends the time for which it takes its slot in any case. */
  expire(): void {
    if (this.#isOverdue) return
    this.#isOverdue = true
    this.#over()
    this.#told.overdue()
  }

  free(): void {
    this.#over()
    this.#told.free()
  }

  #over(): void {
    clearTimeout(this.#timer)
    this.#socket.destroy()
  }
}
