import { expect, test } from "vitest"
import { checkFleet, type OpenFleet, sizeFleet } from "../../src/sizing/index.ts"
import { command } from "../support/command.ts"
import { blocksOf, page } from "./pages.ts"

const sizing = page("docs/sizing.md")

/** Runs the block of the page that calls this function, and returns its argument, its result and its remarks. */
function played(name: string, run: (fleet: OpenFleet) => object) {
  const block = blocksOf(sizing, "ts").find((text) => text.includes(`\n${name}({`)) ?? ""
  let fleet: OpenFleet | undefined
  const keep = (given: OpenFleet) => {
    fleet = given
    return run(given)
  }
  const result = new Function(
    name,
    block.replace(/^import .*$/m, "").replace(`${name}({`, `return ${name}({`),
  )(keep)
  if (fleet === undefined) throw new Error(`docs/sizing.md has no ${name}`)
  return {
    fleet,
    result,
    remark: /^\/\/ (.*?)(?:, … \})?$/m.exec(block.slice(block.indexOf("})")))?.[1] ?? "",
  }
}

const inWords = ({ api, worker }: Record<string, number>) => `api ${api} and worker ${worker}`

test("the fleet of the page adds up to what its remark says", () => {
  const { result, remark } = played("checkFleet", (fleet) => checkFleet(fleet as never))
  const [, said = ""] = /^(\{.*)$/.exec(remark) ?? []
  expect(result).toMatchObject(new Function(`return ${said}}`)())
})

test("the sizes of the page are without a deploy, and with one they are the command's, as it says", async () => {
  const { fleet, result, remark } = played("sizeFleet", (open) => sizeFleet(open))
  expect(remark).toMatch(/^without a deploy that overlaps: /)
  expect(result).toMatchObject(new Function(`return ${remark.replace(/^.*?: /, "")}}`)())

  const [, said = "", surges = ""] =
    /\*\*The same fleet gives (api \d+ and worker \d+) by the command\*\*.*? state (.*?)\.\n/s.exec(sizing) ??
    []
  const [api, worker] = [...surges.matchAll(/`surge: (\d+)`/g)].map(([, surge]) => Number(surge))
  const { consumers } = fleet
  const withSurge = sizeFleet({
    ...fleet,
    consumers: {
      api: { ...consumers["api"], surge: api },
      worker: { ...consumers["worker"], surge: worker },
    },
  } as OpenFleet)
  expect(inWords(withSurge.sizes)).toBe(said)

  const { out } = await command(["plan", "--format", "json"], { files: { "pool.config.json": fleet } })
  expect(inWords(JSON.parse(out).servers[0].sizes)).toBe(said)
})
