// Three times as many requests as the pool can serve: how many answers come while they are of use.
import type { PostgresServer } from "../../test/support/server.ts"
import type { Answered, Crowd } from "../processes/crowd.ts"
import type { Ground } from "../scenario.ts"
import { startChild } from "./child.ts"

const SIZE = 5
const HOLD_SECONDS = 0.05
/** Requests that the pool can serve each second. */
export const CAPACITY = SIZE / HOLD_SECONDS
export const TIMES_CAPACITY = 3
export const SECONDS = 4

/** Ways to let callers wait. */
export const QUEUES = [
  { poolTimeout: 20, maxWaiting: 0 },
  { poolTimeout: 1, maxWaiting: 0 },
  { poolTimeout: 20, maxWaiting: 50 },
] as const

export interface CrowdFigures {
  readonly poolTimeout: number
  readonly maxWaiting: number
  readonly answered: Answered
}

export async function crowds(ground: Ground, server: PostgresServer): Promise<CrowdFigures[]> {
  const child = await startChild<Crowd, Answered>(ground, ground.project, "crowd.js")
  const figures: CrowdFigures[] = []
  for (const { poolTimeout, maxWaiting } of QUEUES) {
    const answered = await child.ask({
      url: server.url("core", { connection_limit: SIZE, pool_timeout: poolTimeout }),
      maxWaiting,
      perSecond: TIMES_CAPACITY * CAPACITY,
      seconds: SECONDS,
      holdSeconds: HOLD_SECONDS,
    })
    figures.push({ poolTimeout, maxWaiting, answered })
  }
  child.stop()
  return figures
}
