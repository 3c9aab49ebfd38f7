import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { INHERITED } from "../instance.ts"
import type { Ground } from "../scenario.ts"

/** A process that answers each message. */
export interface Child<Order, Answer> {
  ask(order: Order): Promise<Answer>
  stop(): void
}

/** Starts a file of `bench/processes`, beside the package of a project. */
export async function startChild<Order extends string | number | object, Answer>(
  { scope }: Ground,
  project: string,
  file: string,
  env: Readonly<Record<string, string>> = {},
): Promise<Child<Order, Answer>> {
  const child: ChildProcess = fork(join(project, "processes", file), {
    cwd: project,
    env: { ...INHERITED, ...env },
    execArgv: [],
  })
  scope.atEnd(() => child.kill("SIGKILL"))
  await once(child, "message")
  const ended = once(child, "exit").then(() => {
    throw new Error(`${file} ended early`)
  })
  // It ends when it is told to.
  ended.catch(() => {})
  return {
    async ask(order) {
      const answer = once(child, "message")
      child.send(order)
      const [given] = await Promise.race([answer, ended])
      return given as Answer
    },
    stop: () => child.disconnect(),
  }
}
