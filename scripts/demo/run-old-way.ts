import type { Sampler } from "../../test/support/sampler.ts"
import type { Scope } from "../../test/support/scope.ts"
import type { Postgres } from "../../test/support/server.ts"
import { startApplication } from "./application.ts"
import { LiveView, type Row, rowOf, say } from "./screen.ts"

/** The limit that examples/old-way.ts asks for. */
const LIMIT = 3

/** Runs one process, alone on the server, with its limit written into the URL as for Prisma 6. */
export async function runOldWay(scope: Scope, server: Postgres, sampler: Sampler): Promise<Row> {
  say(`Starting the old way, alone: DATABASE_URL_CORE + "?connection_limit=${LIMIT}&…"`)
  const application = startApplication(scope, "old-way", "old-way.ts", {
    DATABASE_URL_CORE: server.url("core"),
    // Plain Prisma does not read PRISMA_APPLICATION_NAME; this variable is node-postgres's own.
    PGAPPNAME: "old-way",
  })
  const row = () => rowOf(sampler, application.name, LIMIT, application.done, application.refusals)
  const live = new LiveView(scope, sampler, () => [row()])
  const well = await application.ended
  live.stop()
  if (!well) throw new Error(`The old way failed:\n${application.lastOutput}`)
  return row()
}
