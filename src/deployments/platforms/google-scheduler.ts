import { runsAtOnce } from "../../schedule/dialects/normal-schedule.ts"
import { normalSchedule } from "../../schedule/dialects/normalize.ts"
import { isProblem } from "../../validation/problem.ts"
import { AFTER_APPLY } from "../environment.ts"
import { listed } from "../listed.ts"
import { noteUpperBound } from "../note-upper-bound.ts"
import type { Context, Referrers, Target } from "../platform.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, FurtherSchedule, JobSchedule } from "../workload.ts"
import { type Limits, started } from "./google-scheduler-target.ts"

const SCHEDULER = "google_cloud_scheduler_job"

const DEFAULT_ZONE = "Etc/UTC"

/** No schedule of five fields is denser. */
const DENSEST = "* * * * *"

/** Finds what starts a job of Cloud Run by the clock. */
export function schedulersOf(job: Resource, context: Context): Referrers {
  const { certain, possible } = context.referrers(job, SCHEDULER, "http_target.uri", JOB)
  const active = certain.filter(isActive)
  return {
    certain: active.filter((each) => !mayBePaused(each)),
    possible: [...possible.filter(isActive), ...active.filter(mayBePaused)],
  }
}

const mayBePaused = ({ attributes }: Resource) => attributes.isUnknown("paused")

const isActive = ({ managed, attributes }: Resource) => managed && attributes.get("paused") !== true

/** A job by the address that starts it. The number of a project is in no job, and its id may be the provider's. */
const JOB: Target = {
  type: "google_cloud_run_v2_job",
  names({ attributes }) {
    const [name, location, project] = ["name", "location", "project"].map((each) => attributes.text(each))
    if (name === undefined || location === undefined) return undefined
    const own = `${location} ${name}`
    return project === undefined ? [`${ANY_PROJECT} ${own}`] : [`${project} ${own}`, `${BY_NUMBER} ${own}`]
  },
  keys(uri) {
    const [, name] = /\/jobs\/([^/:?]+):run\b/.exec(uri) ?? []
    const [, ofPath, ofHost] = /\/locations\/([^/]+)\/|\/\/([a-z0-9-]+)-run\.googleapis\.com/.exec(uri) ?? []
    const [, project = ""] = /\/(?:projects|namespaces)\/([^/]+)\//.exec(uri) ?? []
    const own = `${ofPath ?? ofHost} ${name}`
    return [ANY_PROJECT, /^\d*$/.test(project) ? BY_NUMBER : project].map((each) => `${each} ${own}`)
  },
}

const ANY_PROJECT = "?"
const BY_NUMBER = "#"

/** Adds the schedules to a job. Without any, it is started on demand. */
export function scheduled(
  run: JobSchedule["job"],
  { certain, possible }: Referrers,
  limits: Limits,
  findings: AttributeFindings,
): JobSchedule {
  if (possible.length > MOST_TOLD) {
    noteMany(possible, findings)
    return scheduled(run, { certain, possible: [] }, limits, findings)
  }
  if (certain.length + possible.length === 0) return { job: run }
  const own = started(run, [...certain, ...possible], limits, findings)
  const schedules = [
    ...certain.map((scheduler) => ({ scheduler, isCertain: true })),
    ...possible.map((scheduler) => ({ scheduler, isCertain: false })),
  ].map(({ scheduler, isCertain }) => ({
    ...timingOf(scheduler, own, findings),
    address: scheduler.address,
    isCertain,
  }))
  const [first, ...further] = schedules
  const reason = first?.reason
  const undecided = schedules.filter((each) => !each.isCertain).map(({ address }) => address)
  const others = further.filter((each) => each.reason !== undefined && each.isCertain)
  for (const { address, reason: problem = "" } of others)
    note(`schedule of ${address}`, `is ${problem}`, findings)
  const mayStart = `perhaps that of ${undecided.join(", ")}, which may be paused or start another job: that is ${AFTER_APPLY}`
  if (undecided.length > 0 && certain.length > 0) note("schedule", `is ${mayStart}`, findings)
  return {
    job: { ...own, ...first?.timing },
    ...(certain.length === 0
      ? { unknownSchedule: mayStart, between: "one run or those of that schedule" }
      : reason === undefined
        ? {}
        : { unknownSchedule: reason }),
    ...(further.length === 0
      ? {}
      : {
          further: further.map(({ timing, isCertain, reason: open }) => ({
            timing,
            isCertain: isCertain && open === undefined,
          })),
        }),
  }
}

/** Each schedule that a job may have counts beside the others, up to this many. */
const MOST_TOLD = 5

function noteMany(possible: readonly Resource[], { unknowns }: AttributeFindings): void {
  unknowns.push({
    name: "schedule",
    field: "schedule",
    lowest: 0,
    highest: undefined,
    problem: `may be that of each of ${possible.length}: what ${listed(possible.map(({ address }) => address))} start is ${AFTER_APPLY}`,
    between: "0 or any number of runs",
    remedy: "Name the job in the code of the uri, or override schedule",
  })
}

function note(name: string, problem: string, { unknowns }: AttributeFindings): void {
  unknowns.push({
    name,
    field: "schedule",
    lowest: 0,
    highest: DENSEST,
    problem,
    between: "no run or those of that schedule",
    remedy: "Set it to a value that the plan shows, or override schedule",
  })
}

interface Timing extends Pick<FurtherSchedule, "timing"> {
  /** The reason why the schedule is not known. */
  readonly reason?: string
}

function timingOf(
  { address, attributes }: Resource,
  run: JobSchedule["job"],
  findings: AttributeFindings,
): Timing {
  const timezone = attributes.text("time_zone") ?? DEFAULT_ZONE
  const densest = { schedule: DENSEST, timezone }
  if (["schedule", "time_zone"].some((name) => attributes.isUnknown(name)))
    return { timing: densest, reason: AFTER_APPLY }
  const text = attributes.text("schedule")
  // Without a schedule it runs when somebody says so.
  if (text === undefined) return { timing: { concurrent: 1 } }
  const schedule = normalSchedule(text, "cloud-scheduler")
  if (isProblem(schedule)) return { timing: densest, reason: "no schedule of Cloud Scheduler" }
  if (schedule.kind === "interval") return { timing: { concurrent: runsAtOnce(schedule, longestRun(run)) } }
  if (schedule.kind !== "calendar") return { timing: { concurrent: 1 } }
  noteUpperBound(`schedule of ${address}`, schedule, findings)
  return { timing: { schedule: schedule.schedule, timezone: schedule.timezone ?? timezone } }
}

/** In nanoseconds. */
function longestRun({ timeout = "", retries = 0 }: JobSchedule["job"]): bigint {
  const [, number, unit] = /^(\d+)(?:\.\d+)?([sh])$/.exec(timeout) ?? []
  const seconds = (Number(number ?? 168 * 3600) + 1) * (unit === "h" ? 3600 : 1)
  return BigInt(seconds * (1 + retries)) * 1_000_000_000n
}
