import { parse } from "shell-quote"
import { describe, expect, test } from "vitest"
import { checkDocuments } from "../../site/checker/check-documents.ts"
import {
  type CheckedDocument,
  type CheckOptions,
  type DocumentFormat,
  nameOfPasted,
} from "../../site/checker/documents.ts"
import { command } from "../support/command.ts"
import { DROPPED, type Dropped, SECRET } from "./deployed.ts"

const NO_OPTIONS: CheckOptions = { maxConnections: "", onlyWarnInDeploy: false, isStrict: false, flags: "" }

const documentsOf = (
  files: Dropped["files"],
  formats: Readonly<Record<string, DocumentFormat>> = {},
): readonly CheckedDocument[] =>
  Object.entries(files).map(([name, content]) => ({
    name,
    content: new Blob([typeof content === "string" ? content : new Uint8Array(content)]),
    format: formats[name],
  }))

/** The arguments of a command as the page shows it. */
const argumentsIn = (shown: string): string[] => parse(shown).map(String).slice(2)

async function checked(
  files: Dropped["files"],
  options: Partial<CheckOptions> = {},
  formats?: Readonly<Record<string, DocumentFormat>>,
) {
  const answer = await checkDocuments({
    documents: documentsOf(files, formats),
    options: { ...NO_OPTIONS, ...options },
  })
  const { code, out, err } = await command(argumentsIn(answer.command), { files })
  return { ...answer, ofCommand: { stdout: out, stderr: err, exitCode: code } }
}

describe("the checker answers as the command that it shows does in a directory with the same files, for", () => {
  test.each(Object.entries(DROPPED))("%s", async (name, { files, flags = "", exitCode }) => {
    // What another file includes is given with nothing.
    const formats = "users.ini" in files ? { "users.ini": "named" as const } : undefined
    const { result, ofCommand, command: shown } = await checked(files, { flags }, formats)
    expect(result).toEqual(ofCommand)
    expect(result?.exitCode, `${name}: ${result?.stderr}${result?.stdout}`).toBe(exitCode)
    expect(JSON.stringify(result)).not.toContain(SECRET)
    expect(shown).toMatch(/^npx prisma-pool-config check --/)
  })

  test("names that a command line would take for something else", async () => {
    const plan = DROPPED["the plan of examples/terraform"]?.files["plan.json"] ?? ""
    const { result, ofCommand } = await checked({ "-": plan, "it's a=b $HOME.json": plan })
    expect(result).toEqual(ofCommand)
    expect(result?.exitCode).not.toBe(3)
  })
})

test.each<readonly [Partial<CheckOptions>, string]>([
  [
    { maxConnections: "x" },
    "error: option '--max-connections <n>' argument 'x' is invalid. Give the result of",
  ],
  [{ flags: "--deploy maybe" }, "Allowed choices are fail, warn."],
  [{ flags: "--zzz" }, "error: unknown option '--zzz'"],
  [{ flags: "--strict=1" }, "error: unknown option '--strict=1'"],
  [{ flags: "--config" }, "error: option '-c, --config <file>' argument missing"],
  [{ flags: "a --strict b" }, "error: too many arguments for 'check'. Expected 0 arguments but got 2."],
  [{ flags: "--consumer api=4x20 --consumer api=5x2" }, 'Give "api" once.'],
  [{ flags: "-c there-is.json" }, "there-is.json: cannot be read (ENOENT)"],
  [{ flags: "--config pool.config.js" }, "pool.config.js: cannot be"],
  [
    { flags: "--pgbouncer-version 1.99" },
    "error: option '--pgbouncer-version <version>' argument '1.99' is invalid.",
  ],
])("what is typed wrong is refused as the command refuses it: %o", async (options, text) => {
  const { result, ofCommand } = await checked({}, options)
  expect(result?.stderr).toContain(text)
  expect(result?.exitCode).toBe(3)
  // commander also says which flag was perhaps meant, and Node.js why it finds no module.
  const known = ofCommand.stderr.replace(/^\(Did you mean .*\)\n/m, "")
  if (!text.startsWith("pool.config.js")) expect(result?.stderr).toBe(known)
  expect(result?.exitCode).toBe(ofCommand.exitCode)
})

test("a directory is that of the files", async () => {
  const { files } = DROPPED["the manifests of examples/kubernetes"] ?? { files: {} }
  const formats = Object.fromEntries(Object.keys(files).map((name) => [name, "named" as const]))
  const { result, ofCommand } = await checked(files, { flags: "--kubernetes ." }, formats)
  expect(result).toEqual(ofCommand)
  expect(result?.exitCode).toBe(0)
})

test("flags are those of the command, with and without documents", async () => {
  const flags = `--max-connections=100 --consumer api=4x20 \\
    --consumer 'jobs=5x2+0' # as declared
    -c pool.config.json --deploy=warn --format json --exclude 'aws_ecs_service.a["b"]=it = copies files'`
  const files = { "pool.config.json": JSON.stringify({ reserved: { metabase: 3 } }) }
  const { result, ofCommand } = await checked(
    files,
    { flags, isStrict: true },
    { "pool.config.json": "named" },
  )
  expect(result).toEqual(ofCommand)
  expect(JSON.parse(result?.stdout ?? "")).toMatchObject({ servers: [{ lowest: { total: 93 } }] })
})

test("a URL with a password in a flag is refused, and in no command", async () => {
  const answer = await checkDocuments({
    documents: [],
    options: { ...NO_OPTIONS, flags: `--server postgresql://app:${SECRET}@db/core` },
  })
  expect(answer.result?.exitCode).toBe(3)
  expect(JSON.stringify(answer)).not.toContain(SECRET)
})

describe("a format", () => {
  test("that nothing tells is to be chosen, and then that is read", async () => {
    const files = { "notes.txt": "nothing that is deployed" }
    const open = await checkDocuments({ documents: documentsOf(files), options: NO_OPTIONS })
    expect(open).toEqual({ formats: {}, command: "", problem: "Choose the format of notes.txt." })
    const { result, ofCommand } = await checked(files, {}, { "notes.txt": "terraform" })
    expect(result).toEqual(ofCommand)
    expect(result?.stderr).toContain("notes.txt:1:1: is not valid JSON from here on")
  })

  test.each<readonly [string, string, DocumentFormat | undefined]>([
    ["a.json", '{"format_version":"1.2","planned_values":{}}', "terraform"],
    ["a", '{"apiVersion":"v1","kind":"List","items":[]}', "kubernetes"],
    ["a", "# Source: chart\n---\n---\nkind: Service\napiVersion: v1\n", "kubernetes"],
    ["a", '{"services":{"api":{}}}', "compose"],
    ["a", "services:\n- type: web\n", "render"],
    ["a", "name: shop\nworkers: []\n", "app-spec"],
    ["a", "; ours\n[databases]\n* = host=db\n", "pgbouncer"],
    ["users.ini", "", "pgbouncer"],
    ["a", '{"jobs":{}}', "config"],
    ["pool.config.prod.json", "{", "config"],
    ["a", '{"acknowledged":[],"counted":[]}', "baseline"],
    ["pool.baseline.json", "", "baseline"],
    ["a", '{"format_version":"1.2","terraform_ver', "terraform"],
    ["render.yaml", "services: [", "render"],
    ["compose.prod.json", '{"services":{', "compose"],
    ["tfplan", "PK\u0003\u0004...", "terraform"],
    ["a", '\ufeff{"format_version":"1.2"}', "terraform"],
    ["a", "[]", undefined],
    ["a", "", undefined],
  ])("of %s with %o is %s", async (name, text, format) => {
    const { formats } = await checkDocuments({
      documents: documentsOf({ [name]: text }),
      options: NO_OPTIONS,
    })
    expect(formats[name]).toBe(format)
  })

  test("that the command takes once is not given twice", async () => {
    const files = { "pool.config.json": "{}", "pool.config.main.json": "{}" }
    const { problem, result } = await checkDocuments({ documents: documentsOf(files), options: NO_OPTIONS })
    expect(problem).toContain(
      "one file with --config, and these are 2: pool.config.json, pool.config.main.json",
    )
    expect(result).toBeUndefined()
  })
})

test("a directory, which a browser gives as a file, is said to be none", async () => {
  const content = Object.assign(new Blob([]), {
    arrayBuffer: () => Promise.reject(new Error("NotFoundError")),
  })
  const { problem, result } = await checkDocuments({
    documents: [{ name: "manifests", content, format: "kubernetes" }],
    options: NO_OPTIONS,
  })
  expect(problem).toContain("The browser cannot read manifests.")
  expect(result).toBeUndefined()
})

test.each([
  ["", '\n{"a":1}', "pasted.json"],
  ["", "[databases]\n", "pasted.ini"],
  ["", "apiVersion: v1\n", "pasted.yaml"],
  ["fleet", "{}", "fleet.json"],
  ["fleet.js", "{}", "fleet.js"],
])("what is pasted as %o with %o is called %s", (name, text, called) => {
  expect(nameOfPasted(name, text)).toBe(called)
})
