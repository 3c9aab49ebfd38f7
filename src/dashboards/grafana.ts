import { POOL_METRICS, SERVER_METRICS } from "../monitor/metrics/metric-table.ts"
import { PANELS, type Panel } from "./panels.ts"
import { SERVER_LABELS, seriesOf } from "./prometheus-names.ts"

const WIDTH = 12
const HEIGHT = 8
const DATASOURCE = { type: "prometheus", uid: "$datasource" }

/**
 * Builds a dashboard to import into Grafana 9 or later.
 *
 * https://grafana.com/docs/grafana/latest/dashboards/build-dashboards/view-dashboard-json-model/
 */
export function grafanaDashboard() {
  return {
    uid: "prisma-pool",
    title: "Prisma connection pools and their PostgreSQL",
    tags: ["prisma", "postgresql"],
    schemaVersion: 38,
    editable: true,
    graphTooltip: 1,
    refresh: "30s",
    time: { from: "now-3h", to: "now" },
    templating: {
      list: [
        { name: "datasource", label: "Prometheus", type: "datasource", query: "prometheus" },
        variable("job", "Job", `label_values(${seriesOf(POOL_METRICS.max)}, job)`),
        variable("server", "Server", `label_values(${seriesOf(SERVER_METRICS.up)}, ${SERVER_LABELS.server})`),
      ],
    },
    panels: PANELS.map(panelOf),
  }
}

function variable(name: string, label: string, query: string) {
  return {
    name,
    label,
    type: "query",
    datasource: DATASOURCE,
    query,
    // When the time range changes.
    refresh: 2,
    includeAll: true,
    allValue: ".*",
    multi: true,
    current: { text: "All", value: "$__all" },
  }
}

function panelOf(panel: Panel, index: number) {
  const { title, description, unit, queries, isStacked = false, threshold, nothing } = panel
  const steps = [
    { color: "green", value: null },
    ...(threshold === undefined ? [] : [{ color: "red", value: threshold }]),
  ]
  return {
    id: index + 1,
    type: "timeseries",
    title,
    description,
    datasource: DATASOURCE,
    gridPos: {
      x: (index % 2) * WIDTH,
      y: Math.floor(index / 2) * HEIGHT,
      w: WIDTH,
      h: HEIGHT,
    },
    targets: queries.map(([expr, legendFormat], query) => ({
      refId: String.fromCharCode(65 + query),
      datasource: DATASOURCE,
      expr,
      legendFormat,
    })),
    fieldConfig: {
      defaults: {
        unit,
        min: 0,
        ...(nothing === undefined ? {} : { noValue: nothing }),
        thresholds: { mode: "absolute", steps },
        custom: {
          lineWidth: 1,
          fillOpacity: isStacked ? 30 : 0,
          stacking: { mode: isStacked ? "normal" : "none" },
          thresholdsStyle: { mode: threshold === undefined ? "off" : "line" },
        },
      },
      overrides: [],
    },
    options: {
      tooltip: { mode: "multi", sort: "desc" },
      legend: { displayMode: "list", placement: "bottom" },
    },
  }
}
