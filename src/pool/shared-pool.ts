import { createHash } from "node:crypto"
import { Socket } from "node:net"
import pg from "pg"
import { LimitedPool } from "./limited-pool.ts"
import type { LimitedPoolConfig } from "./limited-pool-config.ts"
import { PoolMetrics } from "./pool-metrics.ts"
import { CLOSE_TIMEOUT_MS, ServerSlots } from "./server-slots.ts"
import { warn } from "./warn.ts"

/** The keys of what copies of this module share. If a shape changes, change the version in the name. */
const REGISTRY = Symbol.for("prisma-pool-config.pools.v4")
const SLOTS = Symbol.for("prisma-pool-config.slots.v3")

type Password = NonNullable<LimitedPoolConfig["password"]>

interface SharedPool {
  readonly server: string
  readonly max: number
  /** Outlives the pool: a connection that is still closing counts against the next one. */
  readonly slots: ServerSlots
  /** Outlives the pool too: counters continue when a client connects again. */
  readonly metrics: PoolMetrics
  pool: LimitedPool | undefined
  handles: number
  /** The newest client's password: after a hot reload the older one belongs to code that is gone. */
  password: Password | undefined
}

/** A client's handle on a shared pool. */
export interface PoolHandle {
  readonly pool: LimitedPool
  /** Gives the handle back; the last one closes the pool, in at most 5 s. */
  release(): Promise<void>
}

/** The shared pools. Two copies of node-postgres cannot use each other's pools, so each has its own map; their limit is one. */
function poolsOfThisRealm(): Map<string, SharedPool> {
  const realm = globalThis as { [REGISTRY]?: WeakMap<object, Map<string, SharedPool>> }
  realm[REGISTRY] ??= new WeakMap()
  const registry = realm[REGISTRY]
  const pools = registry.get(pg.Pool) ?? new Map<string, SharedPool>()
  registry.set(pg.Pool, pools)
  return pools
}

/**
 * Returns the slots for a key, the same for all copies of node-postgres in this process. Jest and Vitest's vm pools load
 * one copy for each test file, and nothing ends the pools of files that are over.
 *
 * Whoever has a connection keeps the slots alive. The map is on a class of Node.js because all contexts of a process
 * have the same one.
 */
function slotsOfProcess(key: string): ServerSlots {
  const place = Socket as { [SLOTS]?: Map<string, WeakRef<ServerSlots>> }
  place[SLOTS] ??= new Map()
  const all = place[SLOTS]
  const known = all.get(key)?.deref()
  if (known !== undefined) return known
  // A process whose credentials rotate would otherwise collect old entries.
  for (const [old, slots] of all) if (slots.deref() === undefined) all.delete(old)
  const slots = new ServerSlots()
  all.set(key, new WeakRef(slots))
  return slots
}

/**
 * Returns a handle on the pool for these settings and credentials. The process has only one such pool, no matter how
 * many clients, hot reloads or copies of this module there are.
 *
 * @param credential a string that tells one password from another; only its digest is kept
 * @param metrics the metrics to use if no other client has the pool yet
 */
export function acquireSharedPool(
  config: LimitedPoolConfig,
  credential: string,
  metrics: PoolMetrics = new PoolMetrics(config),
): PoolHandle {
  const pools = poolsOfThisRealm()
  const key = keyOf(config, credential)
  const shared = pools.get(key) ?? newSharedPool(config, metrics, slotsOfProcess(key))
  pools.set(key, shared)
  shared.handles += 1
  shared.password = config.password
  if (shared.pool === undefined) {
    shared.pool = new LimitedPool(
      config.password === undefined ? config : { ...config, password: () => currentPassword(shared) },
      shared.slots,
      shared.metrics,
    )
    warnOfSeveral([...pools.values()].filter(({ server, pool }) => pool && server === shared.server))
  }
  const { pool } = shared
  let released = false
  return {
    pool,
    async release() {
      if (released) return
      released = true
      shared.handles -= 1
      if (shared.handles > 0) return
      shared.pool = undefined
      await pool.close(CLOSE_TIMEOUT_MS)
      if (shared.handles === 0 && pools.get(key) === shared) pools.delete(key)
    },
  }
}

/** The metrics of the pool for these settings and credentials; undefined if no client has one. */
export function sharedMetrics(config: LimitedPoolConfig, credential: string): PoolMetrics | undefined {
  return poolsOfThisRealm().get(keyOf(config, credential))?.metrics
}

// JSON leaves out functions: the password function and the client class.
function keyOf(config: LimitedPoolConfig, credential: string): string {
  return createHash("sha256")
    .update(JSON.stringify([config, credential]))
    .digest("hex")
}

function newSharedPool(
  { host, port, database, max }: LimitedPoolConfig,
  metrics: PoolMetrics,
  slots: ServerSlots,
): SharedPool {
  return {
    server: `${host}:${port}/${database}`,
    max,
    slots,
    metrics,
    pool: undefined,
    handles: 0,
    password: undefined,
  }
}

async function currentPassword({ password }: SharedPool): Promise<string> {
  return typeof password === "function" ? password() : (password ?? "")
}

function warnOfSeveral(pools: readonly SharedPool[]): void {
  if (pools.length < 2) return
  const sizes = pools.map(({ max }) => max)
  const total = sizes.reduce((sum, max) => sum + max, 0)
  warn(
    `This process has ${pools.length} pools to ${pools[0]?.server}, whose settings, schema or user differ: it may hold ${sizes.join(" + ")} = ${total} connections. Use the same settings for one pool, or count every pool in the fleet.`,
  )
}
