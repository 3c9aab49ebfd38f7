import { networkInterfaces } from "node:os"
import { describe, expect, test } from "vitest"
import { createPool, poolConfigFromUrl } from "../../src/index.ts"
import { LimitedPool } from "../../src/pool/limited-pool.ts"
import { collectWarnings, rejection } from "../support/helpers.ts"
import { message, replaySessions } from "../support/wire-session.ts"

const CLEARTEXT = message("R", Buffer.from([0, 0, 0, 3]))
const OK = message("R", Buffer.alloc(4))
const READY = message("Z", "I")
const EMPTY = [message("I"), READY]

/** An address of this machine that others could reach. */
const ADDRESS = Object.values(networkInterfaces())
  .flat()
  .find((of) => of && !of.internal && of.family === "IPv4")?.address as string

/** The warnings of two connections to a server that asks for the password in clear. */
async function warnings(host: string, parameters: string): Promise<string[]> {
  const server = await replaySessions(() => [[CLEARTEXT], [OK, READY], EMPTY], host)
  const seen = await collectWarnings(async () => {
    for (const _ of [1, 2]) {
      const pool = createPool(`postgresql://app:secret@${host}:${server.port}/core?${parameters}`)
      await pool.query("")
      await pool.end()
    }
  })
  await server.close()
  return seen.map((text) => text.replace(`:${server.port}`, ":PORT"))
}

describe("a password that is asked for in clear, without TLS,", () => {
  test("is one warning, without the password", async () => {
    expect(await warnings(ADDRESS, "sslmode=prefer")).toEqual([
      `${ADDRESS}:PORT has no TLS, and asked for the password in clear: anyone on the network path can read it. Write sslmode=require into the URL, or sslmode=disable where the network is private.`,
    ])
    expect(await warnings(ADDRESS, "")).toHaveLength(1)
  })

  test("is none with sslmode=disable, which says that it may be, nor on the loopback interface", async () => {
    expect(await warnings(ADDRESS, "sslmode=disable")).toEqual([])
    expect(await warnings("127.0.0.1", "")).toEqual([])
  })
})

test("password() is asked once for each connection, however often the server asks", async () => {
  const server = await replaySessions(() => [[CLEARTEXT, CLEARTEXT, CLEARTEXT], [], [], [OK, READY], EMPTY])
  let asked = 0
  const { pool: config } = poolConfigFromUrl(`postgresql://app@127.0.0.1:${server.port}/core?sslmode=disable`)
  const pool = new LimitedPool({ ...config, password: async () => `token ${++asked}` })
  await pool.query("")
  expect(asked).toBe(1)
  await pool.end()
  await server.close()
})

test("password() is told where the connection leads, as node-postgres tells it", async () => {
  const server = await replaySessions(() => [[CLEARTEXT], [OK, READY], EMPTY])
  const { pool: config } = poolConfigFromUrl(`postgresql://app@127.0.0.1:${server.port}/core?sslmode=disable`)
  const told: unknown[] = []
  const password = (...parameters: unknown[]) => {
    told.push(...parameters)
    return "token"
  }
  const pool = new LimitedPool({ ...config, password })
  await pool.query("")
  expect(told).toMatchObject([{ user: "app", host: "127.0.0.1", port: server.port, database: "core" }])
  await pool.end()
  await server.close()
})

test("what a server repeats of it is hidden from people, and nothing from programs", async () => {
  const fields = ["SERROR", "C42P01", "Mno table app", "Dit is app", "tapp", "napp_key"]
  const error = message("E", Buffer.from(`${fields.join("\0")}\0\0`))
  const server = await replaySessions(() => [[CLEARTEXT], [OK, READY], [error, READY]])
  const pool = createPool(`postgresql://u:app@127.0.0.1:${server.port}/core?sslmode=disable`)
  expect(await rejection(pool.query("SELECT"))).toMatchObject({
    code: "42P01",
    message: "no table ***",
    detail: "it is ***",
    table: "app",
    constraint: "app_key",
  })
  await pool.end()
  await server.close()
})
