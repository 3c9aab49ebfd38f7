import { type ChildProcess, fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import type { Scope } from "../test/support/scope.ts"
import type { Counts } from "./processes/counts.ts"
import type { Answer, Order, Report } from "./processes/protocol.ts"
import type { Load } from "./processes/requests.ts"
import type { Way } from "./processes/ways.ts"

/** How long the harness waits for a process to do what it was told. */
const PATIENCE_MS = 25_000

/** Who a process of the fleet is, and what it connects to. */
export interface Role {
  readonly project: string
  readonly way: Way
  /** Its `application_name`. */
  readonly name: string
  readonly url: string
  /** For this package; the other ways know no plan. */
  readonly poolSize: number
  /** Default `mixed`. */
  readonly load?: Load
  /** Further variables of its environment. */
  readonly env?: Readonly<Record<string, string>>
}

/** An API instance, as a process of its own. */
export interface Instance {
  readonly child: ChildProcess
  callers(count: number): Promise<void>
  report(): Promise<Report>
  /** A report of the heap after a collection of garbage. */
  collect(): Promise<Report>
  /** Lets it watch for the first request that begins from now on and is served. */
  watch(): void
  /** Lets it finish what is under way and disconnect, as on SIGTERM. Undefined when it had to be killed. */
  stop(): Promise<Report | undefined>
}

/** The environment without what would change a connection behind the harness's back. */
export const INHERITED = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/^(PG|PRISMA_|DATABASE_URL|NODE_OPTIONS)/.test(name)),
)

function start(scope: Scope, program: string, role: Role): ChildProcess {
  const { project, way, name, url, poolSize, load, env } = role
  scope.signal.throwIfAborted()
  const child = fork(join(project, "processes", program), {
    cwd: project,
    env: {
      ...INHERITED,
      BENCH_WAY: way,
      ...(load && { BENCH_LOAD: load }),
      DATABASE_URL_CORE: url,
      ...(way.startsWith("planned")
        ? { PRISMA_POOL_SIZE_CORE: String(poolSize), PRISMA_APPLICATION_NAME: name }
        : { PGAPPNAME: name }),
      ...env,
    },
    // The harness itself runs through a compiler.
    execArgv: ["--expose-gc"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  })
  scope.atEnd(() => child.kill("SIGKILL"))
  return child
}

/** Starts an instance, and waits until it can be told what to do. */
export async function startInstance(scope: Scope, role: Role): Promise<Instance> {
  const child = start(scope, "instance.js", role)
  const answers = answersOf(child)
  await answers((answer) => answer === "ready" || undefined)

  const order = <Result>(what: Order, answered: (answer: Answer) => Result | undefined) => {
    const result = answers(answered)
    child.send(what, () => {})
    return result
  }
  const reported = (answer: Answer) => (typeof answer === "object" ? answer.report : undefined)
  return {
    child,
    async callers(callers) {
      await order({ callers }, (answer) => answer === "callers" || undefined)
    },
    report: () => order("report", reported),
    collect: () => order("collect", reported),
    watch: () => void child.send("watch", () => {}),
    async stop() {
      const exited = once(child, "exit")
      const last = await order("stop", reported).catch(() => undefined)
      if (last === undefined) child.kill("SIGKILL")
      await exited
      return last
    },
  }
}

type Answers = <Result>(answered: (answer: Answer) => Result | undefined) => Promise<Result>

function answersOf(child: ChildProcess): Answers {
  return (answered) =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => over(new Error("a process of the fleet does not answer")), PATIENCE_MS)
      const exited = () => over(new Error("a process of the fleet ended early"))
      function heard(answer: Answer): void {
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
export interface StandbyJob {
  /** Runs it to its end, and resolves to what failed in it; `died` when the process did. */
  run(): Promise<Counts>
  stop(): Promise<void>
}

export async function startJob(scope: Scope, role: Role): Promise<StandbyJob> {
  const child = start(scope, "job.js", role)
  const exited = once(child, "exit").then(() => [{ died: 1 }])
  const next = async () => (await Promise.race([once(child, "message"), exited]))[0]
  await next()
  return {
    run() {
      const failed: Promise<Counts> = next()
      child.send("go", () => {})
      return failed
    },
    async stop() {
      if (child.connected) child.disconnect()
      await exited
    },
  }
}
