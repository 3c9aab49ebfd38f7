// The annotations let bundlers drop schemas that are not used.
import * as z from "zod/mini"
import { blankName, isPlain, notPlain, ownField, unknownField } from "./plain-object.ts"
import { isProblem, type Problem, type Reader, refused } from "./problem.ts"

/** The shape of some input, and the type that it is parsed to. */
export type Schema<Value> = z.ZodMiniType<Value, unknown>

/** The type that a schema parses its input to. */
export type ValueOf<Of extends z.ZodMiniType> = z.output<Of>

/** JSON Schema of a value, for editors. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The value schema of each {@link entries} schema. It is inside a function there, where JSON Schema cannot see it. */
export const valuesOfEntries = new WeakMap<object, z.ZodMiniType>()

/** The schemas of which an {@link either} schema picks one, which JSON Schema cannot see either. */
export const alternativesOf = new WeakMap<object, readonly z.ZodMiniType[]>()

/** Adds JSON Schema metadata to a schema, for editors. */
// @__NO_SIDE_EFFECTS__
export function describe<Of extends z.ZodMiniType>(schema: Of, json: JsonSchema): Of {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), ...json })
  return schema
}

interface Context {
  readonly issues: z.core.$ZodRawIssue[]
}

/** Adds a problem to zod's issues. */
function refuse({ issues }: Context, input: unknown, params: Problem, path: PropertyKey[] = []): void {
  issues.push({ code: "custom", input, path, params: { ...params } })
}

/** A single value, read by a plain function. */
// @__NO_SIDE_EFFECTS__
export function field<Value>(read: Reader<Value>, json: JsonSchema = {}): Schema<Value> {
  const schema = z.transform((value: unknown, context): Value => {
    const result = read(value)
    if (!isProblem(result)) return result
    refuse(context, value, result)
    return z.NEVER
  })
  return describe(schema, json)
}

/** Makes a value optional. */
export const optional = z.optional

/** A problem between fields that are valid by themselves. */
export interface Conflict extends Problem {
  /** The path of the field to change. */
  readonly path: readonly PropertyKey[]
}

/**
 * Makes a check for conflicts between fields. It runs even if some fields are invalid, so that all problems are
 * reported at once. Invalid fields are `z.NEVER` there, which has none of the expected types.
 */
export const rule = /* @__NO_SIDE_EFFECTS__ */ <Value>(conflicts: (value: Value) => Iterable<Conflict>) =>
  z.check<Value>(
    (payload) => {
      for (const { path, ...problem } of conflicts(payload.value)) {
        refuse(payload, payload.value, problem, [...path])
      }
    },
    { when: () => true },
  )

/** True for a part that could be read: of one that could not, nothing is known. */
export const isRead = (value: unknown): boolean => value !== z.NEVER

type Shape = Readonly<Record<string, z.ZodMiniType>>
type Values<Of extends Shape> = z.output<z.ZodMiniObject<Of, z.core.$strip>>

/** A plain object with exactly these fields. */
// @__NO_SIDE_EFFECTS__
export function object<Of extends Shape>(
  shape: Of,
  ...rules: readonly z.core.$ZodCheck<Values<Of>>[]
): Schema<Values<Of>> {
  const known = Object.keys(shape)
  const isKnown = new Set(known)
  const own = z.transform((value: unknown, context): unknown => {
    if (!isPlain(value)) {
      refuse(context, value, notPlain(value))
      return z.NEVER
    }
    const unknown = Object.keys(value).filter((name) => !isKnown.has(name))
    // The only kind of issue after which a pipe continues, and finds further problems.
    if (unknown.length > 0)
      context.issues.push({
        code: "unrecognized_keys",
        keys: unknown,
        input: value,
        params: unknownField(known),
      })
    const isOwn = unknown.length === 0 && Object.getPrototypeOf(value) === Object.prototype
    return isOwn ? value : ownFields(value, known)
  })
  return z.pipe(own, z.object(shape).check(...rules)) as unknown as Schema<Values<Of>>
}

/** Copies the known own properties, since inherited ones are not fields. */
const ownFields = (value: object, known: readonly string[]) =>
  Object.fromEntries(
    known.filter((name) => Object.hasOwn(value, name)).map((name) => [name, ownField(value, name)]),
  )

/** A plain object keyed by names that the user chooses, as entries in order. Zod's record drops `__proto__`. */
// @__NO_SIDE_EFFECTS__
export function entries<Value>(
  values: Schema<Value>,
  json: JsonSchema = {},
  ...rules: readonly z.core.$ZodCheck<readonly (readonly [string, Value])[]>[]
): Schema<readonly (readonly [name: string, value: Value])[]> {
  const schema = z
    .transform((value: unknown, context): readonly (readonly [string, Value])[] => {
      if (!isPlain(value)) {
        refuse(context, value, notPlain(value))
        return z.NEVER
      }
      const names = Object.keys(value)
      for (const blank of names.flatMap((name) => blankName(name) ?? [])) refuse(context, value, blank)
      return names.map((name) => [name, within(values, value[name], context, name)] as const)
    })
    .check(...rules)
  valuesOfEntries.set(schema, values)
  return describe(schema, json)
}

/** An array. */
export const list = /* @__NO_SIDE_EFFECTS__ */ <Value>(
  element: Schema<Value>,
  remedy: string,
  ...rules: readonly z.core.$ZodCheck<Value[]>[]
): Schema<Value[]> => {
  const array = z.transform((value: unknown, context): unknown => {
    if (Array.isArray(value)) return value
    refuse(context, value, refused(value, remedy))
    return z.NEVER
  })
  return z.pipe(array, z.array(element).check(...rules)) as unknown as Schema<Value[]>
}

/**
 * A value with one of several schemas. `choose` picks one by looking at the value.
 *
 * @param alternatives the schemas, where JSON Schema should say what they say
 */
// @__NO_SIDE_EFFECTS__
export function either<Value>(
  choose: (value: unknown) => Schema<Value>,
  json: JsonSchema,
  alternatives: readonly z.ZodMiniType[] = [],
): Schema<Value> {
  const schema = z.transform((value: unknown, context): Value => within(choose(value), value, context))
  if (alternatives.length > 0) alternativesOf.set(schema, alternatives)
  return describe(schema, json)
}

function within<Value>(
  schema: Schema<Value>,
  value: unknown,
  context: Context,
  ...path: readonly PropertyKey[]
): Value {
  const result = z.safeParse(schema, value)
  if (result.success) return result.data
  for (const issue of result.error.issues) {
    context.issues.push({ ...issue, path: [...path, ...issue.path] } as z.core.$ZodRawIssue)
  }
  return z.NEVER
}
