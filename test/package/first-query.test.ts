import { afterAll, beforeAll, describe, expect, test } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { page } from "../documentation/pages.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { blocksBelow } from "./guide.ts"
import { runLine } from "./page-command.ts"
import { Project, removeDirectory, temporaryDirectory } from "./project.ts"

// A stranger with a URL in the environment, an empty directory, and the README: its commands and its lines, and
// nothing else. How many they are is counted in test/examples/readme.test.ts.
const BLOCKS = blocksBelow(page("README.md"), "From npm install to a first query")
const textOf = (language: string) => BLOCKS.find((block) => block.language === language)?.text ?? ""
const COMMANDS = textOf("sh").trimEnd().split("\n")
const CODE = textOf("ts")
const VERSIONS = [
  Object.fromEntries(
    Object.entries(manifest.devDependencies).map(([name, range]) => [name, range.replace(/^[~^]/, "")]),
  ),
]

let directory: string
beforeAll(async () => {
  directory = await temporaryDirectory()
})
afterAll(() => removeDirectory(directory))

describe("the first query of a stranger", () => {
  let project: Project
  beforeAll(async () => {
    project = await Project.empty(directory, {})
  })

  test("comes out of the commands as they stand in the README", async () => {
    const database = await freshDatabase()
    await project.write("first.mts", CODE)
    let printed = ""
    for (const line of COMMANDS) {
      const { code, out, err } = await runLine(project, line, VERSIONS, {
        DATABASE_URL: sharedPostgres().url(database),
      })
      expect(code, line + out + err).toBe(0)
      printed = out
    }
    expect(printed).toMatch(new RegExp(`\\d+ +│ '${database}' │ 'active' │`))
  })

  test("is the same for Core, with the one word that the README says", async () => {
    const database = await freshDatabase()
    expect(page("README.md")).toContain("write `createCoreClient` for `createPrismaClient`")
    await project.write("first.mts", CODE.replaceAll("createPrismaClient", "createCoreClient"))
    const { out, err } = await runLine(project, COMMANDS.at(-1) ?? "", VERSIONS, {
      DATABASE_URL_CORE: sharedPostgres().url(database),
    })
    expect(out, err).toMatch(new RegExp(`\\d+ +│ '${database}' │ 'active' │`))
  })
})
