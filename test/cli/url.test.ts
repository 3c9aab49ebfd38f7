import { expect, test } from "vitest"
import { command } from "../support/command.ts"

const URL = "postgresql://app:p%40ss@db:5432/core?schema=core"
const env = { DATABASE_URL_CORE: URL, PRISMA_POOL_SIZE_CORE: "30" }
const SETTINGS = "&connection_limit=30&pool_timeout=20&connect_timeout=10"

test("prints the Core URL with its settings, without the password", async () => {
  const { code, out, err } = await command(["url"], { env })
  expect([code, err]).toEqual([0, ""])
  expect(out).toBe(`postgresql://app:***@db:5432/core?schema=core${SETTINGS}\n`)
})

test("prints the password where it is asked for", async () => {
  const { out } = await command(["url", "--show-password"], { env })
  expect(out).toBe(`${URL}${SETTINGS}\n`)
})

test("prints what psql takes", async () => {
  const { out } = await command(["url", "--libpq", "--show-password"], { env })
  expect(out).toBe(
    "postgresql://app:p%40ss@db:5432/core?options=-c%20search_path%3D%22core%22&connect_timeout=10\n",
  )
  expect((await command(["url", "--libpq"], { env })).out).toContain("app:***@db")
  const colon = { DATABASE_URL_CORE: "postgresql://app:s3cret@db/core?host=x:y" }
  expect((await command(["url", "--libpq"], { env: colon })).out).toContain("app:***@[x:y]:5432/core")
})

test("reads a .env for what the environment does not have", async () => {
  const files = { ".env": `DATABASE_URL_CORE="${URL}"\nPRISMA_POOL_SIZE_CORE=7\n` }
  const args = ["url", "--env-file", ".env"]
  expect((await command(args, { files })).out).toContain("connection_limit=7")
  expect((await command(args, { files, env: { PRISMA_POOL_SIZE_CORE: "9" } })).out).toContain(
    "connection_limit=9",
  )
})

test("prints that of the database by its name, by its variable, or of DATABASE_URL where Core has none", async () => {
  const all = {
    ...env,
    DATABASE_URL: "postgresql://app@shop/shop",
    PRISMA_POOL_SIZE: "3",
    DATABASE_URL_BILLING: "postgresql://app@billing/billing",
    PRISMA_POOL_SIZE_BILLING: "4",
    OWN: "postgresql://app@own/own",
  }
  const printed = async (args: readonly string[], of: Record<string, string> = all) =>
    (await command(["url", ...args], { env: of })).out.replace(/&pool_timeout.*/s, "")
  expect(await printed([])).toBe("postgresql://app:***@db:5432/core?schema=core&connection_limit=30")
  expect(await printed(["--database", "BILLING"])).toBe("postgresql://app@billing/billing?connection_limit=4")
  expect(await printed(["--database", "DATABASE_URL"])).toBe("postgresql://app@shop/shop?connection_limit=3")
  expect(await printed(["--connect", "OWN"])).toBe("postgresql://app@own/own?connection_limit=30")
  const { DATABASE_URL_CORE: _, ...without } = all
  expect(await printed([], without)).toBe("postgresql://app@shop/shop?connection_limit=3")
  const bad = await command(["url", "--database", "core"], { env: all })
  expect([bad.code, bad.out]).toEqual([3, ""])
  expect(bad.err).toContain("Give a suffix, such as CORE for DATABASE_URL_CORE, or DATABASE_URL")
})

test("refuses what the client would refuse, all at once, and prints no URL", async () => {
  const bad = {
    DATABASE_URL_CORE: "postgresql://app:s3cret@db/core?connection_limit=0",
    PRISMA_POOL_TIMEOUT: "-1",
  }
  const { code, out, err } = await command(["url", "--show-password"], { env: bad })
  expect([code, out]).toEqual([3, ""])
  expect(err).toContain("prisma-pool: connection_limit in DATABASE_URL_CORE: ")
  expect(err).toContain("prisma-pool: PRISMA_POOL_TIMEOUT: ")
  expect(err).not.toContain("s3cret")
})

test("says what is missing", async () => {
  const { code, err } = await command(["url"], {})
  expect(code).toBe(3)
  expect(err).toContain("DATABASE_URL_CORE: is not set")
  expect((await command(["url", "--env-file", "nowhere"], { env })).err).toContain(
    "--env-file: names a file that cannot be read",
  )
})

test("prisma-pool url refuses a size of auto, which no URL can say; psql needs no size", async () => {
  const env = { DATABASE_URL_CORE: "postgresql://app:s3cret@db/core", PRISMA_POOL_SIZE_CORE: "auto" }
  const { code, out, err } = await command(["url"], { env })
  expect({ code, out }).toEqual({ code: 3, out: "" })
  expect(err).toContain("PRISMA_POOL_SIZE_CORE: is auto, which no URL can say. Set a number, such as 15,")
  expect((await command(["url", "--libpq"], { env })).out).toBe(
    "postgresql://app:***@db:5432/core?connect_timeout=10\n",
  )
})
