import { describeValue, type PoolConfigIssue } from "../../error.ts"

export const REMEDY = "Give what `terraform show -json PLANFILE` prints, a plan or a state"

/** What a document is instead of a plan or a state; undefined where it may be one. */
export function shapeProblem(json: unknown): string | undefined {
  // Without the value: a text would be a part of the plan.
  if (!isObject(json))
    return typeof json === "string" ? "is a text, not parsed JSON" : `received ${describeValue(json)}`
  if (json["lineage"] !== undefined) return "is a state file in Terraform's own format"
  if (json["@level"] !== undefined || json["@message"] !== undefined)
    return "is a log of `terraform plan -json`"
  const version = json["format_version"]
  if (typeof version !== "string") return "has no format_version, so it is another tool's JSON"
  if (!/^[01]\.\d/.test(version)) return "has a format_version of another major version"
  if (isObject(json["planned_values"]) || isObject(json["values"])) return undefined
  return "has neither planned_values nor values, as the state of nothing has"
}

/** Without the value, which may be anything that a plan holds. */
export const unreadable = (name: string): PoolConfigIssue => ({
  name,
  problem: "is not what Terraform's JSON format has there",
  remedy: REMEDY,
})

/** An object of parsed JSON. */
export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
}

/** Undefined where the value is no object, or has no such field of its own. */
export const field = (value: unknown, name: string): unknown =>
  isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined

/** What is no list is an empty one. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Those that are texts with something in them. */
export const textsOf = (values: readonly unknown[]): string[] =>
  values.filter((value): value is string => typeof value === "string" && value !== "")

/** What is no text is an empty one. */
export const textOf = (value: unknown): string => (typeof value === "string" ? value : "")
