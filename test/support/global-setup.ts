import type { TestProject } from "vitest/node"
import { startPostgres } from "./server.ts"

declare module "vitest" {
  export interface ProvidedContext {
    postgresPort: number
  }
}

/** What a server that has no slot left says to ordinary roles, and to superusers. */
const FULL = /FATAL: {2}(?:sorry, too many clients already|remaining connection slots)/

/** One server for the whole run; a test that must stop or fill one starts its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let wasFull = false
  const server = await startPostgres({ max_connections: 100 }, (text) => {
    wasFull ||= FULL.test(text)
  })
  project.provide("postgresPort", server.port)
  return async () => {
    await server.destroy()
    if (!wasFull) return
    // Whatever ran beside it was refused, and failed or not by chance. Vitest only prints what is thrown here.
    process.exitCode = 1
    throw new Error(
      "A test filled the server of the whole run: give it one of its own (startPostgres), as test/postgres/outage.test.ts does",
    )
  }
}
