import fc from "fast-check"
import { afterAll, beforeAll, expect, test } from "vitest"
import { sizeFleet } from "../../src/sizing/index.ts"
import { anyJob, nameJobs } from "../support/any-job.ts"
import { processesOf, type SizedFleet } from "../support/processes-of.ts"
import { runs } from "../support/properties.ts"
import { FleetServer } from "../support/run-fleet.ts"

const FLEETS = 12
/** The number of processes that two cores run in a second. */
const MOST_PROCESSES = 16

let server: FleetServer
let version: number
beforeAll(async () => {
  server = await FleetServer.start()
  version = await server.version()
})
afterAll(() => server.destroy())

const open = fc.record(
  {
    weight: fc.constantFrom(0.5, 2, 3),
    min: fc.integer({ min: 1, max: 2 }),
    max: fc.integer({ min: 4, max: 12 }),
  },
  { requiredKeys: [] },
)
const stated = fc.record({ poolSize: fc.integer({ min: 1, max: 4 }) })
const size = fc.oneof({ arbitrary: open, weight: 3 }, { arbitrary: stated, weight: 1 })
const instances = fc.record({
  instances: fc.nat(3),
  surge: fc.nat(2),
  poolsPerInstance: fc.constantFrom(1, 1, 2),
})
const consumer = fc.tuple(instances, size).map(([one, ofOne]) => ({ ...one, ...ofOne }))
/** Any fleet, and its jobs as the oracle of their peak sees them. */
const declarations = fc
  .record({
    maxConnections: fc.integer({ min: 12, max: 40 }),
    superuserReserved: fc.integer({ min: 1, max: 3 }),
    reservedConnections: fc.nat(2),
    // The one that monitors looks at all the others.
    reserved: fc.record({ monitoring: fc.constant(1), metabase: fc.nat(3) }),
    limits: fc.record({ role: fc.constantFrom(-1, -1, 10, 20) }),
    consumers: fc.array(consumer, { minLength: 1, maxLength: 4 }),
    jobs: fc.array(fc.tuple(anyJob, size), { maxLength: 3 }),
  })
  .map(({ consumers, jobs, ...others }) => {
    const named = consumers.map((one, index) => [`consumer ${index}`, one] as const)
    const fleet = { ...others, consumers: Object.fromEntries(named), jobs: nameJobs(jobs) }
    return { fleet, jobs: jobs.map(([job]) => job) }
  })

type Declaration = typeof declarations extends fc.Arbitrary<infer Value> ? Value : never

/** The plan that leaves over only what no size can take, and the processes that it is made for. */
function planOf({ fleet, jobs }: Declaration) {
  // PostgreSQL has them from version 16 on.
  const reservedConnections = version < 16 ? 0 : fleet.reservedConnections
  const sizing = sizeFleet({ ...fleet, reservedConnections, fill: 1 })
  return { ...sizing, processes: processesOf(sizing.fleet as SizedFleet, jobs, "deploy") }
}

function isAccepted(declaration: Declaration): boolean {
  const { fits, processes } = planOf(declaration)
  return fits && processes.length <= MOST_PROCESSES
}

test(`${runs(FLEETS).numRuns} fleets, run as they were planned, are refused nothing`, async () => {
  const property = fc.asyncProperty(declarations.filter(isAccepted), async (declaration) => {
    const { fleet, check, processes } = planOf(declaration)
    const { total } = check.deploy
    const free = Math.min(...check.bounds.map(({ limit, deploy }) => limit - deploy.total))
    expect(await server.run(fleet, processes)).toEqual({
      errors: [],
      full: [total, total],
      peak: total,
      // What the plan leaves free is there, and not one connection beyond it.
      more: free,
      refusal: "53300",
      refusals: 1,
      left: 0,
    })
  })
  // To look for a smaller counterexample would take as long again as the whole.
  await fc.assert(property, { ...runs(FLEETS), endOnFailure: true })
})

test("one connection more in one pool is refused, where the plan leaves nothing free", async () => {
  const { fleet, check } = sizeFleet({
    maxConnections: 20,
    reserved: { monitoring: 1 },
    consumers: { api: { instances: 1, surge: 1 }, worker: { instances: 2 } },
    fill: 1,
  })
  expect(check.deploy.total).toBe(check.usable)
  const processes = processesOf(fleet as SizedFleet, [], "deploy").map((process, index) => ({
    ...process,
    poolSize: process.poolSize + (index === 0 ? 1 : 0),
  }))
  // While other connections work, a refused caller waits for them as long as its timeout allows.
  const { errors, refusals } = await server.run(fleet, processes, 3)
  expect(errors.length).toBeGreaterThan(0)
  expect(errors.filter((error) => !/^(53300|P2024) /.test(error))).toEqual([])
  // One is what every run ends with.
  expect(refusals).toBeGreaterThan(1)
})
