import { isDeepStrictEqual } from "node:util"
import fc from "fast-check"
import { expect, test } from "vitest"
import { assumedPoolers } from "../../src/declaration/assumed-poolers.ts"
import { findRelaxations } from "../../src/declaration/find-relaxations.ts"
import { assumedSurge } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import { readFleetConfig } from "../../src/declaration/read-fleet-config.ts"
import { PoolConfigError } from "../../src/error.ts"
import { checkFleet, type Fleet } from "../../src/sizing/index.ts"
import { anyJob } from "../support/any-job.ts"
import { runs } from "../support/properties.ts"

/** A field that may be left out. */
const maybe = <Value>(values: fc.Arbitrary<Value>) => fc.option(values, { nil: undefined })

const others = { poolsPerInstance: maybe(fc.integer({ min: 1, max: 3 })), surge: maybe(fc.nat(5)) }

const consumer = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ instances: fc.nat(4), poolSize: fc.integer({ min: 1, max: 4 }), ...others }),
  },
  fc.record({
    instances: maybe(fc.nat(4)),
    poolSize: fc.constant("auto"),
    budget: fc.integer({ min: 1, max: 9 }),
    ...others,
  }),
)

const job = fc
  .record({
    job: anyJob,
    duration: maybe(fc.constantFrom("10m", "30m", "3h")),
    poolSize: fc.integer({ min: 1, max: 3 }),
  })
  .map(({ job: { stated }, duration, poolSize }) => ({ ...stated, duration, poolSize }))

/** One pooler, that both consumers may be behind. */
const pooler = fc.record({
  instances: fc.integer({ min: 1, max: 3 }),
  surge: maybe(fc.nat(3)),
  pools: maybe(
    fc.oneof(
      fc.integer({ min: 1, max: 4 }),
      fc.constantFrom(
        [{ database: "core", user: "app" }],
        [
          { database: "core", user: "app", poolSize: 2 },
          { database: "core", user: "lookup" },
        ],
      ),
    ),
  ),
  databases: maybe(fc.integer({ min: 1, max: 2 })),
  users: maybe(fc.integer({ min: 1, max: 2 })),
  poolSize: fc.integer({ min: 1, max: 4 }),
  minInstances: maybe(fc.constant(1)),
  reservePoolSize: maybe(fc.nat(2)),
  maxDbConnections: maybe(fc.constantFrom(0, 3, 6)),
  maxUserConnections: maybe(fc.constantFrom(0, 3, 6)),
  maxClientConnections: fc.integer({ min: 1, max: 40 }),
  authUser: maybe(fc.constantFrom("lookup", "app")),
  authDbname: maybe(fc.constantFrom("core", "other")),
  orphans: maybe(fc.nat(4)),
})

/** A declaration without a plan and without open sizes; its jobs are by name here, so that each has one path. */
const declaration = fc.record({
  maxConnections: fc.integer({ min: 90, max: 110 }),
  superuserReserved: maybe(fc.nat(5)),
  reservedConnections: maybe(fc.nat(3)),
  providerReserved: maybe(fc.nat(3)),
  reserved: maybe(fc.dictionary(fc.constantFrom("a", "b"), fc.nat(3))),
  limits: maybe(
    fc.record({
      database: maybe(fc.integer({ min: -1, max: 60 })),
      role: maybe(fc.integer({ min: -1, max: 60 })),
    }),
  ),
  consumers: fc.dictionary(fc.constantFrom("api", "worker"), consumer),
  jobs: fc.dictionary(fc.constantFrom("import", "report"), job),
})

/** The same with something behind a pooler. */
const pooledDeclaration = fc.record({ declaration, pooler, isBehind: fc.boolean() }).map(
  ({ declaration: fleet, pooler: bouncer, isBehind }): Tree => ({
    ...fleet,
    consumers: {
      ...fleet.consumers,
      first: { instances: 2, poolSize: 2, pooler: "bouncer" },
      worker: { instances: 1, poolSize: 2, ...(isBehind ? { pooler: "bouncer" } : {}) },
    },
    poolers: { bouncer },
  }),
)

type Tree = { readonly [field: string]: unknown }

const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null

/** Every path of a tree, those of whole branches included. */
function pathsOf(tree: Tree): string[][] {
  return Object.entries(tree).flatMap(([field, value]) => [
    [field],
    ...(isTree(value) ? pathsOf(value).map((path) => [field, ...path]) : []),
  ])
}

/** A tree with the value that another one has at a path, or without it where that has none. */
function grafted(tree: Tree, other: unknown, [field = "", ...rest]: readonly string[]): Tree {
  const theirs = isTree(other) ? other[field] : undefined
  const own = tree[field]
  return { ...tree, [field]: rest.length > 0 && isTree(own) ? grafted(own, theirs, rest) : theirs }
}

const withoutAbsent = (tree: Tree): Tree =>
  Object.fromEntries(
    Object.entries(tree)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]) => [field, isTree(value) ? withoutAbsent(value) : value]),
  )

/** The declaration of a tree; undefined where what belongs together is not together, or a size is open. */
function read(tree: Tree): FleetConfig | undefined {
  const { jobs = {}, ...fields } = withoutAbsent(tree) as { jobs?: Tree }
  const list = Object.entries(jobs).map(([name, each]) => ({ name, ...(each as Tree) }))
  try {
    const config = readFleetConfig({ ...fields, jobs: list })
    const sizes = [...Object.values(config.consumers ?? {}), ...(config.jobs ?? [])]
    return sizes.every(({ poolSize }) => poolSize !== undefined) ? config : undefined
  } catch (error) {
    if (error instanceof PoolConfigError) return undefined
    throw error
  }
}

/** Every number that a change must not better in silence: the lower, the better the verdict. */
function sumsOf(config: FleetConfig): readonly number[] {
  const { consumers } = assumedSurge(config.consumers ?? {}, "")
  const { poolers } = assumedPoolers(config.poolers ?? {}, "")
  const check = checkFleet({ ...config, consumers, poolers } as Fleet)
  const limitOf = (name: string) => check.bounds.find((bound) => bound.name === name)?.limit
  return [
    check.total,
    check.deploy.total,
    check.jobs.connections,
    -check.usable,
    -(limitOf("database") ?? Number.POSITIVE_INFINITY),
    -(limitOf("role") ?? Number.POSITIVE_INFINITY),
    ...Object.values(check.poolers ?? {}).flatMap(({ total, orphans, deploy, clients }) => [
      total,
      orphans,
      deploy.total,
      deploy.orphans,
      clients.total,
      clients.deploy.total,
      -clients.capacity,
    ]),
  ]
}

/** Every other change is of one part: it has the most fields, and most of these matter only beside others. */
const changeOf = (declarations: fc.Arbitrary<Tree>, part: "jobs" | "poolers") =>
  fc.tuple(declarations, declarations, fc.nat(), fc.boolean()).map(([base, other, at, isOfPart]) => {
    const all = [...pathsOf(base), ...pathsOf(other)]
    const ofPart = all.filter(([first, _, field]) => first === part && field !== undefined)
    const paths = isOfPart && ofPart.length > 0 ? ofPart : all
    const path = paths[at % paths.length] ?? []
    return { path, base: read(base), head: read(grafted(base, other, path)) }
  })

const NO_PLAN = { hasPlan: false, deploy: "fail" } as const

const changes = [
  { declared: "without poolers", change: changeOf(declaration, "jobs"), times: 800 },
  // Many are refused, such as more databases than pools.
  { declared: "with a pooler", change: changeOf(pooledDeclaration, "poolers"), times: 3_000 },
]

test.each(changes)(
  "a change of one field of which nothing is named lowers no sum and raises no bound, $declared",
  ({ change, times }) => {
    let unnamed = 0
    fc.assert(
      fc.property(change, ({ path, base, head }) => {
        if (base === undefined || head === undefined || isDeepStrictEqual(base, head)) return
        const names = findRelaxations(base, head, NO_PLAN).map(({ name }) => name)
        const dotted = path.join(".")
        expect(names.filter((name) => !name.startsWith(dotted) && !dotted.startsWith(name))).toEqual([])
        if (names.length > 0) return
        unnamed += 1
        const after = sumsOf(head)
        expect(sumsOf(base).filter((sum, index) => (after[index] ?? 0) < sum)).toEqual([])
      }),
      runs(times),
    )
    expect(unnamed).toBeGreaterThan(50)
  },
)

test("defaults that are written out, and another order, are no change", () => {
  const reversed = (tree: Tree): Tree =>
    Object.fromEntries(
      Object.entries(tree)
        .reverse()
        .map(([field, value]) => [field, isTree(value) ? reversed(value) : value]),
    )
  fc.assert(
    fc.property(declaration, (tree) => {
      const consumers = Object.fromEntries(
        Object.entries(tree.consumers).map(([name, each]) => [
          name,
          { ...each, poolsPerInstance: each.poolsPerInstance ?? 1, surge: each.surge ?? each.instances },
        ]),
      )
      const { superuserReserved = 3, reservedConnections = 0, limits } = tree
      const stated = { database: limits?.database ?? -1, role: limits?.role ?? -1 }
      const explicit = { ...tree, consumers, superuserReserved, reservedConnections, limits: stated }
      const [short, long] = [read(tree), read(reversed(explicit))]
      if (short === undefined || long === undefined) throw new Error("not read")
      expect(findRelaxations(short, long, NO_PLAN)).toEqual([])
      expect(findRelaxations(long, short, NO_PLAN)).toEqual([])
    }),
    runs(200),
  )
})
