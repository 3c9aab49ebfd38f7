import type { Attributes } from "../attributes.ts"
import {
  AFTER_APPLY,
  NO_VARIABLES,
  openVariables,
  overlay,
  type ResourceEnvironment,
  union,
  variables,
  withCommand,
} from "../environment.ts"
import type { Component, Entry, Variables } from "./app.ts"
import { type Phase, readValue, type Value } from "./bindable-values.ts"

/** Reads the environment in which a component runs, or is built: the variables of all components, then its own. */
export function environmentOf(
  component: Component,
  phase: Phase,
  names: readonly string[],
): ResourceEnvironment {
  const { app, own, attributes } = component
  const shared = entriesIn(app.shared, phase)
  const inherited = new Set(shared.map(({ key }) => key))
  const environment = overlay([
    layer(app.shared, component, phase, shared, []),
    layer(own, component, phase, entriesIn(own, phase), masked(own, phase, inherited)),
  ])
  return withCommand(environment, attributes, [phase === "run" ? "run_command" : "build_command"], names)
}

function layer(
  { isPartlyUnknown }: Variables,
  component: Component,
  phase: Phase,
  entries: readonly Entry[],
  masked: readonly (readonly [string, Value])[],
): ResourceEnvironment {
  const read = entries.flatMap((entry): (readonly [string, Value])[] => {
    const value = readValue(entry, component, phase)
    return value === undefined ? [] : [[entry.key, value]]
  })
  const own = variables([...masked, ...read])
  return union([own, isPartlyUnknown ? openVariables(AFTER_APPLY) : NO_VARIABLES])
}

const entriesIn = ({ entries }: Variables, phase: Phase): readonly Entry[] =>
  entries.filter(({ attributes }) => isIn(attributes, phase))

/** True if a variable is there in a phase, or may be. */
export function isIn(attributes: Attributes, phase: Phase): boolean {
  const scope = attributes.text("scope")
  return scope === (phase === "run" ? "RUN_TIME" : "BUILD_TIME") || !/^(RUN|BUILD)_TIME$/.test(scope ?? "")
}

/** Variables that a component has in the other phase alone: whether those of all components count, is not documented. */
const masked = (
  { entries }: Variables,
  phase: Phase,
  inherited: ReadonlySet<string>,
): readonly (readonly [string, Value])[] =>
  entries.flatMap(({ key, attributes }): (readonly [string, Value])[] =>
    inherited.has(key) && !isIn(attributes, phase)
      ? [[key, { unseen: "set by the app, and by the component with another scope" }]]
      : [],
  )
