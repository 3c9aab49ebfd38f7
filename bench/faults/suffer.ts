import { setTimeout as sleep } from "node:timers/promises"
import type { Instance } from "../instance.ts"
import { type Counts, count } from "../processes/counts.ts"
import type { Report } from "../processes/protocol.ts"
import type { Ground } from "../scenario.ts"
import { most, sum } from "../statistics.ts"
import type { Contender } from "./contender.ts"
import { backendsOf, eventually, type Fault } from "./list.ts"
import { instancesUnderLoad, type Setting, type Stage } from "./stage.ts"

/** What one fault did to instances that are configured one way. */
export interface FaultFigures {
  readonly fault: string
  /** What there was to say of it beside these figures. */
  readonly notes: readonly string[]
  readonly contender: Contender
  readonly served: number
  readonly failed: Counts
  readonly lost: number
  /** Of those lost: a statement had been sent, or a transaction was open. The others had no connection. */
  readonly inFlight: number
  /** How long requests took to fail while the fault lasted, in milliseconds, where it lasts long enough to see. */
  readonly failureMillis: readonly number[]
  /** From the end of the fault until every instance had served a request that began after it, in milliseconds; undefined when one had not in time. */
  readonly recoveryMs: number | undefined
  /** From the end of the fault until the last failure, in milliseconds; 0 when there was none after it. */
  readonly lastFailureMs: number
  /** Processes that ended by themselves. */
  readonly died: number
  /** Backends after all instances had been told to stop. */
  readonly leaked: number
}

const AFTERWARDS_MS = 1_000
const PATIENCE_MS = 12_000
const LOOK_EVERY_MS = 100

/** The instances of a contender, and what they have said so far. */
interface Group {
  readonly contender: Contender
  readonly instances: Instance[]
  readonly heard: Report[]
  failureMillis: readonly number[]
}

/** One fault, with instances of its own for each contender. */
export async function suffer(
  ground: Ground,
  { url, env, ...fixed }: Setting,
  fault: Fault,
  contenders: readonly Contender[],
): Promise<FaultFigures[]> {
  const { route = "direct", instances: each } = fault
  const groups: Group[] = await Promise.all(
    contenders.map(async (contender) => {
      const { project = ground.project } = contender
      const more = { ...(route === "name" ? env : {}), ...contender.env }
      const on = { ...ground, project }
      const instances = await instancesUnderLoad(on, contender, url(route), more, each)
      return { contender, instances, heard: [], failureMillis: [] }
    }),
  )
  const all = groups.map(({ instances }) => [...instances])
  // A fault may take instances away.
  const [first] = groups
  const instances =
    groups.length === 1 && first ? first.instances : groups.flatMap((group) => group.instances)
  const notes: string[] = []
  const stage: Stage = {
    ...fixed,
    instances,
    note: (text) => notes.push(text),
    async watchFailures(during) {
      await Promise.all(groups.map(hear))
      await during()
      for (const group of groups) {
        group.failureMillis = (await hear(group)).flatMap((report) => report.failureMillis)
      }
    },
  }
  const over = (await fault.strike(stage)) ?? Date.now()
  for (const instance of instances) instance.watch()

  const recoveries = await Promise.all(groups.map((group) => recovery(group, over)))
  await sleep(AFTERWARDS_MS)
  for (const { heard, instances } of groups) {
    const last = await Promise.all(instances.map((instance) => instance.stop().catch(() => undefined)))
    heard.push(...last.filter((report) => report !== undefined))
  }
  await fault.mend?.(stage)
  await eventually(async () => (await backendsOf(fixed.server)) === 0)
  const leaked = await backendsOf(fixed.server)
  return groups.map(({ contender, heard, failureMillis, instances }, index) => {
    const failed: Counts = {}
    for (const report of heard) {
      for (const [kind, times] of Object.entries(report.failed)) count(failed, kind, times)
    }
    const [started = [], recoveredAt] = [all[index], recoveries[index]]
    const taken = started.length - instances.length
    const dead = started.filter(({ child }) => child.signalCode !== null || (child.exitCode ?? 0) > 0)
    return {
      fault: fault.name,
      notes,
      contender,
      served: sum(heard.map(({ served }) => served)),
      failed,
      lost: sum(Object.values(failed)),
      inFlight: sum(heard.map(({ inFlight }) => inFlight)),
      failureMillis,
      recoveryMs: recoveredAt && Math.max(0, recoveredAt - over),
      lastFailureMs: Math.max(0, most(heard.map(({ lastFailureAt = 0 }) => lastFailureAt)) - over),
      died: dead.length - taken,
      leaked,
    }
  })
}

async function hear({ instances, heard }: Group): Promise<readonly Report[]> {
  const reports = await Promise.all(instances.map((instance) => instance.report()))
  heard.push(...reports)
  return reports
}

/** Looks until every instance has served something that began after the fault; when the last of them did. */
async function recovery(group: Group, over: number): Promise<number | undefined> {
  for (;;) {
    await sleep(LOOK_EVERY_MS)
    const served = (await hear(group)).flatMap(({ servedAt }) => servedAt ?? [])
    if (served.length === group.instances.length) return most(served)
    if (Date.now() > over + PATIENCE_MS) return undefined
  }
}
