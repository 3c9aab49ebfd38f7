import { describe, expect, test } from "vitest"
import { PrismaClient } from "../../prisma/core/generated/client.ts"
import { createCoreClient } from "../../src/index.ts"
import { inspectDatabase } from "../../src/monitor/index.ts"
import { nextState, QUIET } from "../../src/monitor/watch/watch-state.ts"
import { holdTransactions } from "../support/held-transactions.ts"
import { freshDatabase, rejection, sharedPostgres } from "../support/helpers.ts"

const THRESHOLDS = { threshold: 80, clearBelow: 72 }
const message = (error: unknown) => nextState(QUIET, { error }, THRESHOLDS).events[0]?.message

describe("the message of an event is one line that says what happened, and not where", () => {
  test("a Prisma client whose server cannot be reached", async () => {
    const client = createCoreClient(PrismaClient, {
      env: { DATABASE_URL_CORE: "postgresql://app:s3cret@127.0.0.1:1/core" },
    })
    expect(message(await rejection(inspectDatabase(client)))).toBe(
      "PostgreSQL cannot be asked for its connections: Can't reach database server at `127.0.0.1:1` Please make sure your database server is running at `127.0.0.1:1`.",
    )
  })

  test("a Prisma client whose own pool is full: the server is not to blame, and is not full", async () => {
    const client = createCoreClient(PrismaClient, {
      env: {
        DATABASE_URL_CORE: sharedPostgres().url(await freshDatabase()),
        PRISMA_POOL_SIZE_CORE: "1",
        PRISMA_POOL_TIMEOUT: "1",
        PRISMA_CONNECT_TIMEOUT: "0",
      },
    })
    const release = await holdTransactions(client, 1)
    const error = await rejection(inspectDatabase(client))
    expect(nextState(QUIET, { error }, THRESHOLDS).events).toMatchObject([{ kind: "down" }])
    expect(message(error)).toMatch(
      /^PostgreSQL cannot be asked for its connections: Timed out fetching a new connection from the connection pool\. .*connection limit: 1\)\. 1 connection is held, .*$/,
    )
    await release()
    await client.$disconnect()
  })

  test("a model query's error with the source around it", () => {
    const text =
      "\nInvalid `prisma.mission.count()` invocation in\n/srv/a.ts:1:2\n\n  1 const a = 1\n→ 2 await prisma.mission.count(\nServer has closed\nthe connection."
    expect(message(new Error(text))).toBe(
      "PostgreSQL cannot be asked for its connections: Server has closed the connection.",
    )
  })

  test.each([
    ["nothing", undefined, "undefined"],
    ["a string", "closed", "closed"],
    ["an object that is no Error", { message: "closed" }, "closed"],
    ["an object without a prototype", Object.create(null), "an object"],
    ["an Error whose message is none", Object.assign(new Error(), { message: undefined, code: "E1" }), "E1"],
    [
      "one error for each address of a host",
      new AggregateError([
        new Error("connect ECONNREFUSED ::1:1"),
        new Error("connect ECONNREFUSED 127.0.0.1:1"),
      ]),
      "connect ECONNREFUSED ::1:1; connect ECONNREFUSED 127.0.0.1:1",
    ],
  ])("%s", (_, error, text) => {
    expect(message(error)).toBe(`PostgreSQL cannot be asked for its connections: ${text}`)
  })

  test("a server that says too much is cut, and a million blanks do not hold up the process", () => {
    const text = message(new Error(`the start${" ".repeat(1_000_000)}\nthe end`))
    expect(text).toMatch(/: the start the end$/)
    const long = message(new Error(`the start ${"x ".repeat(1_000_000)}the end`))
    expect(long?.length).toBeLessThan(2_100)
    expect(long).toMatch(/: the start x.*the end$/)
  })
})

describe("a server that refuses in another language", () => {
  const refusal = Object.assign(new Error("désolé, trop de clients sont déjà connectés"), { code: "53300" })

  test("is full by its code, though the limit cannot be told", () => {
    expect(nextState(QUIET, { error: refusal }, THRESHOLDS)).toMatchObject({
      state: { alert: "full", isDown: false },
      events: [{ kind: "alert", reason: "full", limit: undefined }],
    })
    expect(message(refusal)).toBe(
      "PostgreSQL refuses connections (SQLSTATE 53300): désolé, trop de clients sont déjà connectés",
    )
  })

  test("and is up, when it was down before", () => {
    const { events, state } = nextState({ alert: "none", isDown: true }, { error: refusal }, THRESHOLDS)
    expect(events.map(({ kind }) => kind)).toEqual(["up", "alert"])
    expect(state).toEqual({ alert: "full", isDown: false })
  })
})
