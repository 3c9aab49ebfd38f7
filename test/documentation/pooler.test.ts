import { expect, test } from "vitest"
import { checkFleet } from "../../src/sizing/index.ts"
import { command, words } from "../support/command.ts"
import { blocksOf, page } from "./pages.ts"

const pooler = page("docs/pooler.md")
const [declaration = "{}"] = blocksOf(pooler, "json")

const planned = async (config: object) => {
  const { out } = await command(words("plan --format json"), { files: { "pool.config.json": config } })
  const [{ poolers, sizes }] = JSON.parse(out).servers
  return { ...poolers.pgbouncer, api: sizes.api }
}

test("the sizes of the declaration on the page are those that it says, with and without a surge", async () => {
  const said = /a `default_pool_size` of (\d+), a `max_client_conn` of ([\d,]+), and (\d+) connections/.exec(
    pooler,
  )
  const config = JSON.parse(declaration)
  const { poolSize, maxClientConnections, api } = await planned(config)
  expect([`${poolSize}`, maxClientConnections.toLocaleString("en"), `${api}`]).toEqual(said?.slice(1))
  const [, alone] = /for the pooler the pool is (\d+)/.exec(pooler) ?? []
  const stopsFirst = { ...config, poolers: { pgbouncer: { ...config.poolers.pgbouncer, surge: 0 } } }
  expect(`${(await planned(stopsFirst)).poolSize}`).toBe(alone)
})

test("the pooler that the page shows is the one that the command names", async () => {
  const [step = ""] = blocksOf(pooler, "text")
  const { out } = await command(words("plan --max-connections 100 --consumer api=50"))
  expect(out).toContain(step.trim().replace("\n", " "))
})

test("the fleet in code adds up to what is said of it", () => {
  const [code = ""] = blocksOf(pooler, "ts")
  const check = new Function(
    "checkFleet",
    code.replace(/^import .*$/m, "").replace("checkFleet({", "return checkFleet({"),
  )(checkFleet)
  expect(check).toMatchObject({ total: 75, deploy: { total: 77 }, bindingTier: "poolers.pgbouncer" })
  expect(check.poolers.pgbouncer).toMatchObject({
    orphans: 5,
    clients: { total: 200, capacity: 400, deploy: { total: 400 } },
  })
  expect(code).toContain("= 75, in a deploy 77 of 97")
})
