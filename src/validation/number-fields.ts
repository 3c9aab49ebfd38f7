import { integer, type NumberRule, twoDecimals } from "./numbers.ts"
import { field, type JsonSchema } from "./schema.ts"

/** An integer field. */
export const integerField = /* @__NO_SIDE_EFFECTS__ */ (rule: NumberRule) =>
  field(integer(rule), jsonOf(rule, "integer"))

/** A number field with at most two decimals. Its value is in hundredths. */
export const twoDecimalsField = /* @__NO_SIDE_EFFECTS__ */ (rule: NumberRule) =>
  field(twoDecimals(rule), jsonOf(rule, "number"))

const jsonOf = ({ description, min, max, default: whenAbsent }: NumberRule, type: string): JsonSchema => ({
  type,
  minimum: min,
  maximum: max,
  description: `${description[0]?.toUpperCase()}${description.slice(1)}${whenAbsent === undefined ? "" : `; ${whenAbsent} by default`}`,
})
