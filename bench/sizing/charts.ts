import type { EChartsOption, SeriesOption } from "echarts"
import { INK } from "../charts.ts"
import type { SizingResult, Sweep } from "./sizing.ts"
import { POOL_SIZES } from "./workloads.ts"

/** A logarithmic axis has no 0. */
const LEAST_MS = 0.1

const SHAPES = ["circle", "triangle", "rect", "diamond"]

/** Throughput and p99 by pool size, one chart for each kind of load, and the waits that were predicted against those measured. */
export function sizingCharts({ fairShare, sweeps }: SizingResult): Record<string, EChartsOption> {
  const alone = sweeps.filter(({ workload }) => workload.burst === 1)
  const holds = [...new Set(alone.map(({ workload }) => workload.hold))]
  return {
    ...Object.fromEntries(
      holds.map((hold) => [
        `sizing-${hold}.svg`,
        bySize(
          alone.filter(({ workload }) => workload.hold === hold),
          fairShare,
        ),
      ]),
    ),
    "sizing-waits.svg": waits(sweeps),
  }
}

function bySize(sweeps: readonly Sweep[], fairShare: number): EChartsOption {
  const category = {
    type: "category" as const,
    data: POOL_SIZES.map(String),
    name: "connections",
    nameLocation: "middle" as const,
    nameGap: 30,
  }
  const series = sweeps.flatMap(({ rate, points, plan }): SeriesOption[] =>
    [
      points.map(({ perSecond }) => Math.round(perSecond)),
      points.map(({ p99 }) => Math.max(LEAST_MS, Math.round(p99 * 10) / 10)),
    ].map((values, index) => ({
      type: "line",
      name: `${rate}/s`,
      xAxisIndex: index,
      yAxisIndex: index,
      // On the line itself, and not above it: the pins of three rates hid each other.
      data: values.map((value, at) =>
        POOL_SIZES[at] === plan.connections ? { value, symbol: "diamond", symbolSize: 15 } : value,
      ),
      symbol: "circle",
      symbolSize: 4,
    })),
  )
  const planned = sweeps.map(({ rate, plan }) => `${plan.connections} at ${rate}/s`).join(", ")
  return {
    title: {
      text: `${sweeps[0]?.workload.name}: throughput and p99 by pool size`,
      subtext: `diamonds: the size for the load (${planned}); ${fairShare} is the largest safe one`,
      left: "center",
    },
    legend: { bottom: 0 },
    grid: [
      { left: 60, right: "54%", top: 105, bottom: 80 },
      { left: "56%", right: 80, top: 105, bottom: 80 },
    ],
    xAxis: [category, { ...category, gridIndex: 1 }],
    yAxis: [
      { type: "value", name: "done per second" },
      { type: "log", name: "p99, ms", gridIndex: 1 },
    ],
    series,
  }
}

function waits(sweeps: readonly Sweep[]): EChartsOption {
  const kinds = [...new Set(sweeps.map(({ workload }) => workload.name))]
  const ends = [LEAST_MS, 1_000]
  return {
    title: {
      text: "p99 of the wait for a connection: predicted and measured",
      subtext: `a prediction of ${LEAST_MS} ms or less is drawn at ${LEAST_MS}`,
      left: "center",
    },
    legend: { bottom: 0, itemGap: 30, data: kinds },
    grid: { left: 80, right: 120, top: 85, bottom: 80 },
    xAxis: { type: "log", name: "predicted, ms", min: LEAST_MS, max: 1_000 },
    yAxis: { type: "log", name: "measured, ms", min: LEAST_MS, max: 1_000 },
    series: [
      {
        type: "line",
        name: "as predicted",
        symbol: "none",
        lineStyle: { color: INK },
        data: ends.map((end) => [end, end]),
      },
      ...kinds.map((kind, index) => ({
        type: "scatter" as const,
        name: kind,
        // Many lie upon each other where hardly anything waits: seen through, and of shapes that differ.
        symbol: SHAPES[index % SHAPES.length] ?? "circle",
        itemStyle: { opacity: 0.55 },
        data: sweeps
          .filter(({ workload }) => workload.name === kind)
          .flatMap(({ points, predictedWaits }) =>
            points.flatMap(({ p99Wait }, at) => {
              const predicted = predictedWaits[at] ?? Number.POSITIVE_INFINITY
              return Number.isFinite(predicted)
                ? [[Math.max(LEAST_MS, predicted), Math.max(LEAST_MS, p99Wait)]]
                : []
            }),
          ),
      })),
    ],
  }
}
