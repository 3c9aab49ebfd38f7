import type { Problem } from "../validation/problem.ts"
import { FIVE_FIELDS } from "./parse-cron.ts"

/** Returns the problem, as a clause after the string, and the remedy; undefined if it does not recognize the string. */
export type Refusal = (text: string) => Problem | undefined

/** Refuses notations of other schedulers: nicknames, intervals and single dates. */
export const otherNotation: Refusal = (text) => interval(text) ?? nickname(text) ?? date(text)

const NICKNAMES: Readonly<Record<string, string>> = {
  yearly: "0 0 1 1 *",
  annually: "0 0 1 1 *",
  monthly: "0 0 1 * *",
  weekly: "0 0 * * 0",
  daily: "0 0 * * *",
  midnight: "0 0 * * *",
  hourly: "0 * * * *",
  minutely: "* * * * *",
}

const nickname: Refusal = (text) => {
  if (!text.startsWith("@")) return undefined
  const problem = "a nickname that not every cron supports"
  const meant = new Map(Object.entries(NICKNAMES)).get(text.slice(1).toLowerCase())
  if (meant !== undefined) return { problem, remedy: `Write "${meant}"` }
  if (text.toLowerCase() !== "@reboot") return { problem, remedy: FIVE_FIELDS }
  return {
    problem,
    remedy: "Leave the schedule out: a job that starts with the machine counts as started on demand",
  }
}

/** Go's `@every 5m`, EventBridge's `rate(5 minutes)`, App Engine's `every 5 minutes`. */
const INTERVAL = /^(?:@every\s+|rate\(\s*|every\s+)(\d{1,4})\s*(m|h|d)[a-z]*\s*\)?$/i

const interval: Refusal = (text) => {
  if (!/^(?:@every|rate\(|every\b)/i.test(text)) return undefined
  const [, count, unit = ""] = INTERVAL.exec(text) ?? []
  const cron = everyMinutes(Number(count) * (MINUTES[unit.toLowerCase()] ?? Number.NaN))
  return { problem: "which is an interval", remedy: cron === undefined ? BY_THE_CLOCK : `Write "${cron}"` }
}

const MINUTES: Readonly<Record<string, number>> = { m: 1, h: 60, d: 1_440 }

const BY_THE_CLOCK = 'List the times, because cron runs by the clock: "0,25,50 * * * *", or "*/20 * * * *"'

function everyMinutes(minutes: number): string | undefined {
  if (minutes === 1) return "* * * * *"
  if (minutes > 1 && minutes < 60 && 60 % minutes === 0) return `*/${minutes} * * * *`
  if (minutes === 60) return "0 * * * *"
  if (minutes === 1_440) return "0 0 * * *"
  return minutes % 60 === 0 && 1_440 % minutes === 0 ? `0 */${minutes / 60} * * *` : undefined
}

const date: Refusal = (text) =>
  /^(?:at\()?\d{4}-\d\d-\d\d/i.test(text)
    ? {
        problem: "which is one date",
        remedy:
          "Leave the schedule out: a job that is started once counts as started on demand, at any instant",
      }
    : undefined
