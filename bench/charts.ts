import { mkdirSync, writeFileSync } from "node:fs"
import { type EChartsOption, init } from "echarts"

const FOLDER = new URL("./charts/", import.meta.url)
const SIZE = { width: 900, height: 460 }

/** Draws charts as SVG, without a browser. */
export function writeCharts(charts: Readonly<Record<string, EChartsOption>>): void {
  mkdirSync(FOLDER, { recursive: true })
  for (const [file, option] of Object.entries(charts)) {
    const chart = init(null, null, { renderer: "svg", ssr: true, ...SIZE })
    // A page may be dark or light; the text is dark.
    chart.setOption({ animation: false, backgroundColor: "#fff", ...option })
    writeFileSync(new URL(file, FOLDER), `${chart.renderToSVGString()}\n`)
    chart.dispose()
  }
}
