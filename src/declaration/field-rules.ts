import { type Relaxation, type ShownValue, shownText } from "./relaxation.ts"

/** A value that counts in the totals. Undefined: the field has no effect here. */
type Counted = number | bigint | string | undefined

/** The direction in which a change of one field relaxes the check. */
export interface FieldRule<Part> {
  readonly field: string
  /** The field as written. If that is unchanged, nothing is relaxed: a default may depend on another field. */
  readonly written: (part: Part) => number | string | undefined
  /** The value that counts in the totals, defaults included. */
  readonly counted: (part: Part) => Counted
  readonly relaxes: (from: Counted, to: Counted) => boolean
  /** The value to show for an absent field. */
  readonly absent: (part: Part) => ShownValue
}

type Numbers<Field extends string> = { readonly [field in Field]?: number }
type Texts<Field extends string> = { readonly [field in Field]?: string }

export const isLower = (from: Counted, to: Counted): boolean =>
  from !== undefined && to !== undefined && to < from

export const isHigher = (from: Counted, to: Counted): boolean => isLower(to, from)

/** A number that relaxes when it falls. */
export const lower = <Field extends string>(field: Field, whenAbsent: number): FieldRule<Numbers<Field>> => ({
  field,
  written: (part) => part[field],
  counted: (part) => part[field] ?? whenAbsent,
  relaxes: isLower,
  absent: () => (Number.isFinite(whenAbsent) ? whenAbsent : null),
})

/** A string of which any change can relax. */
export const changed = <Field extends string>(
  field: Field,
  whenAbsent: string | null,
): FieldRule<Texts<Field>> => ({
  field,
  written: (part) => part[field],
  counted: (part) => part[field] ?? whenAbsent ?? undefined,
  relaxes: (from, to) => from !== to,
  absent: () => whenAbsent,
})

/** Compares two versions of one object by a table of rules. */
export function compareFields<Part>(
  from: Part,
  to: Part,
  rules: readonly FieldRule<Part>[],
  prefix: string,
): Relaxation[] {
  return rules.flatMap(({ field, written, counted, relaxes, absent }) => {
    if (written(from) === written(to) || !relaxes(counted(from), counted(to))) return []
    const shown = (part: Part): ShownValue => {
      const value = written(part) ?? absent(part)
      return typeof value === "string" ? shownText(value) : value
    }
    return [{ name: prefix + field, from: shown(from), to: shown(to) }]
  })
}
