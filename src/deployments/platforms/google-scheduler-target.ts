import type { Attributes } from "../attributes.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, JobSchedule } from "../workload.ts"

/** https://cloud.google.com/scheduler/docs/reference/rest/v1/projects.locations.jobs#RetryConfig */
const MOST_RETRIES = 5

/** What a body may set for the runs that it starts. */
export interface Limits {
  readonly mostTasks: number
  readonly longest: string
}

/** Returns a run as its schedulers start it, with what they may add to it. */
export function started(
  run: JobSchedule["job"],
  schedulers: readonly Resource[],
  limits: Limits,
  findings: AttributeFindings,
): JobSchedule["job"] {
  return withRetries(withBodies(run, schedulers, limits, findings), schedulers, findings)
}

/** A start whose answer fails or is late is repeated, and the first may have started a run all the same. */
function withRetries(
  run: JobSchedule["job"],
  schedulers: readonly Resource[],
  { unknowns }: AttributeFindings,
): JobSchedule["job"] {
  const retries = Math.max(...schedulers.map(({ attributes }) => retriesOf(attributes)))
  if (retries === 0) return run
  const tasks = run.replicas ?? 1
  const lowest = unknowns.some(({ field }) => field === "replicas") ? 1 : tasks
  unknowns.push({
    name: "retry_config.retry_count",
    field: "replicas",
    lowest,
    highest: tasks * (1 + retries),
    problem: `of what starts it is ${retries}: a start whose answer is late is repeated, and both may run`,
    between: `${tasks} to ${tasks * (1 + retries)} tasks at once for each start`,
    remedy: "Set retry_count to 0, or override replicas with the tasks of one run",
  })
  return { ...run, replicas: tasks * (1 + retries) }
}

function retriesOf(attributes: Attributes): number {
  const [config] = attributes.blocks("retry_config")
  if (config === undefined) return 0
  if (config.isUnknown("retry_count")) return MOST_RETRIES
  const count = config.get("retry_count")
  return typeof count === "number" && count > 0 ? Math.min(count, MOST_RETRIES) : 0
}

/** A body may set the tasks and the timeout of the run that it starts. */
function withBodies(
  run: JobSchedule["job"],
  schedulers: readonly Resource[],
  { mostTasks, longest }: Limits,
  { unknowns }: AttributeFindings,
): JobSchedule["job"] {
  const bodies = schedulers.flatMap(({ attributes }) => attributes.blocks("http_target").map(bodyOf))
  const problem = "may be another one in the body of what starts it"
  const changed = { ...run }
  if (bodies.some((body) => body === undefined || body.includes("taskCount"))) {
    unknowns.push({ name: "task_count", field: "replicas", lowest: 1, highest: mostTasks, problem })
    changed.replicas = mostTasks
  }
  if (bodies.some((body) => body === undefined || body.includes("timeout"))) {
    unknowns.push({ name: "timeout", field: "timeout", lowest: "1s", highest: longest, problem })
    changed.timeout = longest
  }
  return changed
}

/** Undefined if it cannot be seen. */
function bodyOf(target: Attributes): string | undefined {
  if (target.isUnknown("body")) return undefined
  try {
    return atob(target.text("body") ?? "")
  } catch {
    return undefined
  }
}
