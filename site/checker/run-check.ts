import { check } from "../../src/cli/commands/check.ts"
import { refuseSecrets } from "../../src/cli/input/refuse-secrets.ts"
import { EXIT, type ExitCode, type Io } from "../../src/cli/io.ts"
import { guardOutput } from "../../src/cli/output/guard-output.ts"
import { line } from "../../src/cli/output/line.ts"
import { reportError } from "../../src/cli/report-error.ts"
import { DIRECTORY, memoryFiles } from "./memory-files.ts"
import { CommandLineError, parseFlags } from "./parse-flags.ts"

/** What the command printed, and how it ended. */
export interface CheckResult {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: ExitCode
}

/** Runs `prisma-pool check` on files in memory, as in a pipe. */
export async function runCheck(
  args: readonly string[],
  files: ReadonlyMap<string, Uint8Array>,
): Promise<CheckResult> {
  const printed = { stdout: "", stderr: "" }
  const io = guardOutput(pipe(printed, files))
  const exitCode = await exitCodeOf(args, io)
  return { ...printed, exitCode }
}

async function exitCodeOf(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    refuseSecrets(args)
    return await check(parseFlags(args), io)
  } catch (error) {
    if (!(error instanceof CommandLineError)) return reportError(error, io)
    io.stderr(`error: ${line(error.message)}\n(see --help)\n`)
    return EXIT.invalid
  }
}

const pipe = (printed: { stdout: string; stderr: string }, files: ReadonlyMap<string, Uint8Array>): Io => ({
  stdout: (text) => {
    printed.stdout += text
  },
  stderr: (text) => {
    printed.stderr += text
  },
  control: (text) => {
    printed.stdout += text
  },
  hasColors: false,
  columns: undefined,
  isTerminal: false,
  size: () => ({}),
  openTerminal: () => ({ hasKeys: false, close: () => {} }),
  now: Date.now,
  monotonic: () => performance.now(),
  sleep: async () => {},
  interruption: () => new AbortController().signal,
  env: {},
  cwd: DIRECTORY,
  files: memoryFiles(files),
  stdin: async () => new Uint8Array(),
})
