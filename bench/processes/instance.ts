// An API instance, with one client after the other: loading takes longer than a run, and is no part of what is measured.
import { Callers } from "./callers.ts"
import { enter } from "./environment.ts"
import type { Answer, Order } from "./protocol.ts"
import { requestsOf } from "./requests.ts"
import "./resolver.ts"
import { client } from "./ways.ts"

/** Nothing that the harness starts outlives this, whatever becomes of the harness. */
const LIFE_MS = 600_000

// Each client that is one too many would say so: what is measured is what becomes of it.
process.removeAllListeners("warning")

let callers: Callers | undefined

async function carryOut(order: Order): Promise<Answer | undefined> {
  if (typeof order === "object" && "open" in order) {
    enter(order.open)
    callers = new Callers(client(), requestsOf(process.env["BENCH_LOAD"]))
    return "open"
  }
  if (callers === undefined) throw new Error("an instance without a client")
  if (typeof order === "object") {
    await callers.set(order.callers)
    return "callers"
  }
  if (order === "watch") {
    callers.watch()
    return undefined
  }
  if (order === "close") return { report: await callers.close() }
  if (order === "collect") globalThis.gc?.()
  return { report: callers.report() }
}

process.on("message", async (order: Order) => {
  const answer = await carryOut(order)
  if (answer !== undefined) process.send?.(answer)
})
process.on("disconnect", () => process.exit())
setTimeout(() => process.exit(1), LIFE_MS).unref()
process.send?.("ready" satisfies Answer)
