import type { Problem } from "../../validation/problem.ts"
import { MAX_SCHEDULE_LENGTH, refuseSchedule } from "../refuse-schedule.ts"
import { cloudSchedule } from "./cloud-scheduler.ts"
import { eventBridgeSchedule } from "./eventbridge.ts"
import { kubernetesSchedule } from "./kubernetes.ts"
import type { Dialect, NormalSchedule } from "./normal-schedule.ts"
import { vixieSchedule } from "./vixie.ts"

const READERS: Readonly<Record<Dialect, (text: string) => NormalSchedule | Problem>> = {
  vixie: vixieSchedule,
  kubernetes: kubernetesSchedule,
  eventbridge: eventBridgeSchedule,
  "cloud-scheduler": cloudSchedule,
}

/** Reads a schedule as its scheduler does. What five fields cannot say gets more starts, never fewer. */
export function normalSchedule(text: string, dialect: Dialect): NormalSchedule | Problem {
  return text.length > MAX_SCHEDULE_LENGTH ? refuseSchedule(text) : READERS[dialect](text)
}
