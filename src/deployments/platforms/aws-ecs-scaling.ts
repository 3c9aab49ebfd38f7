import type { Attributes } from "../attributes.ts"
import type { Context } from "../platform.ts"
import { readCountAttribute } from "../read-count-attribute.ts"
import type { Resource } from "../terraform/resource.ts"
import type { AttributeFindings } from "../workload.ts"
import { SCALED_SERVICES, SCALING_TARGETS } from "./aws-names.ts"

export const ECS = "Amazon ECS"

/** Counts the tasks of a service: the desired ones, or as many as its scaling allows if these are more. */
export function serviceInstances(
  attributes: Attributes,
  resource: Resource,
  context: Context,
  findings: AttributeFindings,
): number {
  if (attributes.text("scheduling_strategy") === "DAEMON") {
    findings.unknowns.push({
      name: "scheduling_strategy",
      field: "instances",
      lowest: 0,
      highest: undefined,
      problem: "is DAEMON, so there is one task on each container instance of the cluster",
      remedy: "Override instances with the most container instances",
    })
    return 1
  }
  const { certain, possible } = scalingOf(resource, context)
  const maxima = certain.map((each) => maximumOf(each, findings))
  const own = desiredCount(attributes, maxima.length + possible.length > 0, findings)
  const known = Math.max(own, ...maxima)
  if (possible.length === 0) return known
  const perhaps: AttributeFindings = { assumptions: [], unknowns: [] }
  const highest = Math.max(known, ...possible.map((each) => maximumOf(each, perhaps)))
  const isOpen = perhaps.unknowns.length > 0
  if (highest > known || isOpen) {
    findings.unknowns.push({
      name: "desired_count",
      field: "instances",
      lowest: known,
      highest: isOpen ? undefined : highest,
      problem: `may be raised by ${possible[0]?.address}, and it is known only after apply what that scales`,
    })
  }
  return highest
}

/** A service is created without tasks if the number is omitted. Something else then scales it. */
function desiredCount(attributes: Attributes, isScaled: boolean, findings: AttributeFindings): number {
  const attribute = "desired_count"
  const isOmitted = attributes.get(attribute) === undefined && !attributes.isUnknown(attribute)
  if (isOmitted && isScaled) return 0
  if (isOmitted) {
    findings.unknowns.push({
      name: attribute,
      field: "instances",
      lowest: 0,
      highest: undefined,
      problem: "is omitted, and nothing in these documents scales the service",
      remedy: "Set desired_count, or override instances",
    })
    return 0
  }
  return countOf(attributes, attribute, findings)
}

const countOf = (attributes: Attributes, attribute: string, findings: AttributeFindings): number =>
  readCountAttribute(
    attributes,
    { attribute, field: "instances", defaultValue: 0, most: undefined, platform: ECS },
    findings,
  )

interface Scaling {
  readonly certain: readonly Resource[]
  readonly possible: readonly Resource[]
}

/** Finds the scaling targets of a service, and the scheduled actions that change their bounds. */
function scalingOf(service: Resource, context: Context): Scaling {
  const ofService = (type: string): Scaling => {
    const { certain, possible } = context.referrers(service, type, "resource_id", SCALED_SERVICES)
    const isOpen = ({ attributes }: Resource) => attributes.isUnknown("service_namespace")
    return {
      certain: certain.filter((each) => scalesEcs(each) && !isOpen(each)),
      possible: [...possible.filter(scalesEcs), ...certain.filter(isOpen)],
    }
  }
  const [targets, actions] = [ofService(TARGET), ofService(ACTION)]
  const ofTargets = (of: readonly Resource[]): Scaling[] =>
    of.map((target) => context.referrers(target, ACTION, "resource_id", SCALING_TARGETS))
  const later = ofTargets(targets.certain)
  const perhaps = ofTargets(targets.possible)
  const certain = new Set([targets, actions, ...later].flatMap((each) => each.certain))
  const possible = [
    ...[targets, actions, ...later].flatMap((each) => each.possible),
    ...perhaps.flatMap((each) => [...each.certain, ...each.possible]),
  ]
  return {
    certain: [...certain],
    possible: [...new Set(possible)].filter((each) => !certain.has(each)),
  }
}

const TARGET = "aws_appautoscaling_target"
const ACTION = "aws_appautoscaling_scheduled_action"

/** The same types scale other services of AWS. */
const scalesEcs = ({ attributes }: Resource): boolean =>
  (attributes.text("service_namespace") ?? "ecs") === "ecs"

function maximumOf({ type, attributes }: Resource, findings: AttributeFindings): number {
  if (type === TARGET) return countOf(attributes, "max_capacity", findings)
  const [action] = attributes.blocks("scalable_target_action")
  // An action may change the lower bound alone.
  const changes = action?.get("max_capacity") !== undefined || action?.isUnknown("max_capacity") === true
  return changes && action !== undefined ? countOf(action, "max_capacity", findings) : 0
}
