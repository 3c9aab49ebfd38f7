import { Agent, request } from "node:http"
import { json } from "node:stream/consumers"
import { setTimeout as sleep } from "node:timers/promises"
import type { Scope } from "../../test/support/scope.ts"

const TIMEOUT_MS = 30_000
/** One request in this many creates a mission, and with it a row in Analytics. */
const CREATE_EVERY = 10

/** Clients that never pause, and the number of answers they got. */
export interface Load {
  readonly served: number
  /** Answers other than success. */
  readonly failed: number
  /** Stops the clients, and waits for the remaining answers. */
  stop(): Promise<void>
}

/** Sends `concurrency` requests at once, and a new one for each that is answered, until it is stopped. */
export function startLoad(scope: Scope, url: string, concurrency: number): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency })
  let sent = 0
  let served = 0
  let failed = 0
  let stopped = false

  async function client() {
    while (!stopped && !scope.signal.aborted) {
      sent += 1
      const mission =
        sent % CREATE_EVERY === 0 ? { title: `Created ${sent}`, partnerId: 1 + (sent % 40) } : undefined
      const status = await send(agent, `${url}/missions`, mission)
      if (status < 300) served += 1
      else failed += 1
    }
  }
  const clients = Promise.all(Array.from({ length: concurrency }, client))
  clients.catch((error) => {
    if (!scope.signal.aborted) throw error
  })
  scope.atEnd(() => agent.destroy())

  return {
    get served() {
      return served
    },
    get failed() {
      return failed
    },
    async stop() {
      stopped = true
      await clients
      agent.destroy()
    },
  }
}

/** Waits until the API answers, which it does once it has reached its database. */
export async function untilHealthy(scope: Scope, url: string): Promise<true> {
  const agent = new Agent()
  while ((await send(agent, `${url}/health`).catch(() => 0)) !== 200) {
    await sleep(50)
    scope.signal.throwIfAborted()
  }
  return true
}

function send(agent: Agent, url: string, body?: unknown): Promise<number> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST"
    const sent = request(url, { agent, method, timeout: TIMEOUT_MS }, async (response) => {
      await json(response).then(() => resolve(response.statusCode ?? 0), reject)
    })
    sent.on("timeout", () => sent.destroy(new Error(`no answer from the API in ${TIMEOUT_MS} ms`)))
    sent.on("error", reject)
    sent.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
