import { alertRules } from "../../dashboards/alerts.ts"
import { grafanaDashboard } from "../../dashboards/grafana.ts"
import { metabaseQuestions } from "../../dashboards/metabase.ts"
import { EXIT, type ExitCode, type Io } from "../io.ts"

export interface DashboardFlags {
  readonly format?: "grafana" | "alerts" | "sql"
}

const CONTENTS = `prisma-pool dashboard --format grafana > dashboard.json   for Grafana: Dashboards, New, Import
prisma-pool dashboard --format alerts > alerts.yml        for rule_files of Prometheus
prisma-pool dashboard --format sql > questions.sql        for Metabase: one question for each statement

The first two need the metrics of observePools and observeDatabase (prisma-pool-config/monitor).
`

/** Runs `prisma-pool dashboard`. */
export function dashboard({ format }: DashboardFlags, io: Io): ExitCode {
  switch (format) {
    case "grafana":
      io.stdout(`${JSON.stringify(grafanaDashboard(), null, 2)}\n`)
      break
    case "alerts":
      io.stdout(alertRules())
      break
    case "sql":
      io.stdout(metabaseQuestions())
      break
    default:
      io.stderr(CONTENTS)
  }
  return EXIT.ok
}
