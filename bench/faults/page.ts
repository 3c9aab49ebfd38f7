import { markdownTable } from "../../scripts/markdown-table.ts"
import { median, quantile, shownNumber, sum } from "../statistics.ts"
import { PLANNED } from "./contender.ts"
import type { FaultsResult } from "./faults.ts"
import { type Repeated, repeated, servedAgain, shownPeak, spreadOf, wholeAgain } from "./report.ts"

const HEAD = ["fault", "way", "requests lost", "of which in flight", "served again after, ms"]

function row(runs: Repeated): string[] {
  const [{ fault, contender }] = runs
  return [
    fault,
    contender.name,
    spreadOf(runs, ({ lost }) => lost),
    spreadOf(runs, ({ inFlight }) => inFlight),
    servedAgain(runs),
  ]
}

const recoveryOf = (runs: Repeated) =>
  median(runs.map(({ recoveryMs = Number.POSITIVE_INFINITY }) => recoveryMs))

function deaths(all: readonly Repeated[]): string {
  const died = all.flatMap((runs) => {
    const times = runs.filter(({ hasDied }) => hasDied).length
    return times > 0 ? [`${runs[0].contender.name} (${runs[0].fault}, ${times} of ${runs.length})`] : []
  })
  return died.join(", ") || "none"
}

/** Below the noise of one request among others. */
const SAME_MS = 100

/** Who was served again sooner than this library, in a fault. */
function sooner(own: Repeated, all: readonly Repeated[]): string[] {
  const [{ fault, contender }] = own
  const others = all.filter(
    ([other]) =>
      other.fault === fault && other.contender.project === undefined && other.contender !== contender,
  )
  const names = others
    .filter((other) => recoveryOf(other) + SAME_MS < recoveryOf(own))
    .map((other) => `${other[0].contender.name} after ${servedAgain(other)} ms`)
  return names.length > 0 ? [`- **${fault}**: after ${servedAgain(own)} ms, ${names.join(", ")}.`] : []
}

/** What was lost, and where another way is served sooner, as this run has it. */
export function faultsPage({ figures }: FaultsResult): string {
  const all = repeated(figures)
  const ours = all.filter(([{ contender }]) => contender.id === PLANNED.id)
  const isOutage = ([{ failureMillis }]: Repeated) => failureMillis.length > 0
  const waited = ours.filter((runs) => !isOutage(runs)).flat()
  const idle = sum(waited.map(({ lost, inFlight }) => lost - inFlight))
  const outage = ours.find(isOutage)?.[0]
  const frozen = ours.filter((runs) => wholeAgain(runs) !== "–")
  return `
${markdownTable(HEAD, all.map(row))}

- **Lost though not in flight**, of this library as planned, in all faults that ended within \`PRISMA_RECONNECT_TIMEOUT\`: ${shownNumber(idle)}.
- **In the outage requests failed in ${shownNumber(quantile(outage?.failureMillis ?? [], 99))} ms** (99th percentile) once that time was over, and were served ${shownNumber(outage?.recoveryMs ?? Number.NaN)} ms after a bystander's first login.
- **Processes that died**, of an error that nobody listened for: ${deaths(all)}.
${frozen.map((runs) => `- **A frozen connection was replaced after ${wholeAgain(runs)} ms**, with \`socket_timeout=2\`, and at most ${shownPeak(runs)} backends.`).join("\n")}

Served again at least ${SAME_MS} ms sooner than by this library:

${ours.flatMap((own) => sooner(own, all)).join("\n") || "- nobody."}
`.trim()
}
