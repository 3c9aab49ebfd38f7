import { CommanderError } from "commander"
import { PoolConfigError } from "../error.ts"
import { refuseSecrets } from "./input/refuse-secrets.ts"
import { EXIT, type ExitCode, type Io } from "./io.ts"
import { NoVerdictError } from "./no-verdict-error.ts"
import { guardOutput } from "./output/guard-output.ts"
import { programOf } from "./program.ts"

/** Runs a command line without the program's own name, and returns the exit code. */
export async function run(args: readonly string[], world: Io, version: string): Promise<ExitCode> {
  const io = guardOutput(world)
  let exitCode: ExitCode = EXIT.ok
  const program = programOf(io, version, (code) => {
    exitCode = code
  })
  try {
    refuseSecrets(args)
    await program.parseAsync(args, { from: "user" })
    return exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.invalid
    io.stderr(`${messageOf(error)}\n`)
    return error instanceof NoVerdictError ? EXIT.unknown : EXIT.invalid
  }
}

function messageOf(error: unknown): string {
  if (error instanceof PoolConfigError || error instanceof NoVerdictError) {
    return error.message.replace(/^/gm, "prisma-pool: ")
  }
  // Its message may contain a part of a plan; the stack frames do not.
  const { name, stack = "" } = error instanceof Error ? error : new Error()
  const frames = stack.split("\n").filter((line) => line.startsWith("    at "))
  return ["prisma-pool: this is an error in prisma-pool itself: please report it", name, ...frames].join("\n")
}
