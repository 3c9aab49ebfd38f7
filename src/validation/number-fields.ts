import { hundredths, integer, type NumberRule } from "./numbers.ts"
import { field, type JsonSchema } from "./schema.ts"

/** A whole number. */
export const integerField = /* @__NO_SIDE_EFFECTS__ */ (rule: NumberRule) =>
  field(integer(rule), jsonOf(rule, "integer"))

/** A number with at most two decimals, in hundredths. */
export const hundredthsField = /* @__NO_SIDE_EFFECTS__ */ (rule: NumberRule) =>
  field(hundredths(rule), jsonOf(rule, "number"))

const jsonOf = ({ description, min, max, default: whenAbsent }: NumberRule, type: string): JsonSchema => ({
  type,
  minimum: min,
  maximum: max,
  description: `${description[0]?.toUpperCase()}${description.slice(1)}${whenAbsent === undefined ? "" : `; ${whenAbsent} by default`}`,
})
