import { PoolConfigError } from "../../error.ts"
import { attributionOf } from "../../monitor/inspect/attribution.ts"
import { judgeDeploy } from "../../monitor/inspect/preflight.ts"
import { declaredFleet } from "../input/declared-fleet.ts"
import type { FleetFlags } from "../input/fleet-flags.ts"
import { type ConnectFlags, prepareToAsk } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { textFormat } from "../output/formats.ts"
import { fullLine } from "../output/inspect-answer.ts"
import { preflightPage } from "../output/preflight-page.ts"

export interface PreflightFlags extends FleetFlags, ConnectFlags {
  readonly format: "text" | "json"
}

/** Runs `prisma-pool preflight`. */
export async function preflight(flags: PreflightFlags, io: Io): Promise<ExitCode> {
  const fleet = await declaredFleet(flags, io)
  if (fleet === undefined) {
    throw new PoolConfigError([
      {
        name: "fleet",
        problem: "is not declared, so it is not known what the deploy adds",
        remedy:
          "Give --config FILE, --terraform plan.json, --kubernetes FILE, --compose compose.json or --consumer api=4x20",
      },
    ])
  }
  const ask = await prepareToAsk(flags, io)
  const answer = await ask()
  const format = textFormat(io.hasColors)
  if (!("report" in answer)) {
    const { fullBy, message } = answer
    io.stdout(
      flags.format === "json"
        ? `${JSON.stringify({ fits: false, full: true, limit: fullBy ?? null, message }, null, 2)}\n`
        : `${format.verdict(fullLine(answer), "bad")}\n`,
    )
    return EXIT.failed
  }
  const { report } = answer
  const attribution = attributionOf(report, fleet)
  const result = judgeDeploy(report, attribution, fleet)
  io.stdout(
    flags.format === "json"
      ? `${JSON.stringify({ full: false, ...result, attribution }, null, 2)}\n`
      : preflightPage(result, attribution, report, format),
  )
  return result.fits ? EXIT.ok : EXIT.failed
}
