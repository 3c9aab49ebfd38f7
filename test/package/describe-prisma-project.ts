import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { freshDatabase, sampleBackends, sharedPostgres } from "../support/helpers.ts"
import { freePort, ROLE } from "../support/server.ts"
import { compilers, PrismaProject, type PrismaSetup } from "./prisma-project.ts"
import { removeDirectory, temporaryDirectory } from "./project.ts"

/** What a caller can tell of a refusal. */
interface Refusal {
  readonly code: string
  /** Whether it is `instanceof Prisma.PrismaClientKnownRequestError`. */
  readonly known: boolean
  readonly isPoolTimeout: boolean
  readonly isTooManyConnections: boolean
  /** The names of the issues, when it is a PoolConfigError. */
  readonly issues: readonly string[]
  /** In milliseconds. */
  readonly waited: number
}

type Refusals<Call extends string> = Record<Call, Refusal>

/** In which Prisma versions differ. */
export interface Expected {
  /** The code of an interactive transaction whose `maxWait` is shorter than `pool_timeout`. */
  readonly maxWait: "P2024" | "P2028"
  /** Calls whose error is no `PrismaClientKnownRequestError` of the generated client, by what it was loaded as. */
  readonly unknown: { readonly esm: readonly string[]; readonly cjs: readonly string[] }
}

const SIZE = 3
const POOL_TIMEOUT = 1

/**
 * The packed package in a user's project on one version of Prisma: its types, and what its Core client does on a
 * real server. `more` adds what is asked of that version only.
 */
export function describePrismaProject(
  version: string,
  setup: PrismaSetup,
  expected: Expected,
  more: (user: () => PrismaProject) => void = () => {},
): void {
  let directory: string | undefined
  let user: PrismaProject
  beforeAll(async () => {
    directory = await temporaryDirectory()
    user = await PrismaProject.create(join(directory, "project"), inject("packed").tarball, setup)
  })
  afterAll(() => removeDirectory(directory))

  describe.each(compilers)(`with ${version}, the type tests compile on TypeScript %s`, (compiler) => {
    test("under nodenext, from ESM and from CommonJS, with every declaration file checked", async () => {
      expect(await user.compile(compiler, "nodenext")).toBe("")
    })

    test("under bundler", async () => {
      expect(await user.compile(compiler, "bundler")).toBe("")
    })
  })

  describe.each([
    ["ESM", "esm"],
    ["CommonJS", "cjs"],
  ] as const)(`on ${version}, a Core client that was loaded as %s`, (_, half) => {
    function run<Result>(part: string, url: string): Promise<Result> {
      return user.project.run("guarantees.mjs", [half, part], {
        folder: half,
        env: {
          DATABASE_URL_CORE: url,
          PRISMA_POOL_SIZE_CORE: String(SIZE),
          PRISMA_POOL_TIMEOUT: String(part === "fullPool" ? POOL_TIMEOUT : 20),
          PRISMA_POOL_LEAK_THRESHOLD: String(part === "callSites" ? 1 : 0),
        },
      })
    }
    const isKnown = (call: string) => !expected.unknown[half].includes(call)

    test(`never shows more than ${SIZE} backends for 30 concurrent calls with a limit of ${SIZE}`, async () => {
      const database = await freshDatabase()
      const { peak } = await sampleBackends(sharedPostgres(), database, async () => {
        const served = { served: 30, backends: SIZE }
        expect(await run("limit", sharedPostgres().url(database))).toEqual(served)
      })
      expect(peak).toBeLessThanOrEqual(SIZE)
    })

    test("rejects after pool_timeout with P2024 when its pool is full, and serves again afterwards", async () => {
      const url = sharedPostgres().url(await freshDatabase())
      const { maxWait, ...refused } = await run<
        Refusals<"model" | "raw" | "batch" | "interactive" | "maxWait">
      >("fullPool", url)
      for (const [call, refusal] of Object.entries(refused)) {
        expect(refusal, call).toMatchObject({
          code: "P2024",
          known: isKnown(call),
          isTooManyConnections: false,
        })
        expect(refusal.isPoolTimeout, call).toBe(true)
        // A timer may be a millisecond early by the clock.
        expect(refusal.waited, call).toBeGreaterThanOrEqual(POOL_TIMEOUT * 1000 - 5)
      }
      expect(Object.keys(refused)).toEqual(["model", "raw", "batch", "interactive"])
      expect(maxWait).toMatchObject({ code: expected.maxWait, isPoolTimeout: true })
    })

    test("names the code that holds a connection too long, where Prisma leaves it on the stack", async () => {
      const url = sharedPostgres().url(await freshDatabase("core"))
      expect(await run("callSites", url)).toEqual({
        model: "model",
        raw: "raw",
        interactive: "interactive",
        // Prisma sends these in another turn of the event loop.
        batch: null,
        connect: "connect",
        query: "query",
      })
    })

    test("rejects with P1001 when nothing listens", async () => {
      const url = `postgresql://${ROLE.user}@127.0.0.1:${await freePort()}/core`
      const refused = await run<Refusals<"connect" | "query" | "interactive">>("nothingListens", url)
      for (const [call, refusal] of Object.entries(refused)) {
        expect(refusal, call).toMatchObject({ code: "P1001", known: isKnown(call), isPoolTimeout: false })
      }
      expect(Object.keys(refused)).toEqual(["connect", "query", "interactive"])
    })

    test("rejects with the PoolConfigError while DATABASE_URL_CORE is missing, and works once it is set", async () => {
      const url = sharedPostgres().url(await freshDatabase())
      const refused = await run<Refusals<"connect" | "query" | "raw" | "interactive">>("missingUrl", url)
      for (const [call, refusal] of Object.entries(refused)) {
        expect(refusal, call).toMatchObject({ code: "POOL_CONFIG", issues: ["DATABASE_URL_CORE"] })
      }
      expect(Object.keys(refused)).toEqual(["connect", "query", "raw", "interactive"])
    })

    test("finds the tables of the URL's schema, in model queries and in raw ones", async () => {
      const database = await freshDatabase()
      const move = `CREATE SCHEMA tenant AUTHORIZATION ${ROLE.user}; ALTER TABLE partner SET SCHEMA tenant`
      await sharedPostgres().sql(move, [], database)
      const url = sharedPostgres().url(database, { schema: "tenant" })
      expect(await run("schema", url)).toEqual([{ name: "written by a model query" }])
    })

    test("gives every parameter of the same URL its effect", async () => {
      const url = sharedPostgres().url(await freshDatabase(), {
        schema: "public",
        options: "-c work_mem=5MB",
        statement_timeout: 4321,
        application_name: "same URL",
        single_use_connections: "true",
        max_idle_connection_lifetime: 60,
        sslmode: "prefer",
      })
      expect(await run("effects", url)).toEqual({
        search_path: '"public"',
        statement_timeout: "4321ms",
        work_mem: "5MB",
        application_name: "same URL",
        singleUse: true,
      })
    })

    test("knows when a transaction is over, and what its COMMIT came to", async () => {
      expect(await run("transactionEnd", sharedPostgres().url(await freshDatabase()))).toEqual({
        late: "P2028",
        aborted: "P2028",
        inFlight: "P2028",
        deferred: "P2002",
      })
    })

    test("has its pool's figures under ./monitor, as have those that extend it and a class over coreAdapter", async () => {
      const database = await freshDatabase()
      const { stats, ...report } = await run<{ stats: unknown[] }>("monitor", sharedPostgres().url(database))
      const [first, ...others] = stats
      expect(first).toMatchObject({ max: SIZE, total: 1, idle: 1, used: 0, opened: 1, timeouts: 0 })
      // They share the pool, and the peak was read by the first.
      expect(others).toEqual(Array(3).fill({ ...(first as object), peakUsed: 0 }))
      expect(report).toEqual({ connections: expect.any(Number), database })
    })

    test.each([
      ["socketTimeout", "P1008", { socket_timeout: 1 }],
      ["cut", "P1017", {}],
    ])("rejects with Prisma's own code in every kind of call: %s, %s", async (part, code, parameters) => {
      const url = sharedPostgres().url(await freshDatabase(), parameters)
      const refused = await run<Refusals<"raw" | "execute" | "batch" | "interactive">>(part, url)
      for (const [call, refusal] of Object.entries(refused)) {
        expect(refusal, call).toMatchObject({ code, isPoolTimeout: false })
      }
      expect(Object.keys(refused)).toEqual(["raw", "execute", "batch", "interactive"])
    })
  })

  more(() => user)
}
