import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import type { PoolStats } from "../../src/monitor/index.ts"

/** The calls that a case may make, on every target. */
export const CALLS = ["connect", "disconnect", "query", "model", "create", "batch", "transaction"] as const
export type Call = (typeof CALLS)[number]

/** The outcome of a call, as its caller saw it. */
export interface Outcome {
  readonly served?: unknown
  /** Absent when it was served, null when the error has none. */
  readonly code?: string | null
  readonly text?: string
  readonly isPoolTimeout?: boolean
  readonly isTooManyConnections?: boolean
  /** In the order in which the calls of this process ended. */
  readonly place: number
  readonly millis: number
}

/** The modules that the process loads. Without a client and without a contract, the cases run on a pool. */
export interface SubjectModules {
  readonly library: string
  readonly monitor: string
  readonly client?: string
  /** Of Prisma 8, whose client has no module of its own. */
  readonly contract?: string
  /** True for a client of createPrismaClient, whose variables have no suffix. */
  readonly isUnnamed?: boolean
}

interface Requests {
  ready: { parameters: null; result: null }
  open: { parameters: { id: string; env: Readonly<Record<string, string>> }; result: null }
  call: { parameters: { id: string; call: Call; given: object }; result: Outcome }
  hold: { parameters: { id: string; name: string; given: object }; result: Outcome }
  release: { parameters: { name: string }; result: readonly Outcome[] }
  stats: { parameters: { id: string }; result: PoolStats | null }
}

/** The process on which the specification runs. It outlives its cases: one case sees what another leaves behind. */
export class Subject {
  readonly #child: ChildProcess
  readonly #open = new Map<number, (error: Error | undefined, result?: unknown) => void>()
  #requests = 0
  /** The stderr of the process: Node.js writes an unhandled error there before the process ends. */
  #stderr = ""

  constructor(
    script: string,
    modules: SubjectModules,
    options: { readonly node?: string; readonly tsx?: string } = {},
  ) {
    this.#child = fork(script, [JSON.stringify(modules)], {
      execPath: options.node ?? process.execPath,
      execArgv: options.tsx ? ["--import", options.tsx] : [],
      silent: true,
    })
    this.#child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      this.#stderr = (this.#stderr + text).slice(-4_000)
    })
    this.#child.on(
      "message",
      ({ number, error, result }: { number: number; error?: string; result: unknown }) => {
        this.#open.get(number)?.(error === undefined ? undefined : new Error(error), result)
      },
    )
    this.#child.once("close", (code, signal) => {
      const error = new Error(`the subject ended with ${code ?? signal}:\n${this.#stderr}`)
      for (const answer of this.#open.values()) answer(error)
      this.#open.clear()
    })
  }

  ask<Request extends keyof Requests>(
    request: Request,
    parameters: Requests[Request]["parameters"],
  ): Promise<Requests[Request]["result"]> {
    this.#requests += 1
    const number = this.#requests
    return new Promise((resolve, reject) => {
      this.#open.set(number, (error, result) => {
        this.#open.delete(number)
        if (error) reject(error)
        else resolve(result as Requests[Request]["result"])
      })
      if (!this.#child.connected) throw new Error(`the subject has ended:\n${this.#stderr}`)
      this.#child.send({ number, request, parameters })
    })
  }

  async end(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await exit
  }
}
