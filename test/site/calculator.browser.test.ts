import type { Page } from "playwright-core"
import { describe, expect, inject, test } from "vitest"
import { fleetFragment, readFleetFragment, SITE } from "../../src/declaration/fleet-link.ts"
import { browserPages } from "../support/chromium.ts"
import { installed } from "../support/client-tools.ts"
import { command, directoryWith } from "../support/command.ts"
import { seriousProblems } from "./accessibility.ts"
import { watch, withoutFiles } from "./crawl.ts"

/** What the page says of the fleet in its form, once it does. */
const says = (page: Page, text: string | RegExp) =>
  page.locator(".calculator .verdict").filter({ hasText: text }).waitFor()

/** Types into a field, as somebody without a mouse does. */
async function type(page: Page, group: string | undefined, label: string, text: string): Promise<void> {
  const place = group === undefined ? page : page.getByRole("group", { name: group, exact: true })
  await place.getByLabel(label, { exact: true }).focus()
  await page.keyboard.press("ControlOrMeta+A")
  await page.keyboard.type(text)
}

async function press(page: Page, button: string): Promise<void> {
  await page.getByRole("button", { name: button, exact: true }).focus()
  await page.keyboard.press("Enter")
}

/** Chooses with the arrow keys: letters that come late begin another word, and a space opens the list. */
async function choose(page: Page, group: string, label: string, option: string): Promise<void> {
  const field = page.getByRole("group", { name: group, exact: true }).getByLabel(label, { exact: true })
  const place = (await field.locator("option").allInnerTexts()).indexOf(option)
  expect(place, option).toBeGreaterThanOrEqual(0)
  await field.focus()
  await page.keyboard.press("Home")
  for (let down = 0; down < place; down += 1) await page.keyboard.press("ArrowDown")
  await page.keyboard.press("Tab")
}

interface Scenario {
  readonly maxConnections: string
  readonly reserved: string
  readonly api: readonly [instances: string, poolSize: string]
  readonly jobs?: readonly [instances: string, poolSize: string]
}

async function enter(page: Page, { maxConnections, reserved, api, jobs }: Scenario): Promise<void> {
  await type(page, undefined, "max_connections", maxConnections)
  await type(page, "Reserved metabase", "Reserved connections", reserved)
  await type(page, "Consumer api", "Instances", api[0])
  await choose(page, "Consumer api", "Pool size is", "a number")
  await type(page, "Consumer api", "Pool size", api[1])
  if (jobs === undefined) return
  await press(page, "Add a consumer")
  await type(page, "Consumer service", "Instances", jobs[0])
  await choose(page, "Consumer service", "A deploy", "stops old first")
  await choose(page, "Consumer service", "Pool size is", "a number")
  await type(page, "Consumer service", "Pool size", jobs[1])
  await type(page, "Consumer service", "Name", "jobs")
}

const copied = async (page: Page, name: string) =>
  (await page.getByRole("region", { name, exact: true }).locator("pre").textContent()) ?? ""

const FLEET = {
  maxConnections: 100,
  reserved: { metabase: 10 },
  consumers: {
    api: { instances: 3, weight: 2 },
    worker: { instances: 2, surge: 0, poolSize: 5 },
    edge: { instances: 6, weight: 1, pooler: "pgbouncer" },
  },
  jobs: [{ name: "import", schedule: "0 3 * * *", timezone: "Europe/Paris", timeout: "1h30m", poolSize: 4 }],
  poolers: { pgbouncer: { instances: 1 } },
} as const

describe.runIf(installed("chromium"))("the calculator", () => {
  const open = browserPages()
  const address = (fragment = "") => `${inject("siteUrl")}calculator${fragment}`

  test.each([
    [
      "1",
      { maxConnections: "100", reserved: "10", api: ["1", "30"], jobs: ["2", "10"] },
      /fits: 60 of 97 usable connections.*60 % of max_connections 100/s,
      60,
    ],
    [
      "2",
      { maxConnections: "200", reserved: "15", api: ["1", "50"], jobs: ["3", "20"] },
      /fits: 125 of 197 usable connections.*63 % of max_connections 200/s,
      63,
    ],
    ["3", { maxConnections: "100", reserved: "0", api: ["3", "35"] }, /does not fit: 105 of 97 usable/, 105],
  ] as const)(
    "gives the answer of scenario %s, typed on a keyboard, and the command gives the same",
    async (_, scenario, answer, percent) => {
      const page = await open(address())
      await enter(page, scenario)
      await says(page, answer)
      const cwd = await directoryWith({ "pool.config.json": await copied(page, "pool.config.json") })
      const [, , ...line] = (await copied(page, "In CI")).trim().split(" ")
      const { out } = await command([...line, "--format", "json"], { cwd })
      const { servers } = JSON.parse(out)
      expect(servers[0].highest.percent).toBe(percent)
      const report = await command(line, { cwd })
      const summary = report.out.split("\n")[0]?.slice(2) ?? ""
      await says(page, summary)
      await page.close()
    },
  )

  test("has the fleet in its address, which gives the same fleet to somebody else", async () => {
    const page = await open(address())
    await enter(page, { maxConnections: "200", reserved: "15", api: ["2", "7"] })
    await says(page, "29 of 197")
    await page.waitForURL(/#v1\./)
    await page.getByRole("status").filter({ hasText: "29 of 197" }).first().waitFor({ state: "attached" })
    expect(readFleetFragment(new URL(page.url()).hash)).toEqual({
      maxConnections: 200,
      reserved: { metabase: 15 },
      consumers: { api: { instances: 2, poolSize: 7 } },
    })
    const other = await open(page.url())
    await says(other, "29 of 197")
    expect(
      await other
        .getByRole("group", { name: "Consumer api" })
        .getByLabel("Pool size", { exact: true })
        .inputValue(),
    ).toBe("7")
    await Promise.all([page.close(), other.close()])
  })

  test("opens the link of check, with the same verdict", async () => {
    const { out } = await command(["check", "--link"], { files: { "pool.config.json": FLEET } })
    const [, fragment = ""] = /\/calculator(#\S+)/.exec(out) ?? []
    expect(out).toContain(`${SITE}calculator#`)
    const page = await open("about:blank")
    const watched = watch(page)
    await page.goto(address(fragment))
    await says(page, out.split("\n")[0]?.slice(2) ?? "none")
    expect(watched.problems).toEqual([])
    await page.close()
  })

  test("follows another link in the same tab", async () => {
    const page = await open(address(`#${fleetFragment(FLEET)}`))
    await says(page, "of 97 usable")
    const next = fleetFragment({ maxConnections: 50, consumers: { api: { instances: 1, poolSize: 4 } } })
    await page.evaluate(`location.hash = "#${next}"`)
    await says(page, "4 of 47 usable")
    await page.close()
  })

  test.each([
    ["%%%", "link: is damaged"],
    [Buffer.from('{"__proto__":{"a":1}}').toString("base64url"), "__proto__: is not a known field"],
    [
      Buffer.from('{"maxConnections":"<img src=x onerror=alert(1)>"}').toString("base64url"),
      "maxConnections: received",
    ],
  ])("says what is wrong with a link, and is as it is at first: %s", async (text, problem) => {
    const page = await open("about:blank")
    const watched = watch(page)
    await page.goto(address(`#v1.${text}`))
    expect(await page.getByRole("alert").textContent()).toContain(problem)
    await says(page, "fits")
    expect(watched.problems).toEqual([])
    await page.close()
  })

  test("takes a declaration that is pasted, and says where a field is wrong", async () => {
    const page = await open(address())
    await says(page, "fits")
    await page
      .getByLabel("Paste a pool.config.json")
      .fill(JSON.stringify({ ...FLEET, applications: { a: "api" } }))
    await press(page, "Open it")
    await says(page, /pgbouncer/)
    await type(page, "Job import", "Schedule (cron)", "0 3 * *")
    const field = page.getByRole("group", { name: "Job import" }).getByLabel("Schedule (cron)")
    await page.locator(".calculator .verdict", { hasText: "One field is" }).waitFor()
    expect(await field.getAttribute("aria-invalid")).toBe("true")
    await page.close()
  })

  test("asks for nothing but files of the site once it is loaded, and does nothing that its policy forbids", async () => {
    const page = await open("about:blank")
    const watched = watch(page)
    await page.goto(address())
    await says(page, "fits")
    await page.waitForLoadState("networkidle")
    const before = watched.requests.length
    await enter(page, { maxConnections: "200", reserved: "15", api: ["1", "50"], jobs: ["3", "20"] })
    await press(page, "Add a job")
    await press(page, "Add a pooler")
    await type(page, undefined, "Acquisitions a second", "900")
    await page.locator(".calculator .verdict", { hasText: /pgbouncer|field/ }).waitFor()
    expect(withoutFiles(watched.requests.slice(before), inject("siteUrl"))).toEqual([])
    expect(watched.problems).toEqual([])
    await page.close()
  })

  test.each([
    [1280, "light"],
    [360, "dark"],
  ] as const)(
    "has no serious problem of accessibility, and fits into %i pixels (%s)",
    async (width, colorScheme) => {
      const page = await open("about:blank", width)
      await page.emulateMedia({ colorScheme })
      await page.goto(address(`#${fleetFragment(FLEET)}`))
      await says(page, "pgbouncer")
      const complete = await seriousProblems(page, ".calculator")
      await page.getByLabel("Pool size is").first().selectOption("fixed")
      await says(page, "missing or wrong")
      expect([...complete, ...(await seriousProblems(page, ".calculator"))]).toEqual([])
      const overflow = await page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
      expect(overflow).toBeLessThanOrEqual(0)
      await page.close()
    },
  )
})
