import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Scope } from "../test/support/scope.ts"
import type { Counts } from "./processes/counts.ts"
import type { Environment } from "./processes/environment.ts"
import type { Answer, Order, Report } from "./processes/protocol.ts"
import type { Load } from "./processes/requests.ts"
import type { Way } from "./processes/ways.ts"
import { WAYS } from "./ways.ts"

/** How long the harness waits for a process to do what it was told. */
const PATIENCE_MS = 25_000

/** Who a process of the fleet is for a while, and what it connects to. */
export interface Role {
  readonly way: Way
  /** Its `application_name`. */
  readonly name: string
  readonly url: string
  /** For a way that knows a plan. */
  readonly poolSize: number | "auto"
  /** Default `mixed`. */
  readonly load?: Load
  /** Further variables of its environment. */
  readonly env?: Environment
}

/** The environment without what would change a connection behind the harness's back. */
export const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PG|PRISMA_|DATABASE_|NODE_OPTIONS)/.test(name)),
)

function environmentOf({ way, name, url, poolSize, load, env }: Role): Environment {
  const { sizedBy, isOurs } = WAYS[way]
  return {
    BENCH_WAY: way,
    ...(load && { BENCH_LOAD: load }),
    DATABASE_URL_CORE: url,
    ...(sizedBy && { [sizedBy]: String(poolSize) }),
    [isOurs ? "PRISMA_APPLICATION_NAME" : "PGAPPNAME"]: name,
    ...env,
  }
}

/** A process that has loaded what it needs, and has no client. */
async function load(scope: Scope, project: string, program: string): Promise<ChildProcess> {
  scope.signal.throwIfAborted()
  const child = fork(join(project, "processes", program), {
    cwd: project,
    env: INHERITED,
    // The harness itself runs through a compiler.
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  })
  scope.atEnd(() => child.kill("SIGKILL"))
  await answerOf(child, (answer) => answer === "ready" || undefined)
  return child
}

/** An API instance, as a process of its own, which is one way after the other. */
export class Instance {
  readonly #scope: Scope
  readonly #project: string
  #child: ChildProcess | undefined

  private constructor(scope: Scope, project: string) {
    this.#scope = scope
    this.#project = project
  }

  /** Starts a process, and waits until it has loaded. */
  static async load(scope: Scope, project: string): Promise<Instance> {
    const instance = new Instance(scope, project)
    await instance.#load()
    return instance
  }

  async #load(): Promise<ChildProcess> {
    this.#child = await load(this.#scope, this.#project, "instance.js")
    return this.#child
  }

  /** False once the process has ended. */
  get isAlive(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null
  }

  /** Makes it an instance of a way, with a client that has not connected; in a new process where the last one has ended. */
  async open(role: Role): Promise<void> {
    if (!this.isAlive) await this.#load()
    await this.#order({ open: environmentOf(role) }, (answer) => answer === "open" || undefined)
  }

  async callers(callers: number): Promise<void> {
    await this.#order({ callers }, (answer) => answer === "callers" || undefined)
  }

  report(): Promise<Report> {
    return this.#order("report", reportIn)
  }

  /** A report of the heap after a collection of garbage. */
  collect(): Promise<Report> {
    return this.#order("collect", reportIn)
  }

  /** Lets it watch for the first request that begins from now on and is served. */
  watch(): void {
    this.#child?.send("watch", () => {})
  }

  /** Lets it finish what is under way and disconnect, as on SIGTERM. Undefined where the process ended, or had to be killed. */
  async close(): Promise<Report | undefined> {
    if (!this.isAlive) return undefined
    const last = await this.#order("close", reportIn).catch(() => undefined)
    if (last === undefined) await this.kill()
    return last
  }

  /** Ends the process at once. */
  async kill(): Promise<void> {
    if (this.#child === undefined || !this.isAlive) return
    const exited = once(this.#child, "exit")
    this.#child.kill("SIGKILL")
    await exited
  }

  #order<Result>(what: Order, answered: (answer: Answer) => Result | undefined): Promise<Result> {
    const child = this.#child
    if (child === undefined) throw new Error("a process that has not been started")
    const result = answerOf(child, answered)
    child.send(what, () => {})
    return result
  }
}

const reportIn = (answer: Answer) => (typeof answer === "object" ? answer.report : undefined)

function answerOf<Result, Message = Answer>(
  child: ChildProcess,
  answered: (answer: Message) => Result | undefined,
): Promise<Result> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => over(new Error("a process of the fleet does not answer")), PATIENCE_MS)
    const exited = () => over(new Error("a process of the fleet ended early"))
    function heard(answer: Message): void {
      const result = answered(answer)
      if (result !== undefined) over(undefined, result)
    }
    function over(error: Error | undefined, result?: Parameters<typeof resolve>[0]): void {
      clearTimeout(timer)
      child.off("message", heard).off("exit", exited)
      if (error) reject(error)
      else if (result !== undefined) resolve(result)
    }
    child.on("message", heard).once("exit", exited)
  })
}

/** A process that runs a job when told to, each time with a client of its own. */
export class StandbyJob {
  readonly #scope: Scope
  readonly #project: string
  #child: ChildProcess

  private constructor(scope: Scope, project: string, child: ChildProcess) {
    this.#scope = scope
    this.#project = project
    this.#child = child
  }

  static async load(scope: Scope, project: string): Promise<StandbyJob> {
    return new StandbyJob(scope, project, await load(scope, project, "job.js"))
  }

  /** Runs it to its end, and resolves to what failed in it; `died` when the process did. */
  async run(role: Role): Promise<Counts> {
    if (!this.#child.connected) this.#child = await load(this.#scope, this.#project, "job.js")
    const failed = answerOf(this.#child, (counts: Counts) => counts)
    this.#child.send(environmentOf(role), () => {})
    return failed.catch(() => ({ died: 1 }))
  }
}
