import { fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { INHERITED } from "../instance.ts"
import type { CostRound } from "../processes/auto-cost.ts"
import type { Ground } from "../scenario.ts"
import { ratioOf } from "../side-by-side.ts"
import { sum } from "../statistics.ts"

export const ROUNDS = 40

/** Queries for each second of the processor's time, auto over a fixed size of as much. */
export interface AutoCost {
  readonly median: number
  /** The value that the median is above with 95 %. */
  readonly lower: number
  /** The fixed size over another pool of the same. */
  readonly itself: number
  readonly perSecond: number
}

export async function costOf({ scope, project }: Ground, url: string): Promise<AutoCost> {
  const child = fork(join(project, "processes", "auto-cost.js"), {
    cwd: project,
    env: { ...INHERITED, DATABASE_URL_CORE: url },
    execArgv: [],
  })
  scope.atEnd(() => child.kill("SIGKILL"))
  await once(child, "message")
  const answer = once(child, "message")
  child.send(ROUNDS)
  const ended = once(child, "exit").then(() => {
    throw new Error("the process that measures the cost ended early")
  })
  const [{ compared, itself }] = (await Promise.race([answer, ended])) as [
    { readonly compared: readonly CostRound[]; readonly itself: readonly CostRound[] },
  ]
  ended.catch(() => {})
  child.disconnect()
  const { median, lower } = ratioOf(compared, Number)
  return {
    median,
    lower,
    itself: ratioOf(itself, Number).median,
    perSecond: sum(compared.map(({ b }) => b)) / compared.length,
  }
}
