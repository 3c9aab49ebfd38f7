import { PoolConfigError } from "../../error.ts"
import { declaredFleet } from "../input/declared-fleet.ts"
import { type InspectFlags, prepareToAsk } from "../input/inspect-server.ts"
import type { ExitCode, Io } from "../io.ts"
import { exitCodeOf, jsonOf, markdownOf, textOf } from "../output/inspect-answer.ts"
import { sampleOf } from "../output/sample.ts"

/** Refuses flags of a watch without `--watch`, which would be ignored, and what a watch cannot print. */
function refuseConflicts(flags: InspectFlags): void {
  if (flags.watch !== undefined) {
    if (flags.format !== "markdown") return
    throw new PoolConfigError([
      {
        name: "--format markdown",
        problem: "is given with --watch, and is for one report",
        remedy: "Leave out --watch, or give --format json",
      },
    ])
  }
  const unused = (["for", "tolerate"] as const).filter((flag) => flags[flag] !== undefined)
  if (unused.length === 0) return
  throw new PoolConfigError(
    unused.map((flag) => ({
      name: `--${flag}`,
      problem: "is given without --watch, so nothing is watched",
      remedy: "Add --watch, or leave it out",
    })),
  )
}

/** Runs `prisma-pool inspect`. */
export async function inspect(flags: InspectFlags, io: Io): Promise<ExitCode> {
  refuseConflicts(flags)
  const declared = await declaredFleet(flags, io)
  const ask = await prepareToAsk(flags, io, declared?.poolers)
  const poll = async () => sampleOf(await ask(), declared, flags)
  if (flags.watch !== undefined) return (await import("./watch.ts")).watch(flags, poll, io)
  const sample = await poll()
  const exitCode = exitCodeOf(sample, flags)
  io.stdout(
    {
      json: () => `${JSON.stringify({ exitCode, ...jsonOf(sample) }, null, 2)}\n`,
      markdown: () => markdownOf(sample, io.now()),
      text: () => textOf(sample, io),
    }[flags.format](),
  )
  return exitCode
}
