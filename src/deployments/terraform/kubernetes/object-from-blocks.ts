import { field, isObject } from "../../json-value.ts"

/** A value with the shape of what in it is known only after apply. */
export interface PartlyKnown {
  readonly values: unknown
  /** As `after_unknown` has it. */
  readonly unknown: unknown
}

/**
 * Turns the blocks of a Terraform resource into the object that the provider makes of them: `container` blocks become
 * the list `containers`, a block that occurs once becomes an object, and `restart_policy` becomes `restartPolicy`. The
 * names in maps, such as labels, stay as they are.
 */
export function objectFromBlocks(values: unknown, unknown: unknown, depth = 0): PartlyKnown {
  if (unknown === true) return { values: undefined, unknown: true }
  const names = [...new Set([...keysOf(values), ...keysOf(unknown)])]
  const entries = names.map((name) => {
    const own: PartlyKnown = { values: field(values, name), unknown: field(unknown, name) }
    // The blocks of the provider are never so deep.
    return [apiName(name), depth < DEEPEST ? attribute(name, own, depth + 1) : own] as const
  })
  const only = (part: keyof PartlyKnown) =>
    Object.fromEntries(entries.flatMap(([name, own]) => (own[part] === undefined ? [] : [[name, own[part]]])))
  return { values: only("values"), unknown: only("unknown") }
}

const DEEPEST = 30

const keysOf = (value: unknown): string[] => (isObject(value) ? Object.keys(value) : [])

/** Blocks that are lists in the API, however many there are. */
const LISTS: ReadonlySet<string> = new Set([
  "container",
  "env",
  "env_from",
  "init_container",
  "items",
  "port",
  "sources",
  "tls",
  "volume",
  "volume_mount",
])

const RENAMED: Readonly<Record<string, string>> = {
  container: "containers",
  init_container: "initContainers",
  port: "ports",
  timezone: "timeZone",
  volume: "volumes",
  volume_mount: "volumeMounts",
}

const apiName = (name: string): string =>
  Object.hasOwn(RENAMED, name)
    ? (RENAMED[name] ?? name)
    : name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())

const NOTHING: PartlyKnown = { values: undefined, unknown: undefined }

function attribute(name: string, own: PartlyKnown, depth: number): PartlyKnown {
  const { values, unknown } = own
  if (unknown === true) return { values: undefined, unknown: true }
  if (Array.isArray(values) || Array.isArray(unknown)) return list(name, own, depth)
  // A map: its names are the user's.
  if (isObject(values) || isObject(unknown)) return own
  return isOmitted(name, values) ? NOTHING : { values: asNumber(name, values), unknown: undefined }
}

function list(name: string, { values, unknown }: PartlyKnown, depth: number): PartlyKnown {
  const [known, open] = [asList(values), asList(unknown)]
  const length = Math.max(known.length, open.length)
  if (length === 0) return NOTHING
  const items = Array.from({ length }, (_, index) => ({ values: known[index], unknown: open[index] }))
  const isBlock = (item: PartlyKnown) =>
    item.unknown !== true && (isObject(item.values) || (item.values ?? undefined) === undefined)
  if (!items.every(isBlock)) return { values: known, unknown: open }
  const blocks = items.map((item) => objectFromBlocks(item.values, item.unknown, depth))
  const [only] = blocks
  if (only !== undefined && length === 1 && !LISTS.has(name)) return only
  return { values: blocks.map((block) => block.values), unknown: blocks.map((block) => block.unknown) }
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])

/** Providers fill in an empty text and a zero for what is omitted. A variable may have an empty value. */
function isOmitted(name: string, value: unknown): boolean {
  if (value === null || value === undefined) return true
  return (value === "" && name !== "value") || (value === 0 && name === "active_deadline_seconds")
}

/** Some numbers of the API are texts in the provider, so that they can be omitted. */
const asNumber = (name: string, value: unknown): unknown =>
  name === "replicas" && typeof value === "string" && /^\d{1,9}$/.test(value) ? Number(value) : value
