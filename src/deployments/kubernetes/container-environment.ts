import { parseUrlText } from "../../config/parse-database-url.ts"
import type { Attributes } from "../attributes.ts"
import { isPostgresUrl, plainUrl } from "../destination.ts"
import {
  AFTER_APPLY,
  NO_VARIABLES,
  openVariables,
  overlay,
  presence,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  variables,
  withCommand,
} from "../environment.ts"
import { blockOf } from "./cluster.ts"
import { mountedReason } from "./mounted-files.ts"
import type { PodContext } from "./pod-context.ts"

/** Reads the environment of a container: `envFrom` first, then `env`, of which the last of a name counts. */
export function containerEnvironment(container: Attributes, context: PodContext): ResourceEnvironment {
  if (container.isUnknown("env") || container.isUnknown("envFrom")) return openVariables(AFTER_APPLY)
  const shared = overlay(container.blocks("envFrom").map((source) => ofSource(source, context)))
  const own = container
    .blocks("env")
    .reduce((before, each) => overlay([before, ownVariable(each, before, context)]), shared)
  const reason = mountedReason(container, context)
  const mounted = reason === undefined ? own : overlay([openVariables(reason), own])
  return withCommand(mounted, container, ["command", "args"], context.variables)
}

function ofSource(
  source: Attributes,
  { stored, namespace, variables: wanted }: PodContext,
): ResourceEnvironment {
  const prefix = source.text("prefix") ?? ""
  const [configMap, secret] = [blockOf(source, "configMapRef"), blockOf(source, "secretRef")]
  const name = (configMap ?? secret)?.text("name")
  if (name === undefined) return openVariables(AFTER_APPLY)
  const read = configMap === undefined ? stored.secret(name, namespace) : stored.configMap(name, namespace)
  const { values, hidden, mayHaveMore } = read
  // Every key has the prefix, so that other variables are never among them.
  const isPossible = prefix === "" || wanted.some((variable) => variable.startsWith(prefix))
  const prefixed = <Value>(entries: ReadonlyMap<string, Value>) =>
    new Map([...entries].map(([key, value]) => [prefix + key, value]))
  return {
    values: prefixed(values),
    hidden: prefixed(hidden),
    mayHaveMore: isPossible ? mayHaveMore : undefined,
  }
}

function ownVariable(
  entry: Attributes,
  before: ResourceEnvironment,
  context: PodContext,
): ResourceEnvironment {
  const name = entry.text("name")
  if (name === undefined) return entry.isUnknown("name") ? openVariables(AFTER_APPLY) : NO_VARIABLES
  if (entry.isUnknown("value") || entry.isUnknown("valueFrom"))
    return variables([[name, { unseen: AFTER_APPLY }]])
  const from = blockOf(entry, "valueFrom")
  if (from !== undefined) return variables([[name, referenced(from, context)]])
  const value = entry.get("value")
  // Kubernetes takes strings only, but a variable without quotes is common, and some tools accept it.
  const text = value === undefined || value === null ? "" : String(value)
  return variables([[name, expanded(text, before)]])
}

type Value = string | { readonly unseen: string }

function referenced(from: Attributes, { stored, namespace }: PodContext): Value {
  const [ofMap, ofSecret] = [blockOf(from, "configMapKeyRef"), blockOf(from, "secretKeyRef")]
  const reference = ofMap ?? ofSecret
  const [name, key] = [reference?.text("name"), reference?.text("key")]
  if (name === undefined || key === undefined) return { unseen: "known only when the pod runs" }
  const read = ofMap === undefined ? stored.secret(name, namespace) : stored.configMap(name, namespace)
  const value = read.values.get(key)
  if (value !== undefined) return value
  return {
    unseen:
      read.hidden.get(key) ?? (read.mayHaveMore === undefined ? `not a key of ${name}` : SECRET_REFERENCE),
  }
}

/** A value that another tool replaces before the pod starts. */
const PLACEHOLDER = /^(vault:|ref\+|<path:|secret:)|\{\{/

/**
 * Expands `$(NAME)` of variables defined before. A part that cannot be seen stays as it is, if it is one that a pool's
 * size does not depend on: the user, the password, the host or the database of a URL.
 */
function expanded(text: string, before: ResourceEnvironment): Value {
  if (PLACEHOLDER.test(text)) return { unseen: "a placeholder that another tool replaces" }
  let isHidden = false
  const value = text.replace(/\$(\$|\(([^()]*)\))/g, (whole, dollar: string, name: string | undefined) => {
    // `$$` is `$`, and keeps `$$(NAME)` as text.
    if (dollar === "$") return "$"
    const known = before.values.get(name ?? "")
    if (known !== undefined) return known
    if (presence(before, name ?? "") !== "absent") isHidden = true
    return whole
  })
  if (!isHidden) return value
  const [location = "", query = ""] = value.split("?", 2)
  const isReadable =
    isPostgresUrl(location) && !query.includes("$(") && parseUrlText(plainUrl(value)).url !== undefined
  return isReadable ? value : { unseen: "made of a variable that cannot be seen" }
}
