import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { declarationOf } from "../../site/calculator/declaration.ts"
import { type Draft, draftOf, firstDraft } from "../../site/calculator/draft.ts"
import { answer, type Evaluation, evaluate } from "../../site/calculator/evaluate.ts"
import { firstLoad } from "../../site/calculator/load.ts"
import { PRESETS } from "../../site/calculator/presets.ts"
import { fleetFragment, readFleetFragment, type SharedFleet } from "../../src/declaration/fleet-link.ts"
import { checkFleet, type OpenConsumer, type OpenFleet, sizeFleet } from "../../src/sizing/index.ts"
import { anyJob, nameJobs } from "../support/any-job.ts"
import { command, directoryWith } from "../support/command.ts"
import { runs } from "../support/properties.ts"

/** The evaluation of a fleet, by way of the form. */
function evaluation(fleet: SharedFleet): Evaluation {
  const { declaration, issues } = declarationOf(draftOf(fleet))
  expect(issues).toEqual([])
  const found = evaluate(declaration)
  if ("issues" in found) throw new Error(JSON.stringify(found.issues))
  return found.evaluation
}

const count = (most: number) => fc.integer({ min: 1, max: most })
const size = fc.oneof(
  count(20).map((poolSize) => ({ poolSize })),
  fc.constant({}),
  fc.record({ weight: count(3), min: count(2), max: fc.integer({ min: 2, max: 30 }) }),
)
const surge = fc.oneof(
  fc.constant({}),
  fc.nat(3).map((more) => ({ surge: more })),
)
const consumer: fc.Arbitrary<OpenConsumer> = fc.oneof(
  fc
    .tuple(fc.nat(5), count(2), size, surge, fc.constantFrom({}, { pooler: "pgbouncer" }))
    .map(([instances, poolsPerInstance, ...others]) =>
      Object.assign({ instances, poolsPerInstance }, ...others),
    ),
  fc
    .tuple(
      count(5),
      surge,
      fc.oneof(
        count(40).map((budget) => ({ budget })),
        fc.constant({ weight: 1 }),
      ),
    )
    .map(([instances, ...others]) => Object.assign({ instances, poolSize: "auto" as const }, ...others)),
)

const fleets: fc.Arbitrary<OpenFleet> = fc
  .record({
    maxConnections: fc.integer({ min: 10, max: 400 }),
    reserved: fc.dictionary(fc.constantFrom("metabase", "admin"), fc.nat(10)),
    providerReserved: fc.constantFrom(0, 2),
    consumers: fc.dictionary(fc.constantFrom("api", "worker", "mailer", "__proto__", "a b"), consumer),
    // Their calendars take most of the time.
    jobs: fc.oneof(
      { arbitrary: fc.constant([]), weight: 3 },
      { arbitrary: fc.array(fc.tuple(anyJob, size), { maxLength: 4 }).map(nameJobs), weight: 1 },
    ),
    pooler: fc.tuple(count(3), surge, size, fc.constantFrom({}, { maxClientConnections: 100 }, { pools: 2 })),
  })
  .map(({ pooler: [instances, ...others], ...fleet }) => {
    const isUsed = Object.values(fleet.consumers).some(({ pooler }) => pooler !== undefined)
    const pgbouncer = Object.assign({ instances }, ...others)
    return { ...fleet, ...(isUsed ? { poolers: { pgbouncer } } : {}) }
  })

/** What the command counts where no surge is declared: the instances once more. */
const withSurges = (fleet: OpenFleet): OpenFleet => {
  const all = <Part extends { instances?: number; surge?: number }>(
    parts: Readonly<Record<string, Part>> = {},
  ) =>
    Object.fromEntries(
      Object.entries(parts).map(([name, part]) => [name, { surge: part.instances ?? 0, ...part }]),
    )
  return {
    ...fleet,
    consumers: all(fleet.consumers),
    ...(fleet.poolers === undefined ? {} : { poolers: all(fleet.poolers) }),
  }
}

describe("the numbers of the page", () => {
  test("are those of the library, for 200 fleets", () => {
    fc.assert(
      fc.property(fleets, (fleet) => {
        const shown = evaluation(fleet)
        const sizing = sizeFleet(withSurges(fleet))
        const check = checkFleet(sizing.fleet)
        expect(shown).toMatchObject({
          verdict: check.fits && check.deploy.fits ? "fits" : "does not fit",
          total: check.total,
          usable: check.usable,
          percent: check.percent,
          alert: check.alert,
          nextSteps: { lines: check.nextSteps },
        })
        for (const [phase, total] of [
          ["steady", check.total],
          ["deploy", check.deploy.total],
        ] as const) {
          expect(shown.rows.reduce((sum, row) => sum + row[phase][1], 0)).toBe(total)
        }
        expect(shown.slots.bars.map((bar) => bar.total)).toEqual([check.total, check.deploy.total])
        const totals = shown.deploy.points.map((point) => point.total)
        expect([totals[0], totals.at(-1), Math.max(...totals)]).toEqual([
          check.total,
          check.total,
          check.deploy.total,
        ])
        const [before, starting, ending, after] = shown.deploy.points
        const surge = check.deploy.total - check.total
        const own = before?.old ?? 0
        const others = Object.values(fleet.reserved ?? {}).reduce((sum, slots) => sum + slots, 0)
        for (const point of shown.deploy.points) {
          expect(point.others).toBe(others + check.jobs.connections)
          expect(point.others + point.old + point.new).toBe(point.total)
        }
        expect([before?.new, starting?.old, starting?.new]).toEqual([0, own, surge])
        // All of the new ones run then, and of the old ones no more than may run beside them.
        expect(ending?.new).toBe(Math.max(own, surge))
        expect([after?.old, after?.new]).toEqual([0, own])
        const onServer = shown.days.find(({ pooler }) => pooler === "")
        if (onServer === undefined) expect(check.jobs.at).toBeUndefined()
        else {
          const at = new Date(`${onServer.date}T00:00:00Z`).getTime() + onServer.peakAt * 60_000
          expect([onServer.peak, new Date(at).toISOString()]).toEqual([check.jobs.connections, check.jobs.at])
          const running = onServer.jobs.flatMap(({ name, runs: spans }) =>
            spans
              .filter(({ from, to }) => from <= onServer.peakAt && onServer.peakAt < to)
              .map((span) => [name, span.value] as const),
          )
          expect(new Map(running)).toEqual(new Map(check.jobs.jobs.map((job) => [job.name, job.runs])))
        }
        const code = shown.copies.find(({ name }) => name === "In code")?.text ?? ""
        expect(
          checkFleet(JSON.parse(code.slice(code.indexOf("checkFleet(") + 11, code.lastIndexOf(")")))),
        ).toEqual(check)
      }),
      runs(200),
    )
  })

  test("are those of the command, by the declaration to copy", async () => {
    const samples = fc.sample(fleets, { numRuns: 20, seed: 7 })
    for (const fleet of samples) {
      const { copies, summary } = evaluation(fleet)
      const [config, line] = ["pool.config.json", "In CI"].map(
        (name) => copies.find((copy) => copy.name === name)?.text ?? "",
      )
      // To the command a declaration without anything that connects is none.
      if (Object.keys(fleet.consumers).length + (fleet.jobs ?? []).length === 0) continue
      const cwd = await directoryWith({ "pool.config.json": config })
      const { out } = await command((line ?? "").trim().split(" ").slice(2), { cwd })
      expect(out.split("\n")[0]?.slice(2)).toBe(summary)
      const [env] = copies
      const planned = await command(["plan", "--format", "env"], { cwd })
      expect(env?.text).toBe(planned.out)
    }
  })
})

test("a link's fleet comes back from the form as it was", () => {
  fc.assert(
    fc.property(fleets, (fleet) => {
      const shared = readFleetFragment(fleetFragment(fleet)) ?? {}
      const { declaration } = declarationOf(draftOf(shared))
      expect(JSON.parse(JSON.stringify(declaration))).toEqual(withoutEmpty(shared))
    }),
  )
})

/** A form cannot tell a list without rows from none. */
const withoutEmpty = (fleet: SharedFleet) =>
  Object.fromEntries(
    Object.entries(fleet).filter(([, part]) => typeof part !== "object" || Object.keys(part).length > 0),
  )

describe("the sizing document's scenarios", () => {
  test.each([
    [
      "1",
      {
        maxConnections: 100,
        reserved: { others: 10 },
        consumers: { api: { instances: 1, poolSize: 30 }, jobs: { instances: 2, poolSize: 10, surge: 0 } },
      },
      "fits",
      60,
    ],
    [
      "2",
      {
        maxConnections: 200,
        reserved: { others: 15 },
        consumers: { api: { instances: 1, poolSize: 50 }, jobs: { instances: 3, poolSize: 20, surge: 0 } },
      },
      "fits",
      63,
    ],
    ["3", { maxConnections: 100, consumers: { api: { instances: 3, poolSize: 35 } } }, "does not fit", 105],
  ] as const)("%s", (_, fleet, verdict, percent) => {
    expect(evaluation(fleet)).toMatchObject({ verdict, percent })
  })
})

describe("a form with something wrong", () => {
  const issuesOf = (change: (draft: Draft) => void) => {
    const draft = firstDraft()
    change(draft)
    const { declaration, issues } = declarationOf(draft)
    const found = evaluate(declaration)
    return [...issues, ...("issues" in found ? found.issues : [])].map(
      ({ name, problem }) => `${name}: ${problem}`,
    )
  }
  const api = (draft: Draft) => draft.consumers[0] as (typeof draft.consumers)[number]

  test.each<readonly [string, (draft: Draft) => void]>([
    [
      "maxConnections: missing",
      (draft) => {
        draft.maxConnections = " "
      },
    ],
    [
      'maxConnections: received "many"',
      (draft) => {
        draft.maxConnections = "many"
      },
    ],
    [
      "consumers.api.instances: missing",
      (draft) => {
        api(draft).instances = ""
      },
    ],
    [
      'consumers.api.poolSize: received ""',
      (draft) => {
        api(draft).size = "fixed"
      },
    ],
    [
      'consumers.api.budget: is missing, which poolSize "auto" needs',
      (draft) => {
        api(draft).size = "auto"
      },
    ],
    [
      "consumers.api: is there twice",
      (draft) => {
        draft.consumers.push({ ...api(draft) })
      },
    ],
    [
      'consumers: received the name ""',
      (draft) => {
        api(draft).name = ""
      },
    ],
    [
      'consumers.api.surge: received ""',
      (draft) => {
        api(draft).deploy = "number"
      },
    ],
  ])("says: %s", (problem, change) => {
    expect(issuesOf(change)).toContain(problem)
  })

  test("still answers the load", () => {
    const { fleet, load } = answer({ declaration: {}, load: firstLoad() })
    expect(fleet).toHaveProperty("issues")
    expect(load).toHaveProperty("load")
  })
})

test("the load's curve has the wait that connectionsForLoad gives, and falls", () => {
  const { declaration } = declarationOf(firstDraft())
  const { load } = answer({ declaration, load: firstLoad() })
  if (!("load" in load)) throw new Error("no load")
  const { result, points, pools } = load.load
  expect(pools).toMatchObject({ name: "api", instances: 3 })
  const waits = points.map(({ waitMs }) => waitMs)
  expect(waits).toEqual([...waits].sort((one, other) => other - one))
  expect(points.find(({ connections }) => connections === result.connections)?.waitMs).toBe(result.waitMs)
})

test("the presets are servers that the reader of declarations takes", () => {
  for (const { maxConnections = 100, providerReserved } of PRESETS) {
    expect(evaluate({ maxConnections, providerReserved, consumers: {} })).toHaveProperty("evaluation")
  }
})
