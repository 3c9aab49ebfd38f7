import type { FleetConsumer, Job } from "../sizing/index.ts"
import type { Resource } from "./terraform/resource.ts"

/** What counts in place of what a resource says, with the reason, which is shown. */
export interface Override
  extends Partial<FleetConsumer>,
    Partial<Omit<Job, "name" | "poolSize" | "poolsPerInstance">> {
  readonly reason: string
}

/** What stands for a resource: its own entry, or that of all of its instances; with its document's name, or without. */
export function forResource<Value>(
  table: Readonly<Record<string, Value>>,
  { address, ownAddress }: Pick<Resource, "address" | "ownAddress">,
): { readonly key: string; readonly value: Value } | undefined {
  const names = [address, ownAddress].flatMap((name) => [name, name.replace(INDEX, "")])
  const key = names.find((name) => Object.hasOwn(table, name))
  return key === undefined ? undefined : { key, value: table[key] as Value }
}

/** The last index of an address: `[0]`, `["key"]`. */
const INDEX = /\[(?:\d+|"(?:[^"\\]|\\.)*")\]$/

/** Of any resource that connects. */
export const POOL_FIELDS = ["poolSize", "poolsPerInstance"] as const
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
