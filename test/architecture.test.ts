import { readdirSync, readFileSync } from "node:fs"
import { join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import ts from "typescript"
import { describe, expect, test } from "vitest"

const root = fileURLToPath(new URL("..", import.meta.url))

/** What each file of the repository imports, types included: paths from the root, or the names of packages. */
type Imports = ReadonlyMap<string, readonly string[]>

function importsOf(folder: string): Imports {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter(
      (file) => /\.(ts|mjs)$/.test(file) && !file.includes("generated") && !file.includes("node_modules"),
    )
    .map((file) => join(folder, file))
  return new Map(
    files.map((file) => {
      const { importedFiles } = ts.preProcessFile(readFileSync(join(root, file), "utf8"))
      const targets = importedFiles.map(({ fileName }) =>
        fileName.startsWith(".") ? relative(root, join(root, file, "..", fileName)) : fileName,
      )
      return [file, targets]
    }),
  )
}

/** The rows of the table in docs/architecture.md: a room, and the rooms that it may import. */
function readTable(page: string): ReadonlyMap<string, readonly string[]> {
  const rows = page.matchAll(/^\| `src\/([\w./]+)` \| ([^|]*) \|/gm)
  return new Map(
    [...rows].map(([, room = "", allowed = ""]) => [
      room.replace(/\/$/, ""),
      [...allowed.matchAll(/`([\w./]+)`/g)].map(([, name = ""]) => name),
    ]),
  )
}

const table = readTable(readFileSync(join(root, "docs/architecture.md"), "utf8"))

const roomOf = (file: string): string => file.split("/")[1] ?? ""

/** Every import that the table does not allow. All rooms may import `validation` and `error.ts`. */
function trespasses(imports: Imports, allowed: ReadonlyMap<string, readonly string[]>): string[] {
  return [...imports].flatMap(([file, targets]) => {
    const room = roomOf(file)
    const open = [
      room,
      "error.ts",
      ...(room === "error.ts" ? [] : ["validation"]),
      ...(allowed.get(room) ?? []),
    ]
    return targets
      .filter((target) => target.startsWith("src/"))
      .filter((target) => !open.includes("all") && !open.includes(roomOf(target)))
      .map((target) => `${file} imports ${target}`)
  })
}

/** The files of every circle, each circle once. */
function circles(imports: Imports): string[] {
  const found = new Set<string>()
  const finished = new Set<string>()
  function follow(file: string, path: readonly string[]): void {
    const at = path.indexOf(file)
    if (at >= 0) found.add([...path.slice(at)].sort().join(", "))
    if (at >= 0 || finished.has(file)) return
    for (const target of imports.get(file) ?? []) follow(target, [...path, file])
    finished.add(file)
  }
  for (const file of imports.keys()) follow(file, [])
  return [...found]
}

const src = importsOf("src")

/** The imports as they would be with one more. */
const planted = (file: string, target: string): Imports =>
  new Map([...src, [file, [...(src.get(file) ?? []), target]]])

describe("the rooms of src", () => {
  test("are those of the table in docs/architecture.md", () => {
    const rooms = [...new Set([...src.keys()].map(roomOf))].sort()
    expect([...table.keys()].sort()).toEqual(rooms)
    for (const [room, allowed] of table)
      expect([...rooms, "all"], room).toEqual(expect.arrayContaining([...allowed]))
  })

  test("import only what the table allows", () => {
    expect(trespasses(src, table)).toEqual([])
  })

  test("and every permission of the table is used", () => {
    const unused = [...table].flatMap(([room, allowed]) =>
      allowed
        .filter((target) => target !== "all")
        .filter(
          (target) =>
            ![...src].some(
              ([file, targets]) => roomOf(file) === room && targets.some((each) => roomOf(each) === target),
            ),
        )
        .map((target) => `${room}: ${target}`),
    )
    expect(unused).toEqual([])
  })

  test.each([
    ["src/schedule/time.ts", "src/sizing/fleet.ts"],
    ["src/validation/numbers.ts", "src/schedule/time.ts"],
    ["src/pool/limited-pool.ts", "src/prisma/prisma-error.ts"],
    ["src/error.ts", "src/validation/numbers.ts"],
    ["src/monitor/watch/poll.ts", "src/deployments/findings.ts"],
  ])("and an import that is planted is found: %s of %s", (file, target) => {
    expect(trespasses(planted(file, target), table)).toEqual([`${file} imports ${target}`])
  })

  test("have no circle in them or between them", () => {
    expect(circles(src)).toEqual([])
    const back = planted("src/declaration/relaxation.ts", "src/declaration/field-rules.ts")
    expect(circles(back)).toEqual(["src/declaration/field-rules.ts, src/declaration/relaxation.ts"])
  })

  test("take of the packages only what each is for", () => {
    const users = (name: RegExp) =>
      [
        ...new Set(
          [...src]
            .filter(([, targets]) => targets.some((target) => name.test(target)))
            .map(([file]) => roomOf(file)),
        ),
      ].sort()
    expect(users(/^@prisma\//)).toEqual(["prisma"])
    expect(users(/^pg$/)).toEqual(["pool"])
    expect(users(/^@opentelemetry\//)).toEqual([])
    expect(users(/^commander$/)).toEqual(["cli"])
    // Everybody else reads by what it makes of zod. What the server answers is no input of a user's.
    expect(users(/^zod\b/)).toEqual(["monitor", "validation"])
    // What runs in a browser asks Node.js for nothing.
    expect(users(/^node:/)).toEqual(["cli", "pool"])
  })
})

describe("outside src", () => {
  const from = (folder: string, target: RegExp) =>
    [...importsOf(folder)].flatMap(([file, targets]) =>
      targets.filter((each) => target.test(each)).map((each) => `${file} imports ${each}`),
    )

  test("examples import the package alone", () => {
    expect(from("examples", /^(src|test|bench|scripts)\//)).toEqual([])
  })

  test("what tests and benchmarks share depends on neither", () => {
    expect(from("test/support", /^(bench|scripts|examples|test\/(?!support\/))/)).toEqual([])
  })

  test("benchmarks take of the tests only what they share, and scripts likewise", () => {
    expect(from("bench", /^test\/(?!support\/)/)).toEqual([])
    expect(from("scripts", /^(bench|test\/(?!support\/))/)).toEqual([])
  })
})

test("no file of src is longer than 400 lines", () => {
  const lengths = [...src.keys()].map(
    (file) => [file, readFileSync(join(root, file), "utf8").split("\n").length] as const,
  )
  expect(lengths.filter(([, lines]) => lines > 400)).toEqual([])
})
