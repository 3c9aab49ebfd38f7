import { CommanderError } from "commander"
import { refuseSecrets } from "./input/refuse-secrets.ts"
import { EXIT, type ExitCode, type Io } from "./io.ts"
import { guardOutput } from "./output/guard-output.ts"
import { programOf } from "./program.ts"
import { reportError } from "./report-error.ts"

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
    return reportError(error, io)
  }
}
