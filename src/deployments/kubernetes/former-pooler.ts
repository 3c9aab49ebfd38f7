import type { DeployedPooler, PoolerConfig } from "../deployed-pooler.ts"
import type { PgBouncerFile } from "../pgbouncer/read-pgbouncer.ts"
import { DEFAULTS, numberOf } from "../pgbouncer/settings.ts"
import type { Workload } from "../workload.ts"

/** What a pool may hold: of a larger size before the deploy, its connections are there until they are idle. */
const SIZES = ["default_pool_size", "reserve_pool_size"] as const

/** Caps on those sizes, of which 0 is none. */
const CAPS = ["max_db_connections", "max_user_connections"] as const

/**
 * Returns a pooler with what is left of it from before its deploy: more pods, and pools of a larger size. One that the deploy
 * takes to another server leaves them there.
 */
export function besideFormer(pooler: DeployedPooler, former: DeployedPooler | undefined): DeployedPooler {
  if (former === undefined) return pooler
  const [now, before] = [pooler.config, former.config]
  if (now && before?.serverHosts.some((host) => !now.serverHosts.includes(host)))
    return { ...pooler, former: before }
  return {
    ...pooler,
    workload: withFormerPods(pooler.workload, former.workload),
    ...(now && before ? { config: withFormerSizes(now, before) } : {}),
  }
}

function withFormerPods(workload: Workload, { runs: former }: Workload): Workload {
  const { runs } = workload
  if (!("instances" in runs) || !("instances" in former)) return workload
  const surge = (instances: number) => {
    const own = runs.surge?.(instances) ?? { lowest: instances, highest: instances }
    // Where the old ones stop first, only what they have more than the new ones is left.
    const left = own.highest === 0 ? Math.max(0, former.instances - instances) : former.instances
    return { lowest: own.lowest, highest: Math.max(own.highest, left) }
  }
  return { ...workload, runs: { ...runs, surge } }
}

function withFormerSizes(config: PoolerConfig, { highest: former }: PoolerConfig): PoolerConfig {
  const { highest } = config
  const larger = [...SIZES, ...CAPS].filter((name) => sizeIn(former, name) > sizeIn(highest, name))
  if (larger.length === 0) return config
  const settings = new Map(highest.settings)
  for (const name of larger) {
    const placed = former.settings.get(name)
    if (placed === undefined) settings.delete(name)
    else settings.set(name, placed)
  }
  return {
    ...config,
    highest: { ...highest, settings },
    unknown: [
      ...config.unknown,
      ...larger.map((name) => ({
        setting: name,
        problem: "is lowered by this deploy, and what it has opened before is left until it is idle",
        between: `${numberOf(highest, name, DEFAULTS[name])} and ${numberOf(former, name, DEFAULTS[name])}`,
        remedy: "Do nothing if the sum fits with both, or lower it in a deploy of its own",
      })),
    ],
  }
}

function sizeIn(file: PgBouncerFile, name: (typeof SIZES)[number] | (typeof CAPS)[number]): number {
  const value = numberOf(file, name, DEFAULTS[name])
  const isUnlimited = value === 0 && name !== "reserve_pool_size"
  return isUnlimited ? Number.POSITIVE_INFINITY : value
}
