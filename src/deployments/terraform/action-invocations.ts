import { Attributes } from "../attributes.ts"
import { field, isObject, textOf } from "../json-value.ts"
import type { Resource } from "./resource.ts"
import { list, type Reader } from "./resource-changes.ts"

/** An action that the plan invokes; its attributes are its configuration. */
export interface ActionInvocation extends Resource {
  readonly isAction: true
  /** The address of the resource whose change invokes it; empty if it is invoked by name (`-invoke`). */
  readonly invokedBy: string
}

/** Reads `action_invocations`, which Terraform 1.14 and later write. */
export function readActions(value: unknown, { prefix, configuration, refuse }: Reader): ActionInvocation[] {
  return list(value, "action_invocations", refuse).flatMap((invocation, index) => {
    const path = `action_invocations[${index}]`
    const { address, type, name } = isObject(invocation) ? invocation : {}
    if (typeof address !== "string" || typeof type !== "string" || address === "" || type === "") {
      refuse(path)
      return []
    }
    const values = field(invocation, "config_values") ?? {}
    if (!isObject(values)) refuse(`${path}.config_values`)
    const trigger = field(invocation, "lifecycle_action_trigger")
    return [
      {
        isAction: true,
        address: prefix + address,
        ownAddress: address,
        type,
        name: textOf(name),
        module: moduleOf(address, `action.${type}.`),
        managed: true,
        attributes: new Attributes(values, field(invocation, "config_unknown"), (at) =>
          refuse(`${path}.config_values.${at}`),
        ),
        before: undefined,
        actions: [],
        configuration,
        invokedBy: textOf(field(trigger, "triggering_resource_address")),
      },
    ]
  })
}

/** `module.backend` of `module.backend.action.type.name`; empty for the root. */
const moduleOf = (address: string, own: string): string =>
  address.slice(0, Math.max(0, address.lastIndexOf(own))).replace(/\.$/, "")
