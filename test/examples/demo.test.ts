import { type ChildProcess, execFile, spawn } from "node:child_process"
import { chmod, mkdtemp, readdir, readFile, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { installed } from "../support/client-tools.ts"
import { eventually } from "../support/helpers.ts"

const DEMO = fileURLToPath(new URL("../../scripts/demo/main.ts", import.meta.url))
const TSX = import.meta.resolve("tsx")
const TIMEOUT = 180_000

interface Demo {
  readonly child: ChildProcess
  readonly pid: number
  readonly output: string
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>
}

// `npm run demo` in a pipe, in a process group of its own, as a shell with job control does it.
function startDemo(directory: string, ...flags: string[]): Demo {
  const child = spawn(process.execPath, ["--import", TSX, DEMO, ...flags], {
    env: { ...process.env, TMPDIR: directory },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  })
  let output = ""
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text
    })
  }
  const ended = new Promise<Awaited<Demo["ended"]>>((resolve) => {
    child.once("close", (code, signal) => resolve({ code, signal }))
  })
  return {
    child,
    pid: child.pid as number,
    ended,
    get output() {
      return output
    },
  }
}

/** Whether a process, or with a negative number a process group, has anybody in it. */
function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

describe.skipIf(process.platform === "win32")("the demo", () => {
  let directory: string
  let demo: Demo

  // tsx keeps a cache beside it.
  const leftOnDisk = async () => (await readdir(directory)).filter((name) => !name.startsWith("tsx-"))

  async function postmasterPid(): Promise<number> {
    const files = await readdir(directory, { recursive: true })
    const file = files.find((name) => name.endsWith("postmaster.pid"))
    if (file === undefined) throw new Error(`no server in ${files.slice(0, 20).join(", ")}`)
    return Number((await readFile(join(directory, file), "utf8")).split("\n")[0])
  }

  // tsx's compiler ends a moment after the process that it compiles for.
  const nobodyLeft = async () => {
    let left = await membersOf(demo.pid)
    const ended = async () => {
      left = await membersOf(demo.pid)
      return left.length === 0
    }
    await eventually("no process is left", ended).catch((error: Error) => {
      throw new Error(`${error.message}: ${left.map(({ text }) => text).join(", ")}`)
    })
  }

  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), "demo-test-"))
    // PostgreSQL runs as another user when the tests run as root.
    await chmod(directory, 0o755)
    demo = startDemo(directory)
  })

  afterEach(async () => {
    if (isAlive(-demo.pid)) process.kill(-demo.pid, "SIGKILL")
    await rm(directory, { recursive: true, force: true })
  })

  it("shows pools that hold what was configured, and the old way that does not", {
    timeout: TIMEOUT,
  }, async () => {
    const metrics = await metricsOf(demo)
    expect(await demo.ended, demo.output).toEqual({ code: 0, signal: null })
    const { output } = demo
    expect(metrics).toMatch(/^db_client_connection_max\{[^}]*name="core"[^}]*\} 5$/m)
    expect(metrics).toMatch(/^prisma_pool_server_max_connections\{[^}]*\} 30$/m)
    expect(metrics).toMatch(/^prisma_pool_server_declared_max_connections\{[^}]*\} 30$/m)
    expect(metrics, "the demo's fleet is the declared one").not.toMatch(
      /^prisma_pool_server_undeclared\{.*\} [1-9]/m,
    )

    // application, limit, peak, refused, what it did
    expect(output).toMatch(/^ {2}api +5 +5 +0 +[1-9]\d* requests$/m)
    expect(output).toMatch(/^ {2}job-import-missions +5 +5 +0 +[1-9]\d* missions$/m)
    expect(output).toMatch(/^ {2}job-export-stats +5 +5 +0 +[1-9]\d* figures$/m)
    const oldWay = /^ {2}old-way +3 +(\d+) +0 +[1-9]\d* queries$/m.exec(output)
    expect(Number(oldWay?.[1])).toBeGreaterThan(3)

    expect(output).toMatch(/^ {2}total +26 +96 % of usable: it fits, with 1 free$/m)
    expect(output).not.toContain("NOT SO")
    expect(output, "no colours and nothing redrawn in a pipe").not.toContain("\u001b")
    expect(await leftOnDisk()).toEqual([])
    await nobodyLeft()
  })

  it.each<[what: string, whom: 1 | -1, isFrozen?: "frozen"]>([
    ["a signal to the demo", 1],
    ["a signal to the demo, whose API does not answer", 1, "frozen"],
    ["Ctrl-C in a terminal, which reaches every process of it", -1],
  ])("leaves nothing behind after %s", { timeout: TIMEOUT }, async (_, whom, isFrozen) => {
    const runs = async () => {
      if (demo.child.exitCode !== null) throw new Error(`it ended too early:\n${demo.output}`)
      return /^Starting the API/m.test(demo.output)
    }
    await eventually("the fleet runs", runs, TIMEOUT / 2)
    // Into the load.
    await sleep(3_000)
    const postmaster = await postmasterPid()
    expect(isAlive(postmaster)).toBe(true)

    const api = (await membersOf(demo.pid)).find(({ text }) => text.endsWith("/examples/api/src/server.ts"))
    if (api === undefined) throw new Error("no process is the API")
    if (isFrozen) process.kill(api.pid, "SIGSTOP")
    process.kill(whom * demo.pid, "SIGINT")
    expect(await demo.ended, demo.output).toEqual({ code: 130, signal: null })
    expect(demo.output).toContain("SIGINT: stopped and cleaned up")
    expect(await leftOnDisk()).toEqual([])
    expect(isAlive(postmaster), "a server left").toBe(false)
    await nobodyLeft()
  })
})

describe.skipIf(!installed("pgbouncer"))("the demo with a pooler", () => {
  it("serves 40 processes on a server of 30 slots, and shows what they are without it", {
    timeout: TIMEOUT,
  }, async () => {
    const directory = await mkdtemp(join(tmpdir(), "demo-test-"))
    await chmod(directory, 0o755)
    const demo = startDemo(directory, "--pooler")
    expect(await demo.ended, demo.output).toEqual({ code: 0, signal: null })
    const { output } = demo
    expect(output).toMatch(/pgbouncer, clients = 80 api \(40 × 2\) = 80, within 80$/m)
    expect(output).toMatch(/Through PgBouncer [1-9]\d* requests were served: 0 failed, 0 connections refused/)
    expect(output).toMatch(/The server had (1\d|2[01]) connections at most, of 21 that were planned/)
    expect(output).toMatch(/Without it the server refused [1-9]\d* connections/)
    expect(output).not.toContain("NOT SO")
    const left = (await readdir(directory)).filter((name) => !name.startsWith("tsx-"))
    expect(left).toEqual([])
    await rm(directory, { recursive: true, force: true })
  })
})

/** What it serves to Prometheus while it runs, once the server has answered. */
async function metricsOf(demo: Demo): Promise<string> {
  let metrics = ""
  await eventually(
    "it serves metrics",
    async () => {
      if (demo.child.exitCode !== null) throw new Error(`it ended too early:\n${demo.output}`)
      const [url] = /http:\S+\/metrics/.exec(demo.output) ?? []
      if (url === undefined) return false
      metrics = await fetch(url).then(
        (response) => response.text(),
        () => "",
      )
      return /^prisma_pool_server_up\{.*\} 1$/m.test(metrics)
    },
    TIMEOUT / 2,
  )
  return metrics
}

/** The commands of this group's processes. One that has ended, and that nobody has waited for yet, is none. */
async function membersOf(group: number): Promise<{ readonly pid: number; readonly text: string }[]> {
  const { stdout } = await promisify(execFile)("ps", ["-A", "-o", "pgid=,stat=,pid=,args="])
  return stdout
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([pgid, state]) => Number(pgid) === group && !state?.startsWith("Z"))
    .map(([, state, pid, ...command]) => ({ pid: Number(pid), text: [state, ...command].join(" ") }))
}
