// How long the pure functions take as their input grows, and by how much they grow with it.

import { fleetFromTerraform } from "prisma-pool-config/deployments"
import { checkFleet, maxConcurrentRuns, sizeFleet } from "prisma-pool-config/sizing"
import { plan } from "../../test/support/terraform-plan.ts"
import { median } from "../statistics.ts"

export const SIZES = [10, 100, 1_000, 10_000] as const

/** Enough runs for a median, and no more than this altogether. */
const RUNS = 3
const MOST_MILLIS = 1_500

/** The time that one function takes, by the size of its input. */
export interface Growth {
  readonly name: string
  readonly millis: readonly number[]
  /** Of time as a power of the size, from the last two sizes: 1 is linear. */
  readonly exponent: number
}

const names = (size: number) => Array.from({ length: size }, (_, index) => `service-${index}`)

function consumers(size: number) {
  return Object.fromEntries(
    names(size).map((name, index) => [name, { instances: 1 + (index % 3), poolSize: 1, surge: 1 }]),
  )
}

const FUNCTIONS: Readonly<Record<string, (size: number) => () => unknown>> = {
  checkFleet(size) {
    const fleet = { maxConnections: 100_000, consumers: consumers(size) }
    return () => checkFleet(fleet)
  },
  sizeFleet(size) {
    const open = names(size).map((name, index) => [
      name,
      { instances: 1 + (index % 3), surge: 1, weight: 1 + (index % 5) },
    ])
    const fleet = { maxConnections: 200_000, consumers: Object.fromEntries(open) }
    return () => sizeFleet(fleet)
  },
  maxConcurrentRuns(size) {
    const jobs = names(size).map((name, index) => ({
      name,
      schedule: `${index % 60} ${index % 24} * * ${index % 2 ? "*" : index % 7}`,
      timezone: index % 2 ? "Europe/Paris" : "UTC",
      timeout: `${5 + (index % 50)}m`,
      poolSize: 1 + (index % 10),
    }))
    return () => maxConcurrentRuns(jobs)
  },
  fleetFromTerraform(size) {
    const document = plan(
      names(size).map((name, index) => ({
        address: `module.m${index % 10}.scaleway_container.${name}`,
        values: {
          max_scale: 1 + (index % 3),
          environment_variables: { PRISMA_POOL_SIZE_CORE: "2" },
          secret_environment_variables: { DATABASE_URL_CORE: "postgresql://app@10.0.0.4:5432/core" },
        },
      })),
    )
    return () => fleetFromTerraform(document, { maxConnections: 100_000 })
  },
}

export function measureGrowth(): Growth[] {
  return Object.entries(FUNCTIONS).map(([name, make]) => {
    const millis = SIZES.map((size) => timed(make(size)))
    const [before = Number.NaN, last = Number.NaN] = millis.slice(-2)
    return { name, millis, exponent: Math.log10(last / before) }
  })
}

/** The median after one run that warms up. */
function timed(run: () => unknown): number {
  const begin = performance.now()
  run()
  const millis: number[] = []
  while (millis.length < RUNS && performance.now() - begin < MOST_MILLIS) {
    const start = performance.now()
    run()
    millis.push(performance.now() - start)
  }
  return millis.length > 0 ? median(millis) : performance.now() - begin
}
