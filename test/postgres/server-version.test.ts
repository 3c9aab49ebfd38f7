import { expect, test } from "vitest"
import { sharedPostgres } from "../support/helpers.ts"
import { type Postgres, startPostgres } from "../support/server.ts"

const VERSION = process.env["POSTGRES_VERSION"] ?? "18"

async function major(postgres: Postgres): Promise<string | undefined> {
  const [row] = await postgres.sql<{ server_version: string }>("SHOW server_version")
  return row?.server_version.split(".")[0]
}

test("the server of the whole run is of the version that was asked for", async () => {
  expect(await major(sharedPostgres())).toBe(VERSION)
})

test("so is a server of one's own", async () => {
  const server = await startPostgres()
  expect(await major(server)).toBe(VERSION)
  await server.destroy()
})
