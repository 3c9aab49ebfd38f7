import { mkdirSync, writeFileSync } from "node:fs"
import { type EChartsOption, init } from "echarts"

const FOLDER = new URL("./charts/", import.meta.url)
const SIZE = { width: 900, height: 460 }

/** Text and lines that are legible on a white page and on a black one: a chart has no background of its own. */
export const INK = "#7d8590"
const GRID = "#7d859055"

const axis = {
  axisLabel: { color: INK },
  axisLine: { lineStyle: { color: INK } },
  axisTick: { lineStyle: { color: INK } },
  nameTextStyle: { color: INK },
  splitLine: { lineStyle: { color: [GRID] } },
}

const THEME = {
  backgroundColor: "transparent",
  color: ["#2f81f7", "#bf8700", "#db61a2", "#2da44e", "#a371f7", "#1b9e9e", "#cf222e"],
  textStyle: { color: INK },
  title: { textStyle: { color: INK }, subtextStyle: { color: INK } },
  legend: { textStyle: { color: INK } },
  categoryAxis: { ...axis, splitLine: { show: false } },
  valueAxis: axis,
  logAxis: axis,
}

/** Draws charts as SVG, without a browser. */
export function writeCharts(charts: Readonly<Record<string, EChartsOption>>): void {
  mkdirSync(FOLDER, { recursive: true })
  for (const [file, option] of Object.entries(charts)) {
    const chart = init(null, THEME, { renderer: "svg", ssr: true, ...SIZE })
    chart.setOption({ animation: false, ...option })
    writeFileSync(new URL(file, FOLDER), `${chart.renderToSVGString()}\n`)
    chart.dispose()
  }
}
