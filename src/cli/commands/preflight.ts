import { PoolConfigError } from "../../error.ts"
import { attributionOf } from "../../monitor/inspect/attribution.ts"
import { autoRoles, judgeAuto } from "../../monitor/inspect/auto-preflight.ts"
import type { DatabaseReport } from "../../monitor/inspect/database-report.ts"
import { judgeDeploy } from "../../monitor/inspect/preflight.ts"
import { declaredFleet } from "../input/declared-fleet.ts"
import type { FleetFlags } from "../input/fleet-flags.ts"
import { type ConnectFlags, prepareToAsk } from "../input/inspect-server.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"
import { NoVerdictError } from "../no-verdict-error.ts"
import { stepsFor } from "../output/deploy-steps.ts"
import { page, textFormat } from "../output/formats.ts"
import { fullLine } from "../output/inspect-answer.ts"
import { remedySections } from "../output/inspect-page.ts"
import { poolersCode, poolerVerdicts } from "../output/pooler-verdicts.ts"
import { preflightPage } from "../output/preflight-page.ts"
import { withAttribution } from "../output/sample.ts"
import { wayIn } from "../output/way-in.ts"

export interface PreflightFlags extends FleetFlags, ConnectFlags {
  readonly format: "text" | "json"
}

const CONSOLE_ALONE = {
  name: "--connect",
  problem: "leads to PgBouncer's console, which knows nothing of the server's connections",
  remedy: "Give the variable with the URL of the server, and this one as --console",
}

/** Runs `prisma-pool preflight`. */
export async function preflight(flags: PreflightFlags, io: Io): Promise<ExitCode> {
  const declared = await declaredFleet(flags, io)
  if (declared === undefined) {
    throw new PoolConfigError([
      {
        name: "fleet",
        problem: "is not declared, so it is not known what the deploy adds",
        remedy:
          "Give --config FILE, --terraform plan.json, --kubernetes FILE, --compose compose.json, --render render.yaml, --app-spec app.yaml or --consumer api=4x20",
      },
    ])
  }
  const ask = await prepareToAsk(flags, io, declared.poolers)
  const attributed = (report: DatabaseReport) => {
    const fleet = declared.on(report.ceiling)
    return { fleet, attribution: attributionOf(report, fleet) }
  }
  const { server: answer, poolers: asked } = await ask((report) =>
    autoRoles(attributed(report).attribution, report),
  )
  if (answer === undefined) throw new NoVerdictError([CONSOLE_ALONE])
  const format = textFormat(io.hasColors)
  const print = (data: object, text: () => string) =>
    io.stdout(flags.format === "json" ? `${JSON.stringify(data, null, 2)}\n` : text())
  if (!("report" in answer)) {
    const { fullBy, message, server } = answer
    const remedies = wayIn(fullBy, server)
    print({ fits: false, full: true, limit: fullBy ?? null, message, remedies }, () =>
      page(format, [format.verdict(fullLine(answer), "bad")], remedySections(remedies)),
    )
    return EXIT.failed
  }
  const { report, rights = [] } = answer
  const { fleet, attribution } = attributed(report)
  const auto = judgeAuto(attribution, report, rights)
  const result = judgeDeploy(report, attribution, fleet)
  const poolers = poolerVerdicts(
    asked.map((each) => withAttribution(each, fleet)),
    fleet,
  )
  const { uncounted, failures, warnings } = fleet
  const nextSteps = stepsFor(result, attribution, report, fleet.parsed)
  print(
    { full: false, ...result, uncounted, failures, warnings, nextSteps, auto, attribution, poolers },
    () =>
      preflightPage(
        { result, attribution, report, uncounted, failures, warnings, nextSteps, auto, poolers },
        format,
      ),
  )
  const ofPoolers = poolersCode(poolers)
  if (!result.fits || failures.length + auto.failures.length > 0) return EXIT.failed
  return ofPoolers === EXIT.ok && uncounted.length > 0 ? EXIT.unknown : ofPoolers
}
