import { once } from "node:events"
import { join } from "node:path"
import { Worker } from "node:worker_threads"
import type { AutoOrder, AutoReport } from "../processes/auto-instance.ts"
import type { AutoWay } from "../processes/auto-ways.ts"
import type { Ground } from "../scenario.ts"

/** An instance of the fleet. */
export class AutoInstance {
  readonly name: string
  readonly #worker: Worker

  constructor(worker: Worker, name: string) {
    this.#worker = worker
    this.name = name
  }

  async open(way: AutoWay, url: string, size = 1): Promise<void> {
    await this.#tell({ open: way, url, name: this.name, size })
  }

  async callers(callers: number, pauseMs = 0): Promise<void> {
    await this.#tell({ callers, pauseMs })
  }

  async report(): Promise<AutoReport> {
    return (await this.#tell("report")) as AutoReport
  }

  async close(): Promise<void> {
    await this.#tell("close")
  }

  async #tell(order: AutoOrder): Promise<unknown> {
    const answer = once(this.#worker, "message")
    this.#worker.postMessage(order)
    return (await answer)[0]
  }
}

/** Instances that have loaded, and have no pool yet. */
export async function startInstances({ scope, project }: Ground, count: number): Promise<AutoInstance[]> {
  const file = join(project, "processes", "auto-instance.js")
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const worker = new Worker(file)
      scope.atEnd(() => worker.terminate())
      await once(worker, "online")
      return new AutoInstance(worker, `api@i${index + 1}`)
    }),
  )
}

export const each = async <T>(
  instances: readonly AutoInstance[],
  does: (instance: AutoInstance) => Promise<T>,
): Promise<T[]> => Promise.all(instances.map(does))
