import { describeValue, type PoolConfigIssue } from "../../error.ts"
import { isObject } from "../json-value.ts"

export const REMEDY = "Give the output of `terraform show -json PLANFILE`, a plan or a state"

/** Says what a document is instead of a plan or a state; undefined if it may be one. */
export function shapeProblem(json: unknown): string | undefined {
  // Without the value: a string would be a part of the plan.
  if (!isObject(json))
    return typeof json === "string" ? "is a string, not parsed JSON" : `received ${describeValue(json)}`
  if (json["lineage"] !== undefined) return "is a state file in Terraform's own format"
  if (json["@level"] !== undefined || json["@message"] !== undefined)
    return "is a log of `terraform plan -json`"
  const version = json["format_version"]
  if (typeof version !== "string") return "has no format_version, so it is another tool's JSON"
  if (!/^[01]\.\d/.test(version)) return "has a format_version of another major version"
  if (isObject(json["planned_values"]) || isObject(json["values"])) return undefined
  return "has neither planned_values nor values, like the state of an empty stack"
}

/** An issue without the value, which may be any secret of the plan. */
export const unreadable = (name: string): PoolConfigIssue => ({
  name,
  problem: "is not in Terraform's JSON format",
  remedy: REMEDY,
})
