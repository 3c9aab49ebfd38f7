import { isObject, textOf } from "../json-value.ts"
import type { Expressions } from "./expressions.ts"

/** The parts of a document that are needed to read any part of it. */
export interface Reader {
  readonly prefix: string
  readonly configuration: Expressions
  readonly refuse: (path: string) => void
}

export interface Identity {
  readonly address: string
  readonly type: string
  readonly name: string
  readonly managed: boolean
}

/** An entry of `resource_changes`. */
export interface Change extends Identity {
  /** The path in the document. */
  readonly path: string
  readonly module: string
  readonly previousAddress: string | undefined
  readonly actions: readonly string[]
  readonly before: unknown
  readonly afterUnknown: unknown
  /** The key of an object left over from an earlier replacement, beside the resource of the same address. */
  readonly deposed: string | undefined
}

export function readChanges(value: unknown, { refuse }: Reader): Change[] {
  return list(value, "resource_changes", refuse).flatMap((change, index) => {
    const path = `resource_changes[${index}]`
    const own = isObject(change) ? change["change"] : undefined
    const identity = isObject(change) ? readIdentity(change) : undefined
    if (!isObject(change) || identity === undefined) {
      refuse(path)
      return []
    }
    if (!isObject(own) || !Array.isArray(own["actions"])) {
      refuse(`${path}.change${isObject(own) ? ".actions" : ""}`)
      return []
    }
    const { before, after_unknown: afterUnknown } = own
    if (before !== undefined && before !== null && !isObject(before)) refuse(`${path}.change.before`)
    if (Array.isArray(afterUnknown)) refuse(`${path}.change.after_unknown`)
    return [
      {
        ...identity,
        path,
        module: textOf(change["module_address"]),
        previousAddress: textOf(change["previous_address"]),
        actions: own["actions"].map(String),
        before: before ?? undefined,
        afterUnknown,
        deposed: deposedKey(change["deposed"]),
      },
    ]
  })
}

export function readIdentity(resource: Readonly<Record<string, unknown>>): Identity | undefined {
  const { address, type, name, mode } = resource
  if (typeof address !== "string" || typeof type !== "string" || address === "" || type === "")
    return undefined
  return { address, type, name: textOf(name), managed: mode !== "data" }
}

/** Reads a random key, which Terraform gives to an object left over from a replacement. */
export const deposedKey = (key: unknown): string | undefined =>
  key === undefined ? undefined : (/^[0-9a-f]{8}$/.exec(textOf(key))?.[0] ?? "object")

/** Reads an array. Null or undefined is an empty one; any other value is refused. */
export function list(value: unknown, path: string, refuse: Reader["refuse"]): readonly unknown[] {
  if (Array.isArray(value)) return value
  if (value !== undefined && value !== null) refuse(path)
  return []
}
