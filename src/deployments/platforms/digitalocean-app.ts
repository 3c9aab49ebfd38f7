import { type Component, IN_BLOCKS, readApp } from "../app-spec/app.ts"
import { workloadOf } from "../app-spec/component-runs.ts"
import { isPooler, noteParts, notePooler } from "../app-spec/record-findings.ts"
import type { Attributes } from "../attributes.ts"
import type { WorkloadPart } from "../platform.ts"

/** Returns the components of an app, each of which is a workload of its own. */
export const appParts = (attributes: Attributes): readonly WorkloadPart[] =>
  attributes.blocks("spec").flatMap((spec) => readApp(spec, IN_BLOCKS).components.map(partOf))

function partOf(component: Component): WorkloadPart {
  const { kind, name, index } = component
  const isOfPool = isPooler(component)
  return {
    name: name === undefined ? `${kind}[${index}]` : `${kind}.${name}`,
    read: (sought) => (isOfPool ? undefined : workloadOf(component, sought)),
    recordUncounted(address, workload, query, findings) {
      if (isOfPool) notePooler(address, findings)
      for (const environment of workload?.containers ?? [])
        noteParts(address, component, environment, query, findings)
    },
  }
}
