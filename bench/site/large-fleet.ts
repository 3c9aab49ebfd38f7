import { fleetFragment } from "../../src/declaration/fleet-link.ts"

export const CONSUMERS = 20
export const JOBS = 50

/** The fragment of the calculator's address with a large fleet. */
export function largeFleet(): string {
  const consumers = Object.fromEntries(
    Array.from({ length: CONSUMERS }, (_, index) => [
      `service-${index}`,
      index % 2 === 0 ? { instances: 3, poolSize: 5 } : { instances: 2, weight: 1 + (index % 3) },
    ]),
  )
  const jobs = Array.from({ length: JOBS }, (_, index) => ({
    name: `job-${index}`,
    schedule: `${(7 * index) % 60} ${index % 24} * * ${index % 5 === 0 ? index % 7 : "*"}`,
    timezone: index % 2 === 0 ? "Europe/Paris" : "UTC",
    timeout: `${20 + index}m`,
    poolSize: 1 + (index % 4),
  }))
  return fleetFragment({ maxConnections: 1_000, reserved: { metabase: 10 }, consumers, jobs })
}
