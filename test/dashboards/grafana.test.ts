import { expect, test } from "vitest"
import { grafanaDashboard } from "../../src/dashboards/grafana.ts"

// The shape that Grafana reads; whether the queries find something is for prometheus.test.ts.

const dashboard = grafanaDashboard()

test("it is JSON that says it all", () => {
  expect(JSON.parse(JSON.stringify(dashboard))).toEqual(dashboard)
  expect(dashboard.uid).toMatch(/^[\w-]{8,40}$/)
  expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(36)
})

test("panels have numbers and queries of their own, and lie beside each other", () => {
  const { panels } = dashboard
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length)
  const taken = new Set<string>()
  for (const { gridPos, targets, description } of panels) {
    expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24)
    for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
      for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
        expect(taken.has(`${x} ${y}`)).toBe(false)
        taken.add(`${x} ${y}`)
      }
    }
    expect(description).not.toBe("")
    expect(targets.map(({ refId }) => refId)).toEqual([..."ABCDE"].slice(0, targets.length))
  }
})

test("every variable of a query is there to be chosen", () => {
  const names = dashboard.templating.list.map(({ name }) => `$${name}`)
  expect(names).toEqual(["$datasource", "$job", "$server"])
  const used = new Set(JSON.stringify(dashboard.panels).match(/\$\w+/g))
  expect([...used].sort()).toEqual([...names, "$__rate_interval"].sort())
})

test("every label that a legend names is one that its query leaves", () => {
  for (const { targets } of dashboard.panels) {
    for (const { expr, legendFormat } of targets) {
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label]) => label)
      expect(labels.length).toBeGreaterThan(0)
      for (const label of labels) expect(expr).toMatch(new RegExp(`by \\([^)]*\\b${label}\\b`))
    }
  }
})

test("the four things that the sizing document wants to follow", () => {
  const titles = dashboard.panels.map(({ title }) => title)
  expect(titles).toEqual(
    expect.arrayContaining([
      "Active connections by application",
      "Idle against active",
      "Wait for a connection",
      "Refusals, timeouts and errors",
    ]),
  )
})

test("an outage is seen from its first refusal to the connection that ends it", () => {
  const seriesOf = (title: string) =>
    dashboard.panels
      .find((panel) => panel.title === title)
      ?.targets.map(({ expr }) => /\bprisma_pool_\w+/.exec(expr)?.[0])
  expect(seriesOf("Refusals, timeouts and errors")).toEqual([
    "prisma_pool_connection_refusals_total",
    undefined, // OpenTelemetry's own
    "prisma_pool_connection_rejections_total",
    "prisma_pool_connection_errors_total",
    "prisma_pool_connection_reconnects_total",
  ])
  expect(seriesOf("Pools that are down")).toEqual(["prisma_pool_down"])
})
