import { keepAlive } from "../../pool/timeouts.ts"
import { type Outcome, poll, withTimeout } from "./poll.ts"

/** One tier, and what an outcome of a poll makes of its state. */
export interface Tier<Report, State, Event> {
  readonly inspect: () => Promise<Report>
  readonly initial: State
  readonly next: (
    state: State,
    outcome: Outcome<Report>,
  ) => { readonly state: State; readonly events: readonly Event[] }
  readonly emit: (event: Event) => void
}

/** When a tier is polled. All times are in seconds. */
export interface Timing {
  readonly interval: number
  readonly timeout: number
  readonly keepProcessAlive: boolean
}

/**
 * Polls one tier until it is stopped. Each tier has a loop of its own, so that one that does not answer holds up no other.
 *
 * @returns a function that stops the events at once, and resolves when the poll in progress has ended
 */
export function watchTier<Report, State, Event>(
  { inspect, initial, next, emit }: Tier<Report, State, Event>,
  { interval, timeout, keepProcessAlive }: Timing,
): () => Promise<void> {
  let state = initial
  let isStopped = false
  let timer: NodeJS.Timeout | undefined
  const letEnd = keepProcessAlive ? keepAlive() : undefined
  let polling = check()

  async function check(): Promise<void> {
    const inspection = poll(inspect)
    apply(await withTimeout(inspection, timeout))
    // After a timeout the poll is still running.
    await inspection
    if (isStopped) return
    timer = setTimeout(() => {
      polling = check()
    }, interval * 1000)
    timer.unref()
  }

  function apply(outcome: Outcome<Report>): void {
    if (isStopped) return
    const { state: now, events } = next(state, outcome)
    state = now
    for (const event of events) {
      emit(event)
      // The callback may have stopped the watch.
      if (isStopped) return
    }
  }

  return () => {
    isStopped = true
    clearTimeout(timer)
    letEnd?.()
    return polling
  }
}
