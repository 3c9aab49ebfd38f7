// Random properties say the same in every `npm test`: their seed is fixed. `npm run test:explore` takes other seeds, and
// more runs; what it finds becomes a named case.

/** Of all random properties. */
export const SEED = Number(process.env["PROPERTY_SEED"] ?? 97)

export const TIMES = Number(process.env["PROPERTY_TIMES"] ?? 1)

/** How often a property is tried: so often in `npm test`, and as many times more as `npm run test:explore` says. */
export const runs = (count: number): { numRuns: number } => ({ numRuns: count * TIMES })
