import { once } from "node:events"
import pg from "pg"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type Api, startApi } from "../support/api.ts"
import { countBackends, eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { waitingForLock } from "../support/lock.ts"

let core: string
let analytics: string
let api: Api
let url: string

beforeAll(async () => {
  core = await freshDatabase("core")
  analytics = await freshDatabase("analytics")
  await sharedPostgres().sql("INSERT INTO partner (name, api_key) VALUES ('A partner', 'secret')", [], core)
  api = await startApi({
    DATABASE_URL_CORE: sharedPostgres().url(core),
    DATABASE_URL_ANALYTICS: sharedPostgres().url(analytics),
    PRISMA_POOL_SIZE_CORE: "1",
    PRISMA_POOL_TIMEOUT: "1",
  })
  url = api.url
  // Its pool_timeout may be shorter than a busy machine takes to connect.
  await eventually("it serves", async () => (await fetch(`${url}/missions`)).status === 200)
})

afterAll(() => {
  api?.process.kill("SIGKILL")
})

function post(body: string): Promise<Response> {
  return fetch(`${url}/missions`, { method: "POST", body })
}

/** Waits until a request is there, and its query waits for the lock. */
const oneWaits = () => eventually("a query waits", async () => (await waitingForLock(core)) === 1)

/** Makes every query of missions wait while `during` runs. */
async function withMissionsLocked(during: () => Promise<void>): Promise<void> {
  const client = new pg.Client(sharedPostgres().adminUrl(core))
  await client.connect()
  try {
    await client.query("BEGIN; LOCK TABLE mission")
    await during()
  } finally {
    await client.end()
  }
}

it("creates a mission in Core and says so in Analytics", async () => {
  const created = await post('{"title":"A mission","partnerId":1}')
  expect(created.status).toBe(201)
  const listed = await (await fetch(`${url}/missions`)).json()
  expect(listed).toMatchObject([{ title: "A mission", partner: { name: "A partner" } }])
  expect(JSON.stringify(listed)).not.toContain("secret")
  expect(await sharedPostgres().sql("SELECT type FROM stat_event", [], analytics)).toEqual([
    { type: "mission-created" },
  ])
})

it("answers what is no mission with 400, and what it does not know with 404", async () => {
  for (const body of ["", "{", "null", "[]", '{"title":"x"}', '{"title":"x","partnerId":1.5}']) {
    expect((await post(body)).status, body).toBe(400)
  }
  expect((await post('{"title":"x","partnerId":99}')).status).toBe(400)
  expect((await fetch(`${url}/nothing`)).status).toBe(404)
})

it("answers 503 with retry-after when its pool is full for too long, and is healthy all the while", async () => {
  let holding: Promise<Response> | undefined
  await withMissionsLocked(async () => {
    holding = fetch(`${url}/missions`)
    await oneWaits()
    const refused = await fetch(`${url}/missions`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get("retry-after")).toBe("1")
    expect((await fetch(`${url}/health`)).status).toBe(200)
  })
  expect((await holding)?.status).toBe(200)
})

it("on SIGTERM answers what it has begun, gives its connections back and ends", async () => {
  let begun: Promise<Response> | undefined
  const exit = once(api.process, "exit")
  await withMissionsLocked(async () => {
    begun = fetch(`${url}/missions`)
    await oneWaits()
    api.process.kill("SIGTERM")
    await eventually("it stops accepting", () =>
      fetch(`${url}/health`).then(
        () => false,
        () => true,
      ),
    )
  })
  expect((await begun)?.status).toBe(200)
  expect(await exit, api.output).toEqual([0, null])
  for (const database of [core, analytics]) {
    await eventually(
      "no connection is left",
      async () => (await countBackends(sharedPostgres(), database)) === 0,
    )
  }
})
