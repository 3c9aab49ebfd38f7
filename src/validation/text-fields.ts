import { refused } from "./problem.ts"
import { field, type JsonSchema, type Schema } from "./schema.ts"
import { text } from "./text.ts"

/** A field for a string that is not blank. */
export const textField = /* @__NO_SIDE_EFFECTS__ */ (remedy: string, json: JsonSchema = {}): Schema<string> =>
  field(text(remedy), { type: "string", pattern: "\\S", ...json })

/** A field for any string. */
export const stringField: Schema<string> = field(
  (value) => (typeof value === "string" ? value : refused(value, "Give a string")),
  { type: "string" },
)
