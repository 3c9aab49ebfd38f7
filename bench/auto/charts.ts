import type { EChartsOption } from "echarts"
import type { AutoResult } from "./auto.ts"
import { LIMIT, SHARED } from "./growing.ts"

/** One of so many samples is drawn. */
const STRIDE_MS = 100

/** Connections of each instance over time, a line each, and of all together. */
export function autoCharts({ busy }: AutoResult): Record<string, EChartsOption> {
  const names = [...new Set(busy.samples.flatMap(({ connections }) => Object.keys(connections)))]
  let next = 0
  const drawn = busy.samples.filter(({ at }) => {
    if (at < next) return false
    next = at + STRIDE_MS
    return true
  })
  const seconds = (millis: number) => Math.round(millis / 100) / 10
  const line = (value: number, name: string) => ({ yAxis: value, name })
  return {
    "auto-instances.svg": {
      title: {
        text: `Connections of each instance, and of all, while the fleet grows: limit ${LIMIT}, shared ${SHARED}`,
        subtext: busy.steps.map(({ at, instances }) => `${seconds(at)} s: ${instances}`).join(" · "),
        left: "center",
      },
      grid: [
        { top: 80, height: 130 },
        { top: 260, height: 150 },
      ],
      xAxis: [0, 1].map((gridIndex) => ({
        type: "value" as const,
        gridIndex,
        name: gridIndex === 1 ? "s" : "",
      })),
      yAxis: [
        { type: "value", gridIndex: 0, name: "all" },
        { type: "value", gridIndex: 1, name: "each" },
      ],
      series: [
        {
          type: "line",
          xAxisIndex: 0,
          yAxisIndex: 0,
          showSymbol: false,
          step: "end",
          lineStyle: { width: 1.5 },
          data: drawn.map(({ at, all }) => [seconds(at), all]),
          markLine: {
            symbol: "none",
            data: [line(LIMIT, "limit"), line(SHARED, "shared")],
            label: { formatter: "{b}" },
          },
        },
        ...names.map((name) => ({
          type: "line" as const,
          xAxisIndex: 1,
          yAxisIndex: 1,
          showSymbol: false,
          step: "end" as const,
          lineStyle: { width: 1, opacity: 0.6 },
          data: drawn.map(({ at, connections }) => [seconds(at), connections[name] ?? null]),
        })),
      ],
    },
  }
}
