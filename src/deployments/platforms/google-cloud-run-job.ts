import { Attributes } from "../attributes.ts"
import type { Context } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings, JobSchedule, Workload } from "../workload.ts"
import { containersOf } from "./google-containers.ts"
import { scheduled, schedulersOf } from "./google-scheduler.ts"

const PLATFORM = "Cloud Run"

const TASK_TIMEOUT = "600s"

/** https://cloud.google.com/run/quotas, https://cloud.google.com/run/docs/configuring/task-timeout */
const MOST_TASKS = 10_000
const MOST_RETRIES = 10
const LONGEST_TASK = "168h"

/** Longer runs are not accepted. One that takes longer still is always running. */
const LONGEST_RUN_SECONDS = 366 * 86_400

/** Reads a job of Cloud Run, with the jobs of Cloud Scheduler that start it. */
export function cloudRunJob(attributes: Attributes, resource: Resource, context: Context): Workload {
  const findings: AttributeFindings = { assumptions: [], unknowns: [] }
  const [execution = NONE] = attributes.blocks("template")
  const [task = NONE] = execution.blocks("template")
  const { tasks, replicas, batches } = tasksOf(execution, findings)
  const retries = readCountAttribute(
    task,
    {
      attribute: "max_retries",
      field: "retries",
      defaultValue: 3,
      most: MOST_RETRIES,
      platform: PLATFORM,
    },
    findings,
  )
  // Tasks that do not run at once follow each other.
  const timeout = timeoutOf(task, findings)
  const run: JobSchedule["job"] = { timeout: repeated(timeout, batches), retries, replicas }
  return {
    containers: containersOf(task === NONE ? undefined : task, context),
    ...findings,
    runs: {
      ...scheduled(
        run,
        schedulersOf(resource, context),
        { mostTasks: MOST_TASKS, longest: LONGEST_TASK },
        findings,
      ),
      // One task at a time, where that is not known, and one at all.
      ...(execution.isUnknown(COUNT) ? { atLeast: { timeout } } : {}),
      ...(execution.isUnknown(PARALLEL) && !execution.isUnknown(COUNT)
        ? { atLeast: { timeout: repeated(timeout, tasks) } }
        : {}),
    },
    startedByDeploy: startsExecution(attributes) ? 1 : 0,
  }
}

const NONE = new Attributes(undefined)

const COUNT = "task_count"
const PARALLEL = "parallelism"

interface Tasks {
  readonly tasks: number
  /** As many run at once. */
  readonly replicas: number
  /** As many groups follow each other. */
  readonly batches: number
}

/**
 * Counts the tasks of a run. If it is not known how many run at once, all of them, for twice the time, are no fewer than
 * any other number in its batches.
 */
function tasksOf(execution: Attributes, findings: AttributeFindings): Tasks {
  const number = (attribute: string, defaultValue: number) =>
    readCountAttribute(
      execution,
      { attribute, field: "replicas", defaultValue, most: MOST_TASKS, platform: PLATFORM },
      findings,
    )
  const tasks = Math.max(1, number(COUNT, 1))
  // 0 or omitted: all tasks at once.
  const limit = execution.get(PARALLEL)
  if (execution.isUnknown(PARALLEL)) {
    findings.unknowns.push({ name: PARALLEL, field: "replicas", lowest: 1, highest: tasks })
    return { tasks, replicas: tasks, batches: Math.min(tasks, 2) }
  }
  const parallel = limit === undefined || limit === 0 ? tasks : number(PARALLEL, tasks)
  const replicas = Math.max(1, Math.min(parallel, tasks))
  return { tasks, replicas, batches: Math.ceil(tasks / replicas) }
}

function timeoutOf(task: Attributes, { assumptions, unknowns }: AttributeFindings): string {
  if (task.isUnknown("timeout")) {
    unknowns.push({ name: "timeout", field: "timeout", lowest: "1s", highest: LONGEST_TASK })
    return LONGEST_TASK
  }
  const timeout = task.text("timeout")
  if (timeout !== undefined) return timeout
  assumptions.push({
    name: "timeout",
    field: "timeout",
    assumed: `omitted: ${TASK_TIMEOUT}, ${PLATFORM}'s default`,
    remedy: "Set timeout, or override timeout",
  })
  return TASK_TIMEOUT
}

/** The provider writes seconds: `1800s`, `3.5s`. */
function repeated(timeout: string, times: number): string {
  const [, seconds] =
    /^(\d{1,9}(?:\.\d+)?)s$/.exec(timeout === LONGEST_TASK ? `${168 * 3600}s` : timeout) ?? []
  if (times === 1 || seconds === undefined) return timeout
  return `${Math.min(LONGEST_RUN_SECONDS, Math.ceil(Number(seconds) * times))}s`
}

/** True if creating or changing the job runs it, which its tokens are for. */
const startsExecution = (attributes: Attributes): boolean =>
  ["start_execution_token", "run_execution_token"].some(
    (token) => attributes.get(token) !== undefined || attributes.isUnknown(token),
  )
