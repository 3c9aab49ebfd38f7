import type { Page } from "playwright-core"
import { parse } from "shell-quote"
import { describe, expect, inject, test } from "vitest"
import { browserPages } from "../support/chromium.ts"
import { installed } from "../support/client-tools.ts"
import { command } from "../support/command.ts"
import { seriousProblems } from "./accessibility.ts"
import { hydrated, watch, withoutFiles } from "./crawl.ts"
import { DROPPED, type Dropped, SECRET } from "./deployed.ts"

describe.runIf(installed("chromium"))("the checker", () => {
  const openPage = browserPages()

  async function open(width?: number): Promise<Page> {
    const page = await openPage(new URL("check", inject("siteUrl")).href, width)
    await hydrated(page)
    return page
  }

  /** Opens the page with a script that runs in its worker before the worker's own. */
  async function openWithWorker(script: string, headers: Readonly<Record<string, string>> = {}) {
    const page = await openPage("about:blank")
    await page.route(/\/worker-[^/]*\.js$/, async (route) => {
      const response = await route.fetch()
      await route.fulfill({
        response,
        headers: { ...response.headers(), ...headers },
        body: `${script}\n${await response.text()}`,
      })
    })
    const started = page.waitForEvent("worker")
    await page.goto(new URL("check", inject("siteUrl")).href)
    await hydrated(page)
    return { page, worker: await started }
  }

  const buffersOf = (files: Dropped["files"]) =>
    Object.entries(files).map(([name, content]) => ({
      name,
      mimeType: "application/octet-stream",
      buffer: Buffer.from(content),
    }))

  /** Drops files on the page, as a person does who has marked them in another window. */
  async function drop(page: Page, files: Dropped["files"]): Promise<void> {
    const contents = buffersOf(files).map(({ name, buffer }) => [name, buffer.toString("base64")])
    const transfer = await page.evaluateHandle(`
      const made = new DataTransfer()
      for (const [name, base64] of ${JSON.stringify(contents)})
        made.items.add(new File([Uint8Array.from(atob(base64), (each) => each.charCodeAt(0))], name))
      made`)
    await page.getByText("Drop files here").dispatchEvent("drop", { dataTransfer: transfer })
  }

  /** The answer once it is there. */
  async function answer(page: Page) {
    await page.getByText(/Exit code \d/).waitFor()
    const text = async (name: string) => {
      const region = page.getByRole("region", { name, exact: true })
      return (await region.count()) === 0 ? "" : ((await region.textContent()) ?? "")
    }
    const shown = await text("Command")
    const [, code] = /Exit code (\d)/.exec((await page.getByRole("status").first().textContent()) ?? "") ?? []
    return {
      args: parse(shown).map(String).slice(2),
      printed: { out: await text("Report"), err: await text("Messages"), code: Number(code) },
    }
  }

  test.each(Object.entries(DROPPED))(
    "shows what the command prints for %s, and no secret",
    async (_, dropped) => {
      const { files, flags = "", exitCode } = dropped
      const page = await open()
      if (flags !== "") {
        await page.getByLabel("Further flags").fill(flags)
        await page.getByLabel("Further flags").blur()
      }
      await drop(page, files)
      // What another file includes is no pooler of its own.
      if ("users.ini" in files) await page.getByLabel("Format of users.ini").selectOption("named")
      await page.getByText(`Exit code ${exitCode}:`).waitFor()
      const { args, printed } = await answer(page)
      const { out, err, code } = await command(args, { files })
      expect(printed).toEqual({ out, err, code })
      expect(code).toBe(exitCode)
      expect(await page.content()).not.toContain(SECRET)
      expect(await page.content()).not.toContain(Buffer.from(SECRET).toString("base64").replace(/=+$/, ""))
      await page.close()
    },
  )

  test("makes no request and breaks no policy once it is loaded, whatever is dropped, pasted or typed", async () => {
    const page = await open()
    const { requests, problems } = watch(page)
    const others = Object.values(DROPPED).map(({ files }) => files)
    for (const files of [{ "заметки ✓ 計画.ini": "[pgbouncer]" }, ...others]) {
      await page.getByLabel("Drop files here").setInputFiles(buffersOf(files))
      await answer(page)
      for (const button of await page.getByRole("button", { name: /^Remove / }).all()) await button.waitFor()
      while ((await page.getByRole("button", { name: /^Remove / }).count()) > 0) {
        await page
          .getByRole("button", { name: /^Remove / })
          .first()
          .click()
      }
      await page.getByText("Nothing to check yet.").waitFor()
    }
    expect(withoutFiles(requests, inject("siteUrl"))).toEqual([])
    expect(problems).toEqual([])
    await page.close()
  })

  test("runs where a policy allows neither eval nor a connection, and does not try either", async () => {
    const { page, worker } = await openWithWorker(
      `globalThis.violations = []
      addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective))`,
      { "content-security-policy": "default-src 'none'; script-src 'self'" },
    )
    await drop(page, { ...DROPPED["the plan of examples/terraform"]?.files, "pool.config.json": "{}" })
    await page.getByText("Exit code 0:").waitFor()
    expect(await worker.evaluate("violations")).toEqual([])
    // The policy is there: what evaluates is reported.
    await worker.evaluate(
      `new Promise((resolve) => {
        addEventListener("securitypolicyviolation", resolve)
        setTimeout(() => { try { new Function("") } catch {} })
      })`,
    )
    expect(await worker.evaluate("violations")).toEqual(["script-src"])
    await page.close()
  })

  test("works by keyboard alone, with what is pasted", async () => {
    const page = await open()
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await page.keyboard.press(key)
    }
    await page.getByLabel("Drop files here").focus()
    // To what opens the form, through its fields, and to its button.
    await press("Tab", "Enter", "Tab")
    await page.keyboard.insertText("notes")
    await press("Tab")
    await page.keyboard.insertText(
      JSON.stringify({ maxConnections: 100, consumers: { api: { instances: 4, poolSize: 20 } } }),
    )
    await press("Tab", "Enter")
    await page.getByText("Exit code 1:").waitFor()
    expect(await page.getByLabel("Content").inputValue()).toBe("")
    // The format, its document's button, max_connections, and the first of the switches.
    await press("Tab", "Tab", "Tab")
    await page.keyboard.insertText("200")
    await press("Tab")
    await page.getByText("Exit code 0:").waitFor()
    expect(await page.getByRole("region", { name: "Command" }).textContent()).toBe(
      "npx prisma-pool-config check --config notes.json --max-connections 200",
    )
    await press("Shift+Tab", "Shift+Tab", "Enter")
    await page.getByRole("list", { name: "Documents" }).waitFor({ state: "detached" })
    await page.close()
  })

  test("copies the report and the command", async () => {
    const page = await open()
    await page.context().grantPermissions(["clipboard-read", "clipboard-write"])
    await page.getByLabel("Further flags").fill("--max-connections 100 --consumer api=2x10")
    await page.getByLabel("Further flags").blur()
    const { args, printed } = await answer(page)
    for (const [name, text] of [
      ["report", printed.out],
      ["command", `npx prisma-pool-config ${args.join(" ")}`],
    ] as const) {
      await page.getByRole("button", { name: `Copy the ${name}` }).click()
      await page.getByText(`The ${name} is copied.`).waitFor()
      expect(await page.evaluate("navigator.clipboard.readText()")).toBe(text)
    }
    await page.close()
  })

  test("is a click away from the page about CI", async () => {
    const page = await openPage(new URL("ci", inject("siteUrl")).href)
    await page.getByRole("link", { name: "A page", exact: true }).click()
    await page.getByLabel("Drop files here").waitFor()
    await page.getByRole("link", { name: "prisma-pool check" }).click()
    await page.getByRole("heading", { name: "The check in CI" }).waitFor()
    await page.close()
  })

  test("asks for a format that nothing tells, and then reads that", async () => {
    const page = await open()
    await drop(page, { "заметки.txt": "nothing that is deployed" })
    await page.getByText("Choose the format of заметки.txt.").waitFor()
    await page.getByLabel("Format of заметки.txt").selectOption("terraform")
    const { printed } = await answer(page)
    expect(printed.err).toContain("заметки.txt:1:1: is not valid JSON from here on")
    await page.close()
  })

  test("answers while a large plan is read", async () => {
    // What the worker says waits until the page has been tried.
    const { page, worker } = await openWithWorker(
      `const said = []
      const say = globalThis.postMessage
      globalThis.postMessage = (answer) => said.push(answer)
      globalThis.speak = () => {
        globalThis.postMessage = say
        for (const answer of said) say(answer)
      }`,
    )
    const { planned_values: planned, ...plan } = JSON.parse(
      String(DROPPED["the plan of examples/terraform"]?.files["plan.json"]),
    )
    const padding = Array.from({ length: 10_000 }, (_, index) => ({
      address: `aws_route53_record.r[${index}]`,
      mode: "managed",
      type: "aws_route53_record",
      name: "r",
      index,
      provider_name: "registry.terraform.io/hashicorp/aws",
      schema_version: 2,
      values: { name: `r${index}.example.com`, ttl: 300, type: "A", records: ["10.0.0.1"] },
      sensitive_values: {},
    }))
    planned.root_module.resources.push(...padding)
    plan.resource_changes.push(
      ...padding.map(({ values, ...resource }) => ({
        ...resource,
        change: { actions: ["create"], before: null, after: values, after_unknown: {} },
      })),
    )
    const large = JSON.stringify({ ...plan, planned_values: planned })
    expect(large.length).toBeGreaterThan(4_000_000)
    await drop(page, { "plan.json": large })
    await page.getByText("Checking …").waitFor()
    await page.getByText("Paste a document").click()
    await page.getByLabel("Content").fill("as I was saying")
    expect(await page.getByText("Checking …").count(), "no answer yet").toBe(1)
    await worker.evaluate("speak()")
    const { printed } = await answer(page)
    expect(printed.out).toContain("✓ fits: 35 of 97 usable connections")
    await page.close()
  })

  test.each([1280, 360])("has no serious fault of accessibility, and fits %i pixels", async (width) => {
    const page = await open(width)
    await drop(page, DROPPED["a compose file that is too large"]?.files ?? {})
    await answer(page)
    expect(await seriousProblems(page, ".checker")).toEqual([])
    expect(await page.evaluate("document.documentElement.scrollWidth")).toBeLessThanOrEqual(width)
    await page.close()
  })
})
