import { type ChildProcess, execFile, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtemp, rm, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { PATH } from "./client-tools.ts"
import { eventually } from "./helpers.ts"
import { freePort } from "./server.ts"

export type Labels = Readonly<Record<string, string>>

/** One series and its value now. */
export interface Sample {
  readonly metric: Labels
  readonly value: number
}

export interface FiringAlert {
  readonly labels: Labels
  readonly annotations: Labels
}

/** A Prometheus of a test's own, which scrapes one target each second. */
export interface Prometheus {
  query(expr: string): Promise<readonly Sample[]>
  /** The values of a label among the series of a metric. */
  labelValues(label: string, metric: string): Promise<readonly string[]>
  /** The alerts of this name that fire now, or all of them. */
  firing(name?: string): Promise<readonly FiringAlert[]>
  /** Every rule, and what went wrong when it was evaluated. */
  rules(): Promise<readonly { readonly name: string; readonly health: string; readonly lastError?: string }[]>
  destroy(): Promise<void>
}

/** Ready when it is, whatever becomes of its target. */
export async function startPrometheus(target: string, rules: string): Promise<Prometheus> {
  const directory = await mkdtemp(join(tmpdir(), "prometheus-"))
  const port = await freePort()
  const config = {
    global: { scrape_interval: "1s", scrape_timeout: "1s", evaluation_interval: "500ms" },
    rule_files: ["rules.yml"],
    scrape_configs: [{ job_name: "api", static_configs: [{ targets: [target] }] }],
  }
  await writeFile(join(directory, "rules.yml"), rules)
  // YAML has all of JSON in it.
  await writeFile(join(directory, "prometheus.yml"), JSON.stringify(config))
  const child = spawn(
    "prometheus",
    [
      `--config.file=${join(directory, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(directory, "data")}`,
      `--web.listen-address=127.0.0.1:${port}`,
      "--log.level=warn",
    ],
    { env: { PATH }, cwd: directory, stdio: ["ignore", "ignore", "pipe"] },
  )
  let log = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    log += text
  })
  const killAtExit = () => child.kill("SIGKILL")
  process.once("exit", killAtExit)

  const url = `http://127.0.0.1:${port}`
  async function api<Data>(path: string, parameters: Labels = {}): Promise<Data> {
    const response = await fetch(`${url}/api/v1/${path}?${new URLSearchParams(parameters)}`)
    const { status, data, error } = (await response.json()) as { status: string; data: Data; error?: string }
    if (status !== "success") throw new Error(`${path} ${JSON.stringify(parameters)}: ${error}`)
    return data
  }
  async function destroy(): Promise<void> {
    await kill(child)
    process.off("exit", killAtExit)
    await rm(directory, { recursive: true, force: true, maxRetries: 5 })
  }
  const isReady = () => {
    if (child.exitCode !== null) throw new Error(`Prometheus did not start:\n${log}`)
    return fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    )
  }
  await eventually("Prometheus is ready", isReady).catch(async (error: unknown) => {
    await destroy()
    throw error
  })

  return {
    async query(expr) {
      const { result } = await api<{ result: { metric: Labels; value: [number, string] }[] }>("query", {
        query: expr,
      })
      return result.map(({ metric, value: [, value] }) => ({ metric, value: Number(value) }))
    },
    labelValues: (label, metric) => api<string[]>(`label/${label}/values`, { "match[]": metric }),
    async firing(name) {
      const { alerts } = await api<{ alerts: (FiringAlert & { state: string })[] }>("alerts")
      return alerts.filter(
        ({ state, labels }) => state === "firing" && (name === undefined || labels["alertname"] === name),
      )
    },
    async rules() {
      const { groups } = await api<{ groups: { rules: Awaited<ReturnType<Prometheus["rules"]>> }[] }>("rules")
      return groups.flatMap(({ rules }) => rules)
    },
    destroy,
  }
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exit = once(child, "exit")
  child.kill("SIGKILL")
  await exit
}

/** What promtool says, and whether it is content. */
export function promtool(args: readonly string[], directory: string): Promise<{ ok: boolean; said: string }> {
  return new Promise((resolve) => {
    execFile("promtool", args, { env: { PATH }, cwd: directory }, (error, out, err) =>
      resolve({ ok: error === null, said: out + err }),
    )
  })
}
