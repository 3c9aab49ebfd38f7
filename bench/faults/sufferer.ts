import type { TcpProxy } from "../../test/support/proxy.ts"
import { Instance } from "../instance.ts"
import type { Report } from "../processes/protocol.ts"
import type { Ground } from "../scenario.ts"
import type { Contender } from "./contender.ts"

export const CALLERS = 12

/** A contender's process, which has a client of its own in each fault, and what it has said in this one. */
export class Sufferer {
  readonly contender: Contender
  readonly proxy: TcpProxy
  readonly #instance: Instance
  #heard: Report[] = []
  failureMillis: readonly number[] = []
  /** Of connections that the network froze, as the server knows them. */
  frozenPorts: readonly number[] = []

  private constructor(contender: Contender, proxy: TcpProxy, instance: Instance) {
    this.contender = contender
    this.proxy = proxy
    this.#instance = instance
  }

  static async load({ scope, project }: Ground, contender: Contender, proxy: TcpProxy): Promise<Sufferer> {
    return new Sufferer(contender, proxy, await Instance.load(scope, contender.project ?? project))
  }

  /** A client of its own, under load. */
  async begin(url: string, env: Readonly<Record<string, string>> = {}): Promise<void> {
    const { id: name, way, limit: poolSize, load } = this.contender
    await this.#instance.open({ way, name, url, poolSize, load, env: { ...env, ...this.contender.env } })
    await this.#instance.callers(CALLERS)
    this.frozenPorts = []
    this.failureMillis = []
  }

  async callers(count: number): Promise<void> {
    await this.#instance.callers(count).catch(this.#unlessDead)
  }

  /** Forgets what it has said: what comes now belongs to the fault. */
  async startAnew(): Promise<Report> {
    this.#heard = []
    return await this.#instance.report()
  }

  watch(): void {
    this.#instance.watch()
  }

  /** What happened since it was last heard; undefined where the process has died. */
  async hear(): Promise<Report | undefined> {
    const report = await this.#instance.report().catch(this.#unlessDead)
    if (report !== undefined) this.#heard.push(report)
    return report
  }

  /** A fault may end a process, which is a figure of its own. */
  readonly #unlessDead = (error: unknown): undefined => {
    if (this.#instance.isAlive) throw error
  }

  get heard(): readonly Report[] {
    return this.#heard
  }

  get isAlive(): boolean {
    return this.#instance.isAlive
  }

  async end(): Promise<void> {
    const last = await this.#instance.close()
    if (last !== undefined) this.#heard.push(last)
  }

  /** Its heap after a collection of garbage, in bytes. */
  async heapBytes(): Promise<number> {
    return (await this.#instance.collect()).heapBytes
  }
}
