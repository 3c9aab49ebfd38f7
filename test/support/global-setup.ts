import type { TestProject } from "vitest/node"
import { startPostgres } from "./server.ts"

declare module "vitest" {
  export interface ProvidedContext {
    postgresPort: number
  }
}

/** One server for the whole run; a test that must stop or fill one starts its own. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const server = await startPostgres({ max_connections: 100 })
  project.provide("postgresPort", server.port)
  return () => server.destroy()
}
