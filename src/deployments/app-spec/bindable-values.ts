import type { Attributes } from "../attributes.ts"
import { AFTER_APPLY } from "../environment.ts"
import type { Component, Entry } from "./app.ts"
import { boundTo } from "./app-databases.ts"

/** When a variable is read: where its component runs, or where it is built. */
export type Phase = "run" | "build"

export type Value = string | { readonly unseen: string }

/** A value that is encrypted, as DigitalOcean shows it. */
const ENCRYPTED = /^EV\[/

/** `${db.DATABASE_URL}`, `${db.pool.DATABASE_URL}`, `${api.PRIVATE_URL}`, `${_self.NAME}`, `${NAME}` */
const BINDABLE = /\$\{([^{}]*)\}/g

/**
 * Reads the value of a variable. Undefined if it is not there in this phase: no database is, where a component is built.
 *
 * @param visited the variables that lead here, which may name each other in a circle
 */
export function readValue(
  { attributes }: Entry,
  from: Component,
  phase: Phase,
  visited: readonly Attributes[] = [],
): Value | undefined {
  if (["value", "scope"].some((name) => attributes.isUnknown(name))) return { unseen: AFTER_APPLY }
  const value = attributes.get("value")
  const isSecret = attributes.get("type") === "SECRET"
  if (value === undefined) return { unseen: isSecret ? SECRET : "without a value in the spec" }
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    attributes.report("value")
    return { unseen: "no text" }
  }
  const text = String(value)
  if (ENCRYPTED.test(text)) return { unseen: SECRET }
  let unseen: string | undefined
  let isAbsent = false
  const bound = text.replace(BINDABLE, (_, reference: string) => {
    const part = partOf(reference, from, phase, [...visited, attributes])
    if (typeof part === "string") return part
    if (part === undefined) isAbsent = true
    else unseen ??= part.unseen
    return ""
  })
  if (isAbsent) return undefined
  return unseen === undefined ? bound : { unseen }
}

const SECRET = "a secret, which is encrypted"

const UNKNOWN: Value = { unseen: "bound to what is not in the spec" }

function partOf(
  reference: string,
  from: Component,
  phase: Phase,
  visited: readonly Attributes[],
): Value | undefined {
  const names = reference.trim().split(".")
  const key = names.at(-1) ?? ""
  const [owner = "", pool] = names.slice(0, -1)
  const { app } = from
  const named = (entries: readonly Entry[], of: Component): Value | undefined => {
    const entry = entries.findLast((each) => each.key === key)
    return entry === undefined || visited.includes(entry.attributes)
      ? UNKNOWN
      : readValue(entry, of, phase, visited)
  }
  if (names.length === 1) {
    return inert(key, "app") ?? named([...app.shared.entries, ...from.own.entries], from)
  }
  const database = app.databases.find(({ name }) => name === owner)
  if (database !== undefined && names.length <= 3) {
    // A database is there when the app runs, and not yet when it is built.
    if (phase === "build") return undefined
    return boundTo(database, key, pool) ?? (database.host === undefined ? { unseen: AFTER_APPLY } : UNKNOWN)
  }
  if (names.length > 2) return UNKNOWN
  const component = owner === "_self" ? from : app.components.find(({ name }) => name === owner)
  if (component === undefined) return UNKNOWN
  return inert(key, component.name ?? "component") ?? named(component.own.entries, component)
}

/** The values that App Platform itself makes: addresses over HTTP, names and hashes. None leads to a database. */
function inert(key: string, name: string): string | undefined {
  if (/^(APP|PUBLIC|PRIVATE)_URL$/.test(key)) return `https://${name}`
  if (key === "PRIVATE_DOMAIN") return name
  return /^((APP|PUBLIC)_DOMAIN|APP_ID|PUBLIC_ROUTE_PATH|PRIVATE_PORT|COMMIT_HASH|CA_CERT)$/.test(key)
    ? "app"
    : undefined
}
