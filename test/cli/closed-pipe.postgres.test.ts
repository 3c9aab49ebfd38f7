import { spawn } from "node:child_process"
import { once } from "node:events"
import { existsSync } from "node:fs"
import { open, readFile } from "node:fs/promises"
import { join } from "node:path"
import pg from "pg"
import { expect, onTestFinished, test } from "vitest"
import { directoryWith, words } from "../support/command.ts"
import { freshDatabase, sharedPostgres } from "../support/helpers.ts"

const postgres = sharedPostgres()
const BIN = new URL("../../src/cli/bin.ts", import.meta.url).pathname

/** Runs the command with nobody at the other end of its pipes, from before it starts, and tells what it exits with. */
async function unread(
  line: string,
  env: Readonly<Record<string, string>> = {},
  pipes: readonly ("stdout" | "stderr")[] = ["stdout"],
) {
  const child = spawn(process.execPath, ["--import", "tsx", BIN, ...words(line)], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  })
  for (const pipe of pipes) child[pipe].destroy()
  const errors: Buffer[] = []
  if (!pipes.includes("stderr")) child.stderr.on("data", (chunk: Buffer) => errors.push(chunk))
  const [code] = await once(child, "close")
  return { code, err: Buffer.concat(errors).toString() }
}

const BOTH = ["stdout", "stderr"] as const

test.each([
  ["fits", "check --max-connections 100 --consumer api=1x9", 0],
  ["does not fit", "check --max-connections 10 --consumer api=9x9", 1],
  ["has sizes", "plan --max-connections 100 --consumer api=3 --format json", 0],
  ["has none", "plan --max-connections 10 --consumer api=9 --format env", 1],
  ["is bad input", "check --max-connections 10 --consumer api=0x0", 3],
  ["is a usage error", "check --what", 3],
  ["is help", "--help", 0],
])("a verdict is the same when nobody reads it: %s", async (_, line, code) => {
  expect(await unread(line, {}, BOTH)).toEqual({ code, err: "" })
  const { code: heard, err } = await unread(line)
  expect(heard).toBe(code)
  expect(err).not.toContain("EPIPE")
})

test("the job's summary is written all the same, and the gate stays red", async () => {
  const directory = await directoryWith({ "summary.md": "" })
  const summary = join(directory, "summary.md")
  const line = "check --max-connections 10 --consumer api=9x9 --format github"
  expect(await unread(line, { GITHUB_STEP_SUMMARY: summary })).toEqual({ code: 1, err: "" })
  expect(await readFile(summary, "utf8")).toMatch(/^### ✗ does not fit/)
})

test("what is watched for ever ends when nobody reads it, with its verdict", async () => {
  const url = postgres.url(await freshDatabase())
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  onTestFinished(() => client.end())
  expect(await unread("inspect --watch 1s", { DATABASE_URL_CORE: url })).toEqual({ code: 0, err: "" })
  expect(await unread("inspect --watch 1s --fail-above 0.01", { DATABASE_URL_CORE: url })).toEqual({
    code: 1,
    err: "",
  })
})

/** Of Linux: a file on a disk that is full. */
const FULL = "/dev/full"

test.skipIf(!existsSync(FULL))("a disk that is full is no verdict", async () => {
  const disk = await open(FULL, "w")
  onTestFinished(() => disk.close())
  const line = "check --max-connections 100 --consumer api=1x9"
  const run = async (stdio: readonly ["ignore", number | "ignore", number | "pipe"]) => {
    const child = spawn(process.execPath, ["--import", "tsx", BIN, ...words(line)], { stdio: [...stdio] })
    let err = ""
    child.stderr?.on("data", (chunk: Buffer) => {
      err += chunk
    })
    const [code] = await once(child, "close")
    return { code, err }
  }
  const { code, err } = await run(["ignore", disk.fd, "pipe"])
  expect(err).toMatch(/^prisma-pool: stdout: cannot be written: ENOSPC: [^\n]*\n$/)
  expect(code).toBe(3)
  expect((await run(["ignore", disk.fd, disk.fd])).code).toBe(3)
})
