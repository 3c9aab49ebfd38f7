import type { FleetConsumer, Job } from "../sizing/index.ts"

/** What counts in place of what a resource says, with the reason, which is shown. */
export interface Override
  extends Partial<FleetConsumer>,
    Partial<Omit<Job, "name" | "poolSize" | "poolsPerInstance">> {
  readonly reason: string
}

/** What stands for an address: its own entry, or that of the resource, which is for all of its instances. */
export function forAddress<Value>(
  table: Readonly<Record<string, Value>>,
  address: string,
): { readonly key: string; readonly value: Value } | undefined {
  const key = [address, address.replace(/\[[^\]]*\]$/, "")].find((name) => Object.hasOwn(table, name))
  return key === undefined ? undefined : { key, value: table[key] as Value }
}

export const SERVICE_FIELDS = ["instances", "surge"] as const
export const JOB_FIELDS = [
  "schedule",
  "timezone",
  "timeout",
  "retries",
  "duration",
  "maxRuns",
  "replicas",
  "concurrent",
] as const
