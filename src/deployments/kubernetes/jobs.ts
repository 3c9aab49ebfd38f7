import { runsAtOnce } from "../../schedule/dialects/normal-schedule.ts"
import { normalSchedule } from "../../schedule/dialects/normalize.ts"
import { readTimezone } from "../../schedule/timezone.ts"
import { isProblem } from "../../validation/problem.ts"
import type { Attributes } from "../attributes.ts"
import { ENDS_BEFORE_NEXT, isDailyAtMost } from "../daily-runs.ts"
import type { AttributeFindings, JobSchedule, ServiceInstances } from "../workload.ts"
import { blockOf } from "./cluster.ts"
import { isHook } from "./hooks.ts"
import type { Manifest } from "./manifest.ts"
import { count, PLATFORM } from "./scaling.ts"

/** https://kubernetes.io/docs/concepts/workloads/controllers/job/#pod-backoff-failure-policy */
const BACKOFF_LIMIT = 6

/** Between attempts: 10 s, twice as long each time, and at most 6 minutes. */
const FIRST_PAUSE_SECONDS = 10
const LONGEST_PAUSE_SECONDS = 360

/** The time that a pod has to end, by default. */
const GRACE_SECONDS = 30

/** Reads the runs of a Job. A hook runs during a deploy only. */
export function jobRuns(
  { attributes }: Manifest,
  spec: Attributes | undefined,
  findings: AttributeFindings,
): JobSchedule | ServiceInstances {
  const pods = podsAtOnce(spec, findings)
  // A queue, such as Kueue, holds its jobs back like this until there is room.
  const isHeld = spec?.get("suspend") === true && !isQueued(attributes)
  const running = isHeld ? 0 : pods
  if (isHook(attributes)) return { instances: 0, surge: () => ({ lowest: running, highest: running }) }
  return { job: { concurrent: running === 0 ? 0 : 1, ...asReplicas(pods) } }
}

const isQueued = (attributes: Attributes): boolean =>
  (blockOf(attributes, "metadata")?.map("labels").known ?? []).some(([name]) =>
    name.startsWith("kueue.x-k8s.io/"),
  )

/** Counts the pods of a run at one time: as many as run in parallel, and no more than are to complete. */
function podsAtOnce(spec: Attributes | undefined, findings: AttributeFindings): number {
  const quiet: AttributeFindings = { assumptions: [], unknowns: findings.unknowns }
  const parallel = count(spec, "parallelism", 1, PLATFORM, quiet, "replicas")
  const completions =
    spec?.get("completions") === undefined
      ? parallel
      : count(spec, "completions", 1, PLATFORM, quiet, "replicas")
  return Math.min(parallel, completions)
}

const asReplicas = (pods: number) => (pods < 2 ? {} : { replicas: pods })

/** Returns the fields of a job: the runs of it that are running, each with as many pods. */
export function concurrentRuns(
  runs: number,
  spec: Attributes | undefined,
  findings: AttributeFindings,
): JobSchedule["job"] {
  const pods = podsAtOnce(spec, findings)
  return { concurrent: pods === 0 ? 0 : runs, ...asReplicas(pods) }
}

/** Reads the runs of a CronJob. */
export function cronJobRuns(
  spec: Attributes | undefined,
  findings: AttributeFindings,
  refuse: (path: string, problem: string, remedy: string) => void,
): JobSchedule {
  const jobSpec = blockOf(blockOf(spec, "jobTemplate"), "spec")
  const parallel = podsAtOnce(jobSpec, findings)
  const pods = asReplicas(parallel)
  if (spec?.get("suspend") === true || parallel === 0) return { job: { concurrent: 0, ...pods } }
  const policy = spec?.text("concurrencyPolicy") ?? "Allow"
  const text = spec?.text("schedule") ?? ""
  const seconds = longestRun(jobSpec)
  const zone = spec?.text("timeZone")
  // A run that is replaced still ends while its successor starts.
  const most = policy === "Forbid" ? 1 : policy === "Replace" ? 2 : undefined
  if (spec?.isUnknown("schedule") || spec?.isUnknown("timeZone") || /\{\{/.test(`${text}${zone}`)) {
    if (seconds === undefined && most === undefined) noteEndless({}, findings)
    return {
      job: {
        schedule: "* * * * *",
        timezone: "UTC",
        ...pods,
        ...lasting(seconds),
        ...(most === undefined ? {} : { maxRuns: most }),
      },
      unknownSchedule: "not in plain text",
      ...(seconds === undefined ? { endlessRuns: most ?? 1 } : {}),
    }
  }
  const schedule = normalSchedule(text, "kubernetes")
  if (isProblem(schedule)) {
    refuse("spec.schedule", schedule.problem, schedule.remedy)
    return { job: { concurrent: 1, ...pods } }
  }
  const named = zone === undefined ? undefined : readTimezone(zone)
  if (isProblem(named)) {
    refuse("spec.timeZone", named.problem, named.remedy)
    return { job: { concurrent: 1, ...pods } }
  }
  if (schedule.kind === "interval") {
    if (seconds === undefined && most === undefined) noteEndless({}, findings)
    const runs = seconds === undefined ? 1 : runsAtOnce(schedule, BigInt(seconds) * 1_000_000_000n)
    return {
      job: { concurrent: seconds === undefined ? (most ?? 1) : Math.min(runs, most ?? runs), ...pods },
    }
  }
  if (schedule.kind !== "calendar") return { job: { concurrent: schedule.kind === "once" ? 1 : 0, ...pods } }
  const timing = {
    schedule: schedule.schedule,
    timezone: schedule.timezone ?? named ?? assumedZone(findings),
  }
  if (seconds === undefined) {
    if (most === undefined) noteEndless(timing, findings)
    return { job: { ...pods, ...timing }, endlessRuns: most ?? 1 }
  }
  return {
    job: { ...timing, ...lasting(seconds), ...pods, ...(most === undefined ? {} : { maxRuns: most }) },
  }
}

const lasting = (seconds: number | undefined) => (seconds === undefined ? {} : { duration: `${seconds}s` })

/** Without a zone, that of the cluster's controller counts, which is UTC on every managed cluster. */
function assumedZone({ assumptions }: AttributeFindings): string {
  assumptions.push({
    name: "timeZone",
    field: "timezone",
    assumed: "omitted: UTC, the zone of most clusters' controllers",
    remedy: "Set timeZone",
  })
  return "UTC"
}

/**
 * Returns the seconds that a run can take at most, its end included; undefined if nothing ends it. The deadline of a Job
 * is for all attempts together, that of a pod for each.
 */
function longestRun(spec: Attributes | undefined): number | undefined {
  const pod = blockOf(blockOf(spec, "template"), "spec")
  const grace = secondsOf(pod?.get("terminationGracePeriodSeconds")) ?? GRACE_SECONDS
  const ofJob = secondsOf(spec?.get("activeDeadlineSeconds"))
  const ofPod = secondsOf(pod?.get("activeDeadlineSeconds"))
  if (pod?.isUnknown("terminationGracePeriodSeconds")) return undefined
  const retries = spec?.isUnknown("backoffLimit")
    ? undefined
    : secondsOf(spec?.get("backoffLimit") ?? BACKOFF_LIMIT)
  const attempts =
    ofPod === undefined || retries === undefined
      ? undefined
      : (ofPod + grace) * (retries + 1) + pauses(retries)
  const bounds = [ofJob === undefined ? undefined : ofJob + grace, isOneBatch(spec) ? attempts : undefined]
  const known = bounds.filter((each) => each !== undefined)
  const longest = known.length === 0 ? undefined : Math.min(...known)
  return longest !== undefined && longest <= LONGEST_SECONDS ? longest : undefined
}

const LONGEST_SECONDS = 366 * 86_400

/** Pods of a Job that completes more than it runs at once follow each other, for as long as each takes. */
const isOneBatch = (spec: Attributes | undefined): boolean =>
  !spec?.isUnknown("completions") &&
  !spec?.isUnknown("parallelism") &&
  Number(spec?.get("completions") ?? 1) <= Number(spec?.get("parallelism") ?? 1)

function pauses(retries: number): number {
  let total = 0
  for (let pause = FIRST_PAUSE_SECONDS, left = Math.min(retries, 1_000); left > 0; left--) {
    total += pause
    pause = Math.min(LONGEST_PAUSE_SECONDS, pause * 2)
  }
  return total
}

function secondsOf(value: unknown): number | undefined {
  const number = typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value
  return typeof number === "number" && Number.isInteger(number) && number >= 0 ? number : undefined
}

/** Runs that overlap and that nothing ends may pile up. Those that start once a day or less are assumed not to. */
function noteEndless(
  timing: Pick<JobSchedule["job"], "schedule" | "timezone">,
  findings: AttributeFindings,
): void {
  const remedy = "Set concurrencyPolicy: Forbid or activeDeadlineSeconds"
  if (isDailyAtMost(timing)) {
    findings.assumptions.push({
      name: "activeDeadlineSeconds",
      field: "timeout",
      assumed: `omitted, and concurrencyPolicy allows overlaps: ${ENDS_BEFORE_NEXT}`,
      remedy,
    })
    return
  }
  findings.unknowns.push({
    name: "activeDeadlineSeconds",
    field: "timeout",
    lowest: "1s",
    highest: undefined,
    problem:
      "is omitted and concurrencyPolicy allows overlaps, so runs that take long pile up without a limit",
    between: "1 run or any number of runs",
    remedy: `${remedy}, or override timeout or maxRuns`,
  })
}
