import { declaredFleet } from "../input/declared-fleet.ts"
import { type InspectFlags, inspectServer } from "../input/inspect-server.ts"
import type { ExitCode, Io } from "../io.ts"
import { exitCodeOf, jsonOf, textOf } from "../output/inspect-answer.ts"

/** `prisma-pool inspect` */
export async function inspect(flags: InspectFlags, io: Io): Promise<ExitCode> {
  const fleet = await declaredFleet(flags, io)
  if (flags.watch !== undefined) return (await import("./watch.ts")).watch(flags, fleet, io)
  const answer = await inspectServer(flags, io)
  const exitCode = exitCodeOf(answer, fleet, flags)
  if (flags.format === "json")
    io.stdout(`${JSON.stringify({ exitCode, ...jsonOf(answer, fleet) }, null, 2)}\n`)
  else io.stdout(textOf(answer, fleet, flags, io))
  return exitCode
}
