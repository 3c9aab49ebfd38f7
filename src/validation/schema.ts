// A schema that nothing uses is left out of a bundle: hence the notes for bundlers.
import * as z from "zod/mini"
import { blankName, isPlain, notPlain, ownField, unknownField } from "./plain-object.ts"
import { isProblem, type Problem, type Reader, refused } from "./problem.ts"

/** The shape of some input, and what becomes of it. */
export type Schema<Value> = z.ZodMiniType<Value, unknown>

/** What a schema reads its input to. */
export type ValueOf<Of extends z.ZodMiniType> = z.output<Of>

/** What JSON Schema says of a value, for editors. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** The values of {@link entries}, which JSON Schema cannot see in the function that reads them. */
export const valuesOfEntries = new WeakMap<object, z.ZodMiniType>()

/** Adds to what editors are told of a schema. */
// @__NO_SIDE_EFFECTS__
export function describe<Of extends z.ZodMiniType>(schema: Of, json: JsonSchema): Of {
  z.globalRegistry.add(schema, { ...z.globalRegistry.get(schema), ...json })
  return schema
}

interface Context {
  readonly issues: z.core.$ZodRawIssue[]
}

/** Adds a problem to what zod found. */
function refuse({ issues }: Context, input: unknown, params: Problem, path: PropertyKey[] = []): void {
  issues.push({ code: "custom", input, path, params: { ...params } })
}

/** One value, read by a plain function. */
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

/** A value that may be left out. */
export const optional = z.optional

/** Something that is wrong with fields that are good by themselves. */
export interface Conflict extends Problem {
  /** The place of the one to change. */
  readonly path: readonly PropertyKey[]
}

/**
 * Finds what fields say together that cannot be. It is asked even when some of them are wrong, so that all problems come
 * at once; these are `z.NEVER` then, of no type that is expected.
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

type Shape = Readonly<Record<string, z.ZodMiniType>>
type Values<Of extends Shape> = z.output<z.ZodMiniObject<Of, z.core.$strip>>

/** A plain object with these fields and no others. */
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
    // The one issue with which a pipe goes on, to what else is wrong.
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

/** What an object inherits is none of its fields. */
const ownFields = (value: object, known: readonly string[]) =>
  Object.fromEntries(
    known.filter((name) => Object.hasOwn(value, name)).map((name) => [name, ownField(value, name)]),
  )

/** A plain object whose keys are names of the user's own, with its values in their order. A record of zod's drops `__proto__`. */
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

/** A value of one of several shapes: of which one, its looks say. */
// @__NO_SIDE_EFFECTS__
export function either<Value>(choose: (value: unknown) => Schema<Value>, json: JsonSchema): Schema<Value> {
  const schema = z.transform((value: unknown, context): Value => within(choose(value), value, context))
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
