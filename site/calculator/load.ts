import { PoolConfigError, type PoolConfigIssue } from "../../src/error.ts"
import { type ConnectionsForLoad, connectionsForLoad, type LoadInput } from "../../src/sizing/index.ts"

/** A load as it stands in the form. */
export interface LoadDraft {
  acquisitionsPerSecond: string
  holdTimeMs: string
  maxWaitMs: string
  percentile: string
  burst: string
  /** The consumer whose load it is: its instances share it, and its size is the most that is safe. */
  consumer: string
}

export const firstLoad = (): LoadDraft => ({
  acquisitionsPerSecond: "300",
  holdTimeMs: "20",
  maxWaitMs: "20",
  percentile: "",
  burst: "",
  consumer: "",
})

/** The pools that share a load, and the safe size of each. */
export interface LoadPools {
  readonly name: string
  readonly instances: number
  readonly size: number
}

/** The wait of a load with pools of one size. */
export interface LoadPoint {
  readonly connections: number
  /** Infinity for a size that the load keeps busy for ever. */
  readonly waitMs: number
}

export interface Load {
  readonly result: ConnectionsForLoad
  readonly pools: LoadPools | undefined
  readonly percentile: number
  readonly maxWaitMs: number
  readonly points: readonly LoadPoint[]
}

/** More points than a picture shows are of no use. */
const MAX_POINTS = 60

const FIELDS = ["acquisitionsPerSecond", "holdTimeMs", "maxWaitMs", "percentile", "burst"] as const

/** Returns what a load needs, and its waits over the sizes; or what is wrong with it. */
export function loadOf(
  draft: LoadDraft,
  pools: LoadPools | undefined,
): { readonly load: Load } | { readonly issues: readonly PoolConfigIssue[] } {
  const input = {
    ...Object.fromEntries(
      FIELDS.filter((field) => draft[field].trim() !== "").map((field) => [field, number(draft[field])]),
    ),
    // A consumer that is scaled to zero has nobody to share a load.
    ...(pools === undefined ? {} : { instances: Math.max(1, pools.instances), fairShare: pools.size }),
  } as unknown as LoadInput
  try {
    const result = connectionsForLoad(input)
    return {
      load: {
        result,
        pools,
        percentile: input.percentile ?? 99,
        maxWaitMs: input.maxWaitMs,
        points: pointsOf(input, result),
      },
    }
  } catch (error) {
    if (!(error instanceof PoolConfigError)) throw error
    return { issues: error.issues }
  }
}

/** A text that is no number goes on as it is, so that its reader says so. */
const number = (text: string): number | string =>
  Number.isFinite(Number(text)) ? Number(text) : text.slice(0, 40)

/** The waits around what is needed, from the first size that is enough for the work to the safe one. */
function pointsOf(input: LoadInput, { demand, busy }: ConnectionsForLoad): LoadPoint[] {
  const first = Math.floor(busy) + 1
  const last = Math.min(10_000, Math.max(demand, input.fairShare ?? 0) + 2)
  const step = Math.max(1, Math.ceil((last - first + 1) / MAX_POINTS))
  const points: LoadPoint[] = []
  for (let connections = first; connections <= last; connections += step) {
    // A burst that no size serves at once asks for more than this one, so that this one is what it waits with.
    const { waitMs } = connectionsForLoad({
      ...input,
      maxWaitMs: 0,
      burst: connections + 1,
      fairShare: connections,
    })
    points.push({ connections, waitMs })
  }
  return points
}
