import { CORE, urlVariable } from "../config/database-variables.ts"
import type { DeploymentOptions, Override } from "../deployments/index.ts"
import { changed, compareFields, type FieldRule } from "./field-rules.ts"
import { type Relaxation, shownText, summaryOf } from "./relaxation.ts"

type Reading = Omit<DeploymentOptions, "maxConnections">

/** The options that identify the server of a URL in a plan. */
type Tie = Pick<Reading, "keys" | "markers" | "server" | "hosts" | "namespace">

/** An array of strings, compared and shown as one string. */
const list = (
  field: "keys" | "markers" | "hosts",
  textOf: (texts: readonly string[] | undefined) => string,
): FieldRule<Tie> => ({
  field,
  written: ({ [field]: texts }) => (texts === undefined ? undefined : textOf(texts)),
  counted: ({ [field]: texts }) => textOf(texts),
  relaxes: (from, to) => from !== to,
  absent: () => textOf(undefined) || null,
})

const SERVER_AND_HOSTS: readonly FieldRule<Tie>[] = [
  changed("server", null),
  list("hosts", (hosts = []) => [...hosts].sort().join(", ")),
]

const SEPARATOR = ", "

/** Markers, of which one that is gone takes its consumers along. */
const lastingMarkers: FieldRule<Tie> = {
  ...list("markers", (markers = []) => [...markers].sort().join(SEPARATOR)),
  relaxes: (from, to) => {
    const left = namesIn(to)
    return namesIn(from).some((name) => !left.includes(name))
  },
}

const namesIn = (counted: unknown): readonly string[] =>
  String(counted ?? "")
    .split(SEPARATOR)
    .filter((name) => name !== "")

const READING_FIELDS: readonly FieldRule<Reading>[] = [
  // Their order matters: a resource takes its plain name, and its size, from the first.
  list("keys", (keys = [urlVariable(CORE)]) => keys.join(", ")),
  lastingMarkers,
  changed("sizeVariable", null),
  ...SERVER_AND_HOSTS,
  changed("namespace", null),
]

const TIE_FIELDS: readonly FieldRule<Tie>[] = [
  list("keys", (keys = []) => [...keys].sort().join(", ")),
  list("markers", (markers = []) => [...markers].sort().join(SEPARATOR)),
  ...SERVER_AND_HOSTS,
]

/** Finds the changes in what leads to one of several servers: it may then lead to another, or to none. */
export const tieRelaxations = (from: Tie, to: Tie, prefix: string): Relaxation[] =>
  compareFields(from, to, TIE_FIELDS, prefix)

/** Finds the changes in how a plan is read that can leave out connections, or use another ceiling. */
export function deploymentRelaxations(from: Reading = {}, to: Reading = {}): Relaxation[] {
  return [
    ...compareFields(from, to, READING_FIELDS, "deployments."),
    ...newExclusions(new Map(Object.entries(from.exclude ?? {})), to.exclude ?? {}),
    ...changedOverrides(from.override ?? {}, to.override ?? {}),
  ]
}

function newExclusions(before: ReadonlyMap<string, string>, to: Readonly<Record<string, string>>) {
  return Object.entries(to)
    .filter(([address]) => !before.has(address))
    .map(([address, reason]) => ({
      name: `deployments.exclude.${address}`,
      from: null,
      to: shownText(reason),
    }))
}

type Overrides = Readonly<Record<string, Override>>

/** Reports every change, since only the plan shows in which direction a value moves the total. */
function changedOverrides(from: Overrides, to: Overrides): Relaxation[] {
  const before = new Map(Object.entries(from))
  const after = new Map(Object.entries(to))
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((address): Relaxation[] => {
    const name = `deployments.override.${address}`
    const [old, now] = [before.get(address), after.get(address)]
    if (old !== undefined && now !== undefined) return compareFields(old, now, fieldsOf(old, now), `${name}.`)
    // Even without a number: it replaces an override for all instances of the resource.
    return [{ name, from: old ? summaryOf(old) : null, to: now ? summaryOf(now) : null }]
  })
}

/** Joins several schedules to one value, in any order. */
const oneText = (value: number | string | false | readonly string[] | undefined) =>
  typeof value === "object" ? [...value].sort().join(", ") : value === false ? "none" : value

const fieldsOf = (from: Override, to: Override): FieldRule<Override>[] =>
  Object.keys({ ...from, ...to })
    .filter((field): field is Exclude<keyof Override, "reason"> => field !== "reason")
    .map((field) => ({
      field,
      written: ({ [field]: value }) => oneText(value),
      counted: ({ [field]: value }) => oneText(value),
      relaxes: (one, other) => one !== other,
      absent: () => null,
    }))
