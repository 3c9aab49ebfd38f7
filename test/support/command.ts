import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { onTestFinished } from "vitest"
import type { Io } from "../../src/cli/io.ts"
import { nodeFiles } from "../../src/cli/node-files.ts"
import { run } from "../../src/cli/run.ts"

/** What a run of the command left behind. */
export interface Ran {
  readonly code: number
  /** stdout */
  readonly out: string
  /** stderr */
  readonly err: string
  /** The working directory. */
  readonly cwd: string
}

export interface Setting {
  /** Files of the working directory; what is no text is written as JSON. */
  readonly files?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
  readonly stdin?: string | Uint8Array
  readonly hasColors?: boolean
  /** Of a terminal; a pipe has none. */
  readonly columns?: number
  /** Further parts of the world. */
  readonly io?: Partial<Io>
  readonly cwd?: string
}

/** A world in which nothing is printed and time stands still. */
export function quietIo(cwd: string, setting: Setting = {}): Io {
  return {
    stdout: () => {},
    stderr: () => {},
    control: () => {},
    hasColors: setting.hasColors ?? false,
    columns: setting.columns,
    isTerminal: setting.columns !== undefined,
    size: () => (setting.columns === undefined ? {} : { columns: setting.columns, rows: 40 }),
    openTerminal: () => ({ hasKeys: false, close: () => {} }),
    now: Date.now,
    monotonic: () => performance.now(),
    sleep: async () => {},
    interruption: () => new AbortController().signal,
    env: setting.env ?? {},
    cwd,
    files: nodeFiles,
    stdin: async () =>
      typeof setting.stdin === "string"
        ? new TextEncoder().encode(setting.stdin)
        : (setting.stdin ?? new Uint8Array()),
  }
}

/** Runs a command line in a directory of its own. */
export async function command(args: readonly string[], setting: Setting = {}): Promise<Ran> {
  const cwd = setting.cwd ?? (await directoryWith(setting.files ?? {}))
  const out: string[] = []
  const err: string[] = []
  const io: Io = {
    ...quietIo(cwd, setting),
    // A test's clock is both, unless it sets one of them.
    ...(setting.io?.now && { monotonic: setting.io.now }),
    ...setting.io,
    stdout: (text) => out.push(text),
    stderr: (text) => err.push(text),
    control: (text) => out.push(text),
  }
  const code = await run(args, io, "0.0.0")
  return { code, out: out.join(""), err: err.join(""), cwd }
}

/** A line of a shell, as far as the examples need one: words, and quotes around them. */
export function words(line: string): string[] {
  return [...line.matchAll(/(?:[^\s"']|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ""))
}

/** A directory with these files, which is gone after the test. */
export async function directoryWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "prisma-pool-config-cli-"))
  onTestFinished(() => rm(directory, { recursive: true, force: true }))
  for (const [name, content] of Object.entries(files)) {
    const data =
      typeof content === "string" || content instanceof Uint8Array ? content : JSON.stringify(content)
    await writeFile(join(directory, name), data)
  }
  return directory
}
