import { OPTIONS } from "../config/options.ts"
import type { Override, TerraformOptions } from "../deployments/index.ts"
import { changed, compareFields, type FieldRule } from "./field-rules.ts"
import { type Relaxation, shownText, summaryOf } from "./relaxation.ts"

type Reading = Omit<TerraformOptions, "maxConnections">

/** A list of strings, compared and shown as one. */
const list = (
  field: "keys" | "hosts",
  textOf: (texts: readonly string[] | undefined) => string,
): FieldRule<Reading> => ({
  field,
  written: ({ [field]: texts }) => (texts === undefined ? undefined : textOf(texts)),
  counted: ({ [field]: texts }) => textOf(texts),
  relaxes: (from, to) => from !== to,
  absent: () => textOf(undefined) || null,
})

const READING_FIELDS: readonly FieldRule<Reading>[] = [
  // Their order counts: a resource takes its plain name, and its size, from the first.
  list("keys", (keys = [OPTIONS.url.variable]) => keys.join(", ")),
  changed("server", null),
  list("hosts", (hosts = []) => [...hosts].sort().join(", ")),
]

/** Names the changes in how a plan is read that can leave out connections, or take another ceiling. */
export function terraformRelaxations(from: Reading = {}, to: Reading = {}): Relaxation[] {
  return [
    ...compareFields(from, to, READING_FIELDS, "terraform."),
    ...newExclusions(new Map(Object.entries(from.exclude ?? {})), to.exclude ?? {}),
    ...changedOverrides(from.override ?? {}, to.override ?? {}),
  ]
}

function newExclusions(before: ReadonlyMap<string, string>, to: Readonly<Record<string, string>>) {
  return Object.entries(to)
    .filter(([address]) => !before.has(address))
    .map(([address, reason]) => ({
      name: `terraform.exclude.${address}`,
      from: null,
      to: shownText(reason),
    }))
}

type Overrides = Readonly<Record<string, Override>>

/** Every change counts: only the plan says which way a value moves the sum. */
function changedOverrides(from: Overrides, to: Overrides): Relaxation[] {
  const before = new Map(Object.entries(from))
  const after = new Map(Object.entries(to))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((address): Relaxation[] => {
    const name = `terraform.override.${address}`
    const [old, now] = [before.get(address), after.get(address)]
    if (old !== undefined && now !== undefined) return compareFields(old, now, fieldsOf(old, now), `${name}.`)
    // Even without a number: it takes the place of an override for all instances of the resource.
    return [{ name, from: old ? summaryOf(old) : null, to: now ? summaryOf(now) : null }]
  })
}

const fieldsOf = (from: Override, to: Override): FieldRule<Override>[] =>
  Object.keys({ ...from, ...to })
    .filter((field): field is Exclude<keyof Override, "reason"> => field !== "reason")
    .map((field) => ({
      field,
      written: ({ [field]: value }) => value,
      counted: ({ [field]: value }) => value,
      relaxes: (one, other) => one !== other,
      absent: () => null,
    }))
