// `npm run bench`: what the package costs, as ratios against the client that people write by hand, in one run.
import { cpus, totalmem } from "node:os"
import { parseArgs } from "node:util"
import { startPostgres } from "../test/postgres/server.ts"
import { coldStart, ownImport } from "./cold-start.ts"
import { commandStart, overBareNode } from "./command-start.ts"
import type { Comparison, Ground } from "./contenders.ts"
import { metricsOverhead } from "./metrics-overhead.ts"
import { packedProject } from "./project.ts"
import { median, ratioOf, shownRatio } from "./side-by-side.ts"
import { throughput } from "./throughput.ts"

const { values } = parseArgs({ options: { pairs: { type: "string", default: "30" } } })
const pairs = Number(values.pairs)
if (!Number.isInteger(pairs) || pairs < 1)
  throw new Error(`--pairs ${values.pairs}: use a whole number from 1`)

const server = await startPostgres({ max_connections: 50 })
const project = await packedProject()
try {
  await server.createDatabase("core")
  await server.sql(
    `INSERT INTO partner (name) VALUES ('one');
     INSERT INTO mission (title, partner_id) SELECT 'mission ' || i, 1 FROM generate_series(1, 1000) i`,
    [],
    "core",
  )
  await measureAll({ directory: project.directory, url: server.url(), poolSize: 10 })
} finally {
  await project.remove()
  await server.destroy()
}

async function measureAll(ground: Ground): Promise<void> {
  const [cpu] = cpus()
  say(`Node ${process.version}, ${cpus().length} × ${cpu?.model}, ${Math.round(totalmem() / 2 ** 30)} GiB.`)
  say(`Ratios are medians (least–most) of ${pairs} pairs in ABBA order, each run a process of its own:`)
  say(
    "ours over the hand-written client, and the hand-written client over itself, the noise of this machine.\n",
  )

  const query = await throughput(ground, pairs)
  const perSecond = compared(query, ({ perSecond }) => perSecond)
  say(
    `throughput of a model query  ${perSecond.ratios}  ${target(perSecond.relative >= 0.98, "≥ 0.98 of itself")}`,
  )
  say(`  queries/s                  ${perSecond.medians(0)}`)
  say(`  p99, ms                    ${compared(query, ({ p99 }) => p99).medians(2)}`)

  const observed = compared(await metricsOverhead(ground, pairs), Number)
  say(
    `throughput with metrics on   ${observed.ratios}  ${target(observed.relative >= 0.99, "≥ 0.99 of off itself")}`,
  )
  say(`  queries/s of CPU           ${observed.medians(0)}`)

  const start = compared(await coldStart(ground, pairs), Number)
  say(`cold start to first query    ${start.ratios}  ${target(start.relative <= 1.05, "≤ 1.05 of itself")}`)
  say(`  ms                         ${start.medians(0)}`)

  const millis = await ownImport(ground, pairs)
  const helpMillis = overBareNode(await commandStart(ground.directory, pairs))
  const { tarballBytes, packagesAdded } = project
  say(`import beyond its peers      ${millis.toFixed(1)} ms  ${target(millis <= 10, "≤ 10 ms")}`)
  say(`prisma-pool --help over node ${helpMillis.toFixed(1)} ms  ${target(helpMillis <= 100, "≤ 100 ms")}`)
  say(
    `packed tarball               ${(tarballBytes / 1000).toFixed(1)} kB  ${target(tarballBytes <= 150_000, "≤ 150 kB")}`,
  )
  say(`packages added beyond peers  ${packagesAdded}  ${target(packagesAdded <= 3, "≤ 3")}`)
}

function compared<Result>({ compared, itself }: Comparison<Result>, measure: (result: Result) => number) {
  const [ratio, noise] = [ratioOf(compared, measure), ratioOf(itself, measure)]
  const [ours, handWritten] = [compared.map(({ b }) => measure(b)), compared.map(({ a }) => measure(a))]
  return {
    ratios: `${shownRatio(ratio)}  itself ${shownRatio(noise)}`,
    relative: ratio.median / noise.median,
    medians: (digits: number) =>
      `${median(ours).toFixed(digits)} against ${median(handWritten).toFixed(digits)}`,
  }
}

function target(met: boolean, text: string): string {
  return `${met ? "met" : "MISSED"}: ${text}`
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
