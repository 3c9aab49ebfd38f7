import { Attributes } from "../attributes.ts"
import { isInertImage } from "../container-images.ts"
import {
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
import { expanded } from "./expand-variables.ts"
import { mountedVariables } from "./mounted-files.ts"
import type { PodContext } from "./pod-context.ts"

const UNSEEN = "known only in the cluster"

/** Reads the environment of a container: `envFrom` first, then `env`, of which the last of a name counts. */
export function containerEnvironment(container: Attributes, context: PodContext): ResourceEnvironment {
  if (container.isUnknown("env") || container.isUnknown("envFrom")) return openVariables(UNSEEN)
  const shared = overlay(container.blocks("envFrom").map((source) => ofSource(source, context)))
  const own = container
    .blocks("env")
    .reduce((before, each) => overlay([before, ownVariable(each, before, context)]), shared)
  // Such a program reads no database's variable, whatever its files and its secrets have.
  const environment = isInertImage(container.text("image") ?? "")
    ? { ...own, mayHaveMore: undefined }
    : overlay([mountedVariables(container, context), fromFiles(own, context), own])
  const commands = new Attributes({ command: commandsOf(container) }, commandUnknown(container))
  return withCommand(environment, commands, ["command"], context.variables)
}

/** What of the commands is known only after apply: all, a part, or nothing. */
function commandUnknown(container: Attributes): unknown {
  if (["command", "args"].some((name) => container.isUnknown(name))) return { command: true }
  const isPart =
    ["command", "args"].some((name) => container.hasUnknown(name)) ||
    handlersOf(container).some((handler) => handler?.hasUnknown("command"))
  return isPart ? { command: [true] } : undefined
}

/** What a container's probes and hooks execute. */
function handlersOf(container: Attributes): readonly (Attributes | undefined)[] {
  const lifecycle = blockOf(container, "lifecycle")
  const handlers = [
    ...["postStart", "preStop"].map((name) => blockOf(lifecycle, name)),
    ...["livenessProbe", "readinessProbe", "startupProbe"].map((name) => blockOf(container, name)),
  ]
  return handlers.map((handler) => blockOf(handler, "exec"))
}

/** All commands that run in a container, with those of its probes and hooks. */
function commandsOf(container: Attributes): unknown[] {
  const commands = handlersOf(container).map((handler) => handler?.get("command"))
  return [container.get("command"), container.get("args"), ...commands].map((each) => each ?? [])
}

/** As in the official images, `NAME_FILE` names the file that holds the value of `NAME`. */
const fromFiles = (
  own: ResourceEnvironment,
  { variables: wanted }: Pick<PodContext, "variables">,
): ResourceEnvironment =>
  variables(
    wanted
      .filter((name) => presence({ ...own, mayHaveMore: undefined }, `${name}_FILE`) === "certain")
      .map((name) => [name, { unseen: "read from a file" }]),
  )

function ofSource(
  source: Attributes,
  { stored, namespace, variables: wanted }: PodContext,
): ResourceEnvironment {
  if (source.isUnknown("prefix")) return openVariables(UNSEEN)
  const prefix = source.text("prefix") ?? ""
  const [configMap, secret] = [blockOf(source, "configMapRef"), blockOf(source, "secretRef")]
  const name = (configMap ?? secret)?.text("name")
  if (name === undefined || prefix.includes("{{")) return openVariables(UNSEEN)
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
  if (name === undefined || name.includes("{{"))
    return entry.isUnknown("name") || name !== undefined ? openVariables(UNSEEN) : NO_VARIABLES
  if (entry.isUnknown("value") || entry.isUnknown("valueFrom")) return variables([[name, { unseen: UNSEEN }]])
  const from = blockOf(entry, "valueFrom")
  if (from !== undefined) {
    const value = referenced(from, context)
    return value === undefined ? NO_VARIABLES : variables([[name, value]])
  }
  const value = entry.get("value") ?? ""
  if (typeof value === "object") {
    entry.report("value")
    return NO_VARIABLES
  }
  // Kubernetes takes strings only, but a variable without quotes is common, and some tools accept it.
  return variables([[name, expanded(String(value), before)]])
}

type Value = string | { readonly unseen: string }

/** Undefined for a key that an object does not have, and that may be missing. */
function referenced(from: Attributes, { stored, namespace }: PodContext): Value | undefined {
  const [ofMap, ofSecret] = [blockOf(from, "configMapKeyRef"), blockOf(from, "secretKeyRef")]
  const reference = ofMap ?? ofSecret
  const [name, key] = [reference?.text("name"), reference?.text("key")]
  if (name === undefined || key === undefined) return { unseen: "known only when the pod runs" }
  const read = ofMap === undefined ? stored.secret(name, namespace) : stored.configMap(name, namespace)
  const value = read.values.get(key)
  if (value !== undefined) return value
  const hidden = read.hidden.get(key)
  if (hidden !== undefined) return { unseen: hidden }
  if (read.mayHaveMore !== undefined)
    return { unseen: ofMap === undefined ? SECRET_REFERENCE : read.mayHaveMore }
  return reference?.get("optional") === true ? undefined : { unseen: `not a key of ${name}` }
}
