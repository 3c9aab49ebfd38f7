import type { EChartsOption } from "echarts"
import { wayBars } from "../charts.ts"
import type { Way } from "../processes/ways.ts"
import { WAYS } from "../ways.ts"
import { peakOf, refusedByServer, runsOf } from "./report.ts"
import type { StormOnCeiling } from "./storm.ts"

/** Backends at the peak beside what the server has, and how often it refused one. */
export function stormCharts(storms: readonly StormOnCeiling[]): Record<string, EChartsOption> {
  const categories = storms.map(({ maxConnections }) => `max_connections ${maxConnections}`)
  const bars = (measure: (storm: StormOnCeiling, way: Way) => number) =>
    wayBars(
      (Object.keys(WAYS) as Way[]).map((way) => ({
        ...WAYS[way],
        values: storms.map((storm) => measure(storm, way)),
      })),
      categories,
    )
  return {
    "storm-refused.svg": {
      ...bars((storm, way) => refusedByServer(runsOf(storm, way))),
      title: { text: "Connections refused (SQLSTATE 53300 in the server's log)", left: "center" },
      yAxis: { type: "value", name: "refused" },
    },
    "storm-peak.svg": {
      ...bars((storm, way) => Math.round((100 * peakOf(storm, way)) / storm.usable)),
      title: { text: "Backends at the peak, as a share of the usable ones", left: "center" },
      // Above 100 are the slots that PostgreSQL keeps for superusers: the way that fills them is on the chart in full.
      yAxis: { type: "value", name: "%" },
    },
  }
}
