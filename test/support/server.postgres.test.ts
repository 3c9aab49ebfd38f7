import { once } from "node:events"
import { createServer } from "node:net"
import pg from "pg"
import { afterAll, beforeAll, expect, test } from "vitest"
import { eventually, rejection, sleep } from "./helpers.ts"
import { freePort, type PostgresServer, startPostgres } from "./server.ts"

let server: PostgresServer
let log = ""
beforeAll(async () => {
  server = await startPostgres({ lc_messages: "C" }, (text) => {
    log += text
  })
})
afterAll(() => server.destroy())

test("a server that does not start says why, and can be stopped and started", async () => {
  await server.stop()
  const error = await rejection(server.start({ max_connections: "many" }))
  expect(error.message).toContain('invalid value for parameter "max_connections": "many"')
  await server.stop()
  await server.start()
  expect(await server.sql("SELECT 1 AS one")).toEqual([{ one: 1 }])
})

test("a server starts when its port is free again", async () => {
  await server.stop()
  const other = createServer().listen(server.port, "127.0.0.1")
  await once(other, "listening")
  const started = server.start()
  // Long enough for a start that does not wait to fail.
  await Promise.race([started, sleep(1_000)])
  other.close()
  await started
  expect(await server.sql("SELECT 1 AS one")).toEqual([{ one: 1 }])
})

test("a server's port is none that a process gets which asks for any", async () => {
  const any = createServer().listen(0, "127.0.0.1")
  await once(any, "listening")
  const { port } = any.address() as { port: number }
  any.close()
  expect(server.port).toBeLessThan(32_768)
  expect(await freePort()).toBeLessThan(32_768)
  expect(port).toBeGreaterThanOrEqual(32_768)
})

test("a server that is recovering from a crash can be stopped, and started again", async () => {
  // Enough for a recovery that is not over before it is told to stop.
  await server.sql("CREATE TABLE much AS SELECT i FROM generate_series(1, 1000000) AS i")
  const client = new pg.Client(server.adminUrl())
  client.on("error", () => {})
  await client.connect()
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid")
  log = ""
  process.kill(Number(rows[0]?.pid), "SIGKILL")
  await eventually("it recovers", () => log.includes("reinitializing"))
  await server.stop()
  await server.start()
  expect(await server.sql("SELECT count(*)::int FROM much")).toEqual([{ count: 1_000_000 }])
})
