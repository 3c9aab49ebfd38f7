import { cp, readdir, readFile, rename, rm } from "node:fs/promises"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, test } from "vitest"
import { page } from "../documentation/pages.ts"
import { sharedPostgres } from "../support/helpers.ts"
import { applyEdit, type Block, blocksBelow } from "./guide.ts"
import { runLine } from "./page-command.ts"
import { Project, removeDirectory, temporaryDirectory } from "./project.ts"

// A small project as Prisma 6 has it is taken through the text of the page, block by block, once in one step and once
// over Prisma 6.19 without its native engine. On that engine, which cannot be had without a download, it compiles only.
const PROJECTS = fileURLToPath(new URL("upgrade", import.meta.url))
const PAGE = page("docs/upgrading-from-prisma-6.md")
const STEPS = blocksBelow(PAGE, "Step by step")
const FIRST_HALF = blocksBelow(PAGE, "The first half, on Prisma 6")

const manifestOf = async (name: string) =>
  JSON.parse(await readFile(join(PROJECTS, name, "package.json"), "utf8"))
const [before, after] = [await manifestOf("before"), await manifestOf("after")]
/** What this test installs for a name and a range of the page: the same versions each time. */
const PINNED: readonly Readonly<Record<string, string>>[] = [
  { ...after.dependencies, ...after.devDependencies },
  { "@prisma/adapter-pg": before.dependencies["@prisma/client"] },
]

let directory: string
/** The line of `.env`, of a real server: user, password, host and database are its own, the parameters the page's. */
let environment: string
let prisma6: Project
beforeAll(async () => {
  directory = await temporaryDirectory()
  const postgres = sharedPostgres()
  const database = `upgrade_${process.pid}`
  await postgres.sql(`CREATE DATABASE ${database} OWNER app`)
  const migration = join(PROJECTS, "before/prisma/migrations/20240101000000_init/migration.sql")
  await postgres.sql(`SET ROLE app; ${await readFile(migration, "utf8")}`, [], database)
  const example = await readFile(join(PROJECTS, "before/env.example"), "utf8")
  const [, query = ""] = /\?(.*)"/.exec(example) ?? []
  environment = `DATABASE_URL="${postgres.url(database, Object.fromEntries(new URLSearchParams(query)))}"\n`
  prisma6 = await install()
})
afterAll(() => removeDirectory(directory))

/** The project before the upgrade, installed once for both ways. */
async function install(): Promise<Project> {
  const target = join(directory, "before")
  const project = await Project.empty(target, {})
  await cp(join(PROJECTS, "before"), target, { recursive: true })
  await rename(join(target, "gitignore"), join(target, ".gitignore"))
  await project.write(".env", environment)
  expect(await run(project, "npm install")).toMatchObject({ code: 0 })
  return project
}

async function copyOf(project: Project, name: string): Promise<Project> {
  const copy = await Project.empty(join(directory, name), {})
  await cp(project.directory, copy.directory, { recursive: true, verbatimSymlinks: true })
  return copy
}

/** Runs a command line of the page. */
const run = (project: Project, line: string) => runLine(project, line, PINNED)

/** Follows blocks of the page on a project, with a test for each. */
function follow(blocks: readonly Block[], project: () => Project): void {
  let printed = ""
  const all = blocks.map((block, index) => ({
    ...block,
    index,
    name: block.file ?? block.text.split("\n")[0],
  }))
  test.each(all)("$heading: $language $name", async ({ index, ...block }) => {
    const { language, file, text } = block
    if (language === "dotenv") {
      expect(text).toBe(await readFile(join(PROJECTS, "before/env.example"), "utf8"))
    } else if (language === "text") {
      expect(printed).toContain(text.trimEnd())
    } else if (language === "sh") {
      const fails = text.startsWith("# fails\n")
      printed = ""
      for (const line of text.split("\n").filter((each) => each !== "" && !each.startsWith("#"))) {
        const { code, out, err } = await run(project(), line)
        expect(code, out + err).toBe(fails ? 1 : 0)
        printed += out + err
      }
    } else if (file === undefined) {
      expect.fail(`the block names no file: ${text}`)
    } else if (language === "diff") {
      await project().write(file, applyEdit(await readFile(project().path(file), "utf8"), block))
    } else {
      await expect(readFile(project().path(file)), "is there already").rejects.toThrow("ENOENT")
      await project().write(file, text)
    }
  })
}

/** The files of a project by their paths, without what its .gitignore names and the lock file. */
async function filesOf(root: string, gitignore: string): Promise<Record<string, string>> {
  const ignored = (await readFile(join(root, gitignore), "utf8")).trimEnd().split("\n")
  const paths = (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)).replaceAll("\\", "/"))
    .filter((path) => path !== "package-lock.json" && path !== "package.json")
    .filter((path) => !ignored.some((each) => path === each || path.startsWith(`${each}/`)))
  return Object.fromEntries(
    await Promise.all(
      paths.map(async (path) => [
        path.replace(/^gitignore$/, ".gitignore"),
        await readFile(join(root, path), "utf8"),
      ]),
    ),
  )
}

describe("the steps of the page, from Prisma 6.19 to 7", () => {
  let project: Project
  beforeAll(async () => {
    project = await copyOf(prisma6, "at-once")
  })

  test("begin with a project that compiles, on the native engine", async () => {
    expect(await run(project, "npm run build")).toMatchObject({ code: 0 })
  })

  follow(STEPS, () => project)

  test("end with the files of `after`, and nothing else that git would see", async () => {
    const files = await filesOf(project.directory, ".gitignore")
    const expected = await filesOf(join(PROJECTS, "after"), "gitignore")
    expect(Object.keys(files).sort()).toEqual(Object.keys(expected).sort())
    expect(files).toEqual(expected)
    const manifest = JSON.parse(await readFile(project.path("package.json"), "utf8"))
    expect(manifest).toEqual({
      ...after,
      dependencies: { ...after.dependencies, "prisma-pool-config": expect.stringMatching(/^file:/) },
    })
  })

  test("tell the Prisma CLI where its configuration is", async () => {
    const { code, err } = await run(project, "npx prisma validate")
    expect(code).toBe(0)
    expect(err).toContain("Loaded Prisma config from prisma.config.ts.")
  })

  test("are needed where no compiler asks for them: `meta.target` is not there", async () => {
    const main = await readFile(project.path("src/main.ts"), "utf8")
    const lines = STEPS.filter(({ heading }) => heading.startsWith("6. ")).flatMap(({ text }) =>
      text.split("\n"),
    )
    const signed = (sign: string) =>
      lines.flatMap((line) => (line.startsWith(sign) ? line.slice(1) : [])).join("\n")
    expect(main).toContain(signed("+"))
    await project.write("src/main.ts", main.replace(signed("+"), signed("-")))
    const { code, out, err } = await run(project, "npx tsc && npm start")
    await project.write("src/main.ts", main)
    expect([code, out + err]).toEqual([
      1,
      expect.stringContaining("TypeError: Cannot read properties of undefined"),
    ])
  })

  test("put a URL under test: without one, it fails", async () => {
    await rm(project.path(".env"))
    const { code, out } = await run(project, "npm test")
    expect([code, out]).toEqual([1, expect.stringContaining("url: is not a PostgreSQL URL")])
  })

  test.each([
    ["connection_limit=5&connection_limit=6", "connection_limit: is given more than once"],
    ["schema=a&schema=b", "schema: is given more than once"],
  ])("put %s under test: it fails", async (query, problem) => {
    const { code, out } = await run(project, `DATABASE_URL="postgresql://ci@db/shop?${query}" npm test`)
    expect([code, out]).toEqual([1, expect.stringContaining(problem)])
  })
})

describe("the first half, on Prisma 6.19", () => {
  let project: Project
  beforeAll(async () => {
    project = await copyOf(prisma6, "first-half")
  })

  follow(FIRST_HALF, () => project)
})
