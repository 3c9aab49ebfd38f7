import { mkdtemp, readFile, rm, symlink } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { build } from "esbuild"
import { describe, expect, test } from "vitest"
import { play } from "./play.ts"
import { type Case, forTarget, specifications, TARGETS } from "./specification.ts"
import { Subject } from "./subject.ts"

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** The time to wait for something that never comes: longer than the pool's own limit of 5 s. */
const PATIENCE_MS = 20_000

/** Some of it makes a race of what was certain, and a race is won once in a while. */
const PLAYS = 3

const ENTRIES = {
  library: path("../../src/index.ts"),
  monitor: path("../../src/monitor/index.ts"),
  client: path("../../prisma/core/generated/client.ts"),
}

/** What the subject loads, without the code that a case is about, and bundled: to compile each source takes longer than most cases. */
async function mutated({ file, code, by }: Case["without"]): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-without-"))
  await symlink(path("../../node_modules"), join(directory, "node_modules"))
  const source = path(`../../src/${file}`)
  const text = await readFile(source, "utf8")
  expect(text.split(code), `${code} is there once in ${file}`).toHaveLength(2)
  const contents = text.replace(code, () => by)
  await build({
    entryPoints: ENTRIES,
    outdir: directory,
    outExtension: { ".js": ".mjs" },
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    packages: "external",
    plugins: [
      {
        name: "without",
        setup: ({ onLoad }) =>
          onLoad({ filter: /\.ts$/ }, (loaded) =>
            loaded.path === source ? { contents, loader: "ts" } : undefined,
          ),
      },
    ],
  })
  return directory
}

async function playWithout({ without, ...specified }: Case): Promise<void> {
  const target =
    without.on ?? TARGETS.find((name) => forTarget(specified.except, name) === undefined) ?? TARGETS[0]
  const directory = await mutated(without)
  const bundle = (name: keyof typeof ENTRIES) => join(directory, `${name}.mjs`)
  const modules = {
    library: bundle("library"),
    monitor: bundle("monitor"),
    ...(target === "createPool" ? {} : { client: bundle("client") }),
  }
  const subject = new Subject(path("subject.mjs"), modules)
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
