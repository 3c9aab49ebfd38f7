import { label } from "../../error.ts"
import { duration } from "../../monitor/duration.ts"
import { isFullOfClients, isServerSideFull } from "../../monitor/pgbouncer/fullness.ts"
import type { PgBouncerReport } from "../../monitor/pgbouncer/pgbouncer-report.ts"
import type { Remedy } from "./remedies.ts"

/** Returns remedies for a pooler whose clients wait or are refused, in the order of their use. */
export function poolerRemedies({
  name,
  report,
}: {
  readonly name: string
  readonly report: PgBouncerReport
}): Remedy[] {
  const pooler = label(name)
  const halted = haltedEntries(report)
  const now = (why: string): Remedy => ({ when: "now", why: `${pooler}: ${why}` })
  return [
    ...(halted.length > 0
      ? [now(`${halted.join(", ")} on the console: clients wait or are refused until RESUME or ENABLE`)]
      : []),
    ...(report.clients.waiting > 0 && halted.length === 0 ? [now(whyTheyWait(report))] : []),
    ...(isFullOfClients(report)
      ? [
          now(
            "no more clients are taken: stop instances that can wait, then raise max_client_conn (LimitNOFILE above it), or lower the pool sizes behind it",
          ),
        ]
      : []),
  ]
}

const haltedEntries = ({ processes }: PgBouncerReport): string[] => [
  ...new Set(
    processes.flatMap(({ state, paused, disabled }) => [
      ...(state === undefined || state === "active" ? [] : [`it is ${label(state)}`]),
      ...paused.map((entry) => `${label(entry)} is paused`),
      ...disabled.map((entry) => `${label(entry)} is disabled`),
    ]),
  ),
]

function whyTheyWait(report: PgBouncerReport): string {
  const { clients, processes } = report
  const who = `${clients.waiting} ${clients.waiting === 1 ? "client waits" : "clients wait"}`
  if (!isServerSideFull(report))
    return `${who} although the pools have room: PgBouncer opens no connections. Look in its log, and whether the server is down or refuses it`
  const most = Math.min(
    ...processes.map(({ queryWaitTimeoutSeconds: seconds }) =>
      seconds > 0 ? seconds : Number.POSITIVE_INFINITY,
    ),
  )
  const until = Number.isFinite(most) ? `, and are cut off after ${duration(most)} (query_wait_timeout)` : ""
  return `${who} for server connections that are all in use${until}: look for slow queries, locks and long transactions on the server first; then raise default_pool_size, if prisma-pool check allows it`
}
