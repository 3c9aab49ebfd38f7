import type { Problem } from "../../validation/problem.ts"
import { parseCron } from "../parse-cron.ts"
import { fieldsOf, refuseSchedule } from "../refuse-schedule.ts"
import { appEngineSchedule } from "./app-engine.ts"
import { writeValues } from "./calendar.ts"
import type { NormalSchedule } from "./normal-schedule.ts"
import { vixieSchedule } from "./vixie.ts"

/** Reads the schedule of a job of Cloud Scheduler: five fields, or the text of App Engine's `cron.yaml`. */
export function cloudSchedule(text: string): NormalSchedule | Problem {
  const fields = fieldsOf(text)
  if (parseCron(fields) !== undefined) return fiveFields(fields)
  return appEngineSchedule(text) ?? refuseSchedule(text)
}

/**
 * Reads five fields. Either day field matches, "unless one of them is a `*`". Whether a step over `*` is one, as in Vixie
 * cron, is not documented: where that matters, either field matches, which is more.
 */
function fiveFields(fields: readonly string[]): NormalSchedule | Problem {
  const [, , day = "", , weekday = ""] = fields
  const cron = parseCron(fields)
  const isStepped = [day, weekday].some((field) => field.startsWith("*"))
  if (cron === undefined || isStar(day) || isStar(weekday) || !isStepped)
    return vixieSchedule(fields.join(" "))
  const listed = fields.with(2, writeValues(new Set(cron.days))).with(4, writeValues(new Set(cron.weekdays)))
  return {
    kind: "calendar",
    schedule: listed.join(" "),
    upperBound: `day of month ${day} and day of week ${weekday} count if either matches`,
  }
}

const isStar = (field: string) => field.split(",").some((item) => item === "*" || item === "*/1")
