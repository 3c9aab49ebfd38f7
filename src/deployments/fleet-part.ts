import { weightRule } from "../sizing/fleet-rules.ts"
import type { FleetConsumer, Job, OpenConsumer, OpenJob, Pooler } from "../sizing/index.ts"
import { byName } from "../sizing/names.ts"
import {
  type Bounds,
  hasBudget,
  isService,
  type JobUse,
  type ResourcePool,
  type ServiceUse,
} from "./resource-pool.ts"

/** Consumers and jobs, as `checkFleet` takes them. */
export interface FleetPart {
  readonly consumers: Readonly<Record<string, FleetConsumer>>
  readonly jobs: readonly Job[]
  /** The poolers of the documents that some of them connect through, by address; omitted if there are none. */
  readonly poolers?: Readonly<Record<string, Pooler>>
}

/** Consumers and jobs, as `sizeFleet` takes them. */
export interface OpenFleetPart {
  readonly consumers: Readonly<Record<string, OpenConsumer>>
  readonly jobs: readonly OpenJob[]
  /** The poolers of the documents, whose sizes are those that they have. */
  readonly poolers?: Readonly<Record<string, Pooler>>
}

type Poolers = NonNullable<FleetPart["poolers"]>

/** Poolers are left out where there are none. */
export const withPoolers = <Each>(poolers: Readonly<Record<string, Each>>) =>
  Object.keys(poolers).length === 0 ? {} : { poolers }

type Of<Use> = ResourcePool & { readonly use: Use }

const services = (entries: readonly ResourcePool[]) =>
  entries.filter((entry): entry is Of<ServiceUse> => isService(entry.use))

const jobsOf = (entries: readonly ResourcePool[]) =>
  entries.filter((entry): entry is Of<JobUse> => !isService(entry.use))

/** A surge that equals the instances follows them down to their lowest. */
function instancesOf(use: ServiceUse, end: keyof Bounds) {
  const { instances, surge, lowestInstances = instances, lowestSurge } = use
  if (end === "highest") return { instances, surge }
  return {
    instances: lowestInstances,
    surge: lowestSurge ?? (surge === instances ? lowestInstances : surge),
  }
}

const behind = ({ pooler }: ResourcePool) => (pooler === undefined ? {} : { pooler })

/** A service whose pools share a budget, whatever the number of instances. */
const sharing = ({ use, poolsPerInstance }: Of<ServiceUse>, end: keyof Bounds) => ({
  ...(use.isEndless ? {} : instancesOf(use, end)),
  poolSize: "auto" as const,
  poolsPerInstance,
})

/** Builds the fleet with every unknown at its lowest or at its highest. */
export function fleetPart(all: readonly ResourcePool[], end: keyof Bounds, poolers: Poolers = {}): FleetPart {
  const entries = all.filter(({ certain }) => certain || end === "highest")
  return {
    consumers: byName(
      services(entries).map((entry) => {
        const { name, size, poolsPerInstance } = entry
        return [
          name,
          hasBudget(entry)
            ? { ...sharing(entry, end), budget: size[end] }
            : { ...instancesOf(entry.use, end), poolSize: size[end], poolsPerInstance, ...behind(entry) },
        ] as const
      }),
    ),
    jobs: jobsOf(entries).map((entry) => {
      const { name, size, poolsPerInstance, use } = entry
      const job = (end === "lowest" ? use.lowestJob : undefined) ?? use.job
      return { ...job, name, poolSize: size[end], poolsPerInstance, ...behind(entry) }
    }),
    ...withPoolers(poolers),
  }
}

/** Builds the fleet at its highest, with open sizes. */
export function openFleetPart(entries: readonly ResourcePool[], poolers: Poolers = {}): OpenFleetPart {
  const budgetOf = ({ sizeVariable, size }: ResourcePool) =>
    sizeVariable === undefined ? { budget: size.highest } : { weight: weightRule.default }
  const sizeOf = ({ sizeVariable, size }: ResourcePool) =>
    sizeVariable === undefined ? { poolSize: size.highest } : {}
  return {
    consumers: byName(
      services(entries).map((entry) => {
        const { name, poolsPerInstance, use, budget } = entry
        return [
          name,
          budget === undefined
            ? { ...instancesOf(use, "highest"), ...sizeOf(entry), poolsPerInstance, ...behind(entry) }
            : { ...sharing(entry, "highest"), ...budgetOf(entry) },
        ] as const
      }),
    ),
    jobs: jobsOf(entries).map((entry) => {
      const { name, poolsPerInstance, use } = entry
      return { ...use.job, name, ...sizeOf(entry), poolsPerInstance, ...behind(entry) }
    }),
    ...withPoolers(poolers),
  }
}
