import { cp, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, test } from "vitest"
import { play } from "./play.ts"
import { type Case, forTarget, specifications, TARGETS } from "./specification.ts"
import { Subject } from "./subject.ts"

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** The time to wait for something that never comes: longer than the pool's own limit of 5 s. */
const PATIENCE_MS = 20_000

/** Some of it makes a race of what was certain, and a race is won once in a while. */
const PLAYS = 3

/** The package's sources without the code that a case is about. */
async function mutated({ file, code, by }: Case["without"]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-without-"))
  await cp(path("../../src"), join(directory, "src"), { recursive: true })
  await cp(path("../../package.json"), join(directory, "package.json"))
  await symlink(path("../../node_modules"), join(directory, "node_modules"))
  const source = join(directory, "src", file)
  const text = await readFile(source, "utf8")
  expect(text.split(code), `${code} is there once in ${file}`).toHaveLength(2)
  await writeFile(
    source,
    text.replace(code, () => by),
  )
  return directory
}

async function playWithout({ without, ...specified }: Case): Promise<void> {
  const target =
    without.on ?? TARGETS.find((name) => forTarget(specified.except, name) === undefined) ?? TARGETS[0]
  const directory = await mutated(without)
  const modules = {
    library: join(directory, "src/index.ts"),
    monitor: join(directory, "src/monitor/index.ts"),
    ...(target === "createPool" ? {} : { client: path("../../prisma/core/generated/client.ts") }),
  }
  const subject = new Subject(path("subject.mjs"), modules, { tsx: import.meta.resolve("tsx") })
  try {
    // What cannot be loaded would fail every case.
    await subject.ask("ready", null)
    const fails = () =>
      play({ without, ...specified }, subject, target, PATIENCE_MS).then(
        () => false,
        () => true,
      )
    let failed = false
    for (let count = 0; count < PLAYS && !failed; count += 1) failed = await fails()
    expect(failed, "it fails").toBe(true)
  } finally {
    await subject.end()
    await rm(directory, { recursive: true, force: true })
  }
}

for (const { guarantee, cases } of specifications) {
  describe(`without its code, ${guarantee}`, () => {
    for (const specified of cases) {
      test.concurrent(`fails: ${specified.description}`, () => playWithout(specified))
    }
  })
}
