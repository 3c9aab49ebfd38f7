import { isProblem, type Problem } from "../../validation/problem.ts"
import { parseCron } from "../parse-cron.ts"
import { readSchedule } from "../read-schedule.ts"
import { fieldsOf } from "../refuse-schedule.ts"
import type { NormalSchedule } from "./normal-schedule.ts"

/** Reads five fields as in `crontab(5)`. A platform takes those that match no date, and never starts them. */
export function vixieSchedule(text: string): NormalSchedule | Problem {
  const read = readSchedule(text)
  if (!isProblem(read)) return { kind: "calendar", schedule: fieldsOf(text).join(" ") }
  return parseCron(fieldsOf(text)) === undefined ? read : { kind: "never" }
}
