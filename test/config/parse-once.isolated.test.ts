import { inspect } from "node:util"
import { beforeEach, describe, expect, test, vi } from "vitest"
import { fleetFromTerraform } from "../../src/deployments/index.ts"
import {
  coreAdapter,
  coreDatabaseUrl,
  createPool,
  poolConfigFromUrl,
  readPoolSettings,
  redactUrl,
  toLibpqUrl,
} from "../../src/index.ts"
import { inspectDatabase } from "../../src/monitor/index.ts"
import { CORE, CORE_WITH_LIMIT, container, namespace, server } from "../deployments/resources.ts"
import { command } from "../support/command.ts"
import { plan } from "../support/terraform-plan.ts"

/** Every text that is parsed, in order. */
const parsed = vi.hoisted((): unknown[] => [])

vi.mock("../../src/config/parse-database-url.ts", async (importOriginal) => {
  const original = await importOriginal<typeof import("../../src/config/parse-database-url.ts")>()
  const counted =
    <Rest extends unknown[], Result>(parse: (text: unknown, ...rest: Rest) => Result) =>
    (text: unknown, ...rest: Rest): Result => {
      parsed.push(text)
      return parse(text, ...rest)
    }
  return {
    ...original,
    parseDatabaseUrl: counted(original.parseDatabaseUrl),
    parseUrlText: counted(original.parseUrlText),
    splitDatabaseUrl: counted(original.splitDatabaseUrl),
  }
})

// Nothing listens there.
const URL = "postgresql://app:p%40ss@127.0.0.1:1/core?schema=core&connection_limit=5&sslmode=disable"
const env = { DATABASE_URL_CORE: URL, PRISMA_POOL_SIZE_CORE: "30" }

beforeEach(() => {
  parsed.length = 0
})

describe("a URL is parsed once by", () => {
  test.each<[name: string, run: () => unknown]>([
    ["readPoolSettings", () => readPoolSettings(env)],
    ["readPoolSettings that a log shows", () => inspect(readPoolSettings(env))],
    ["coreDatabaseUrl", () => coreDatabaseUrl(env)],
    ["redactUrl", () => redactUrl(URL)],
    ["toLibpqUrl", () => toLibpqUrl(URL)],
    ["poolConfigFromUrl", () => poolConfigFromUrl(URL)],
    ["poolConfigFromUrl, strictly", () => poolConfigFromUrl(URL, { strict: true })],
    ["createPool", () => createPool(URL)],
    ["coreAdapter", () => coreAdapter({ env })],
    ["inspectDatabase", () => expect(inspectDatabase(URL)).rejects.toThrow("ECONNREFUSED")],
    ["prisma-pool url", () => command(["url"], { env })],
    ["prisma-pool url --show-password", () => command(["url", "--show-password"], { env })],
    ["prisma-pool url --libpq", () => command(["url", "--libpq"], { env })],
    ["prisma-pool inspect", () => command(["inspect"], { env })],
  ])("%s", async (_, run) => {
    await run()
    expect(parsed).toEqual([URL])
  })

  test("a plan, however many containers have it", () => {
    const withUrl = (name: string, url: string) =>
      container(name, { environment_variables: { DATABASE_URL_CORE: url, DATABASE_URL_ANALYTICS: url } })
    const containers = [
      ...["a", "b", "c"].map((name) => withUrl(name, CORE_WITH_LIMIT)),
      withUrl("other", CORE),
    ]
    fleetFromTerraform(plan([server("main"), namespace, ...containers]))
    expect([...parsed].sort()).toEqual([CORE, CORE_WITH_LIMIT])
  })
})
