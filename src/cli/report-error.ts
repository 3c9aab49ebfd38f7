import { PoolConfigError } from "../error.ts"
import { EXIT, type ExitCode, type Io } from "./io.ts"
import { NoVerdictError } from "./no-verdict-error.ts"

/** Prints an error that ended the command, and returns the exit code. */
export function reportError(error: unknown, io: Pick<Io, "stderr">): ExitCode {
  io.stderr(`${messageOf(error)}\n`)
  return error instanceof NoVerdictError ? EXIT.unknown : EXIT.invalid
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
