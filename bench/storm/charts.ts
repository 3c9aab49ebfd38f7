import type { EChartsOption } from "echarts"
import { INK } from "../charts.ts"
import { most } from "../statistics.ts"
import { refusedByServer, runsOf } from "./report.ts"
import type { StormOnCeiling } from "./storm.ts"
import { ORDER, WAYS } from "./ways.ts"

const plain = (text: string) => text.replaceAll(/[*`]/g, "")

/** Backends at the peak beside what the server has, and how often it refused one. */
export function stormCharts(storms: readonly StormOnCeiling[]): Record<string, EChartsOption> {
  const categories = storms.map(({ maxConnections }) => `max_connections ${maxConnections}`)
  const legend = { bottom: 0, itemGap: 36, itemWidth: 14, data: ORDER.map((way) => plain(WAYS[way])) }
  const bars = (measure: (storm: StormOnCeiling, way: (typeof ORDER)[number]) => number) =>
    ORDER.map((way) => ({
      type: "bar" as const,
      name: plain(WAYS[way]),
      data: storms.map((storm) => measure(storm, way)),
      label: { show: true, position: "top" as const, color: INK },
    }))
  return {
    "storm-refused.svg": {
      title: { text: "Connections refused (SQLSTATE 53300 in the server's log)", left: "center" },
      legend,
      grid: { bottom: 110 },
      xAxis: { type: "category", data: categories },
      yAxis: { type: "value", name: "refused" },
      series: bars((storm, way) => refusedByServer(runsOf(storm, way))),
    },
    "storm-peak.svg": {
      title: { text: "Backends at the peak, as a share of the usable ones", left: "center" },
      legend,
      grid: { bottom: 110 },
      xAxis: { type: "category", data: categories },
      // Above 100 are the slots that PostgreSQL keeps for superusers: the way that fills them is on the chart in full.
      yAxis: { type: "value", name: "%" },
      series: bars((storm, way) =>
        Math.round((100 * most(runsOf(storm, way).map(({ peak }) => peak))) / storm.usable),
      ),
    },
  }
}
