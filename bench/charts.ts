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

/** The legend's rows: its entries in columns, so that none is cut off. */
const LEGEND_COLUMNS = 2
const LEGEND_LINE = 20

/** Bars side by side, one of each way in each category, with their values, and a legend below that has room for all. */
export function wayBars(
  ways: readonly { readonly name: string; readonly color: string; readonly values: readonly number[] }[],
  categories: readonly string[],
): EChartsOption {
  const plain = (text: string) => text.replaceAll(/[*`]/g, "")
  const lines = Math.ceil(ways.length / LEGEND_COLUMNS)
  const columns = Array.from({ length: LEGEND_COLUMNS }, (_, column) =>
    ways.slice(column * lines, (column + 1) * lines).map(({ name }) => plain(name)),
  )
  return {
    legend: columns.map((data, column) => ({
      data,
      orient: "vertical",
      bottom: (lines - data.length) * LEGEND_LINE,
      left: 40 + (column * SIZE.width) / LEGEND_COLUMNS,
      itemGap: LEGEND_LINE - 14,
      itemHeight: 14,
      itemWidth: 14,
    })),
    grid: { bottom: 50 + lines * LEGEND_LINE },
    xAxis: { type: "category", data: [...categories] },
    series: ways.map(({ name, color, values }) => ({
      type: "bar",
      name: plain(name),
      data: [...values],
      itemStyle: { color },
      // Upright: a bar is narrower than a number of three digits.
      label: {
        show: true,
        position: "top",
        color: INK,
        fontSize: 11,
        rotate: 90,
        align: "left",
        verticalAlign: "middle",
      },
    })),
  }
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
