import type { CalendarSchedule } from "../schedule/dialects/normal-schedule.ts"
import type { AttributeFindings } from "./workload.ts"

/** Records that a schedule counts more often than it starts, if five fields of cron cannot say it. */
export function noteUpperBound(
  name: string,
  { upperBound }: CalendarSchedule,
  { assumptions }: AttributeFindings,
): void {
  if (upperBound === undefined) return
  assumptions.push({
    name,
    field: "schedule",
    assumed: `${upperBound}, because five fields of cron cannot say it`,
    remedy: "Override schedule",
  })
}
