import type { Job } from "../schedule/job.ts"
import type { AutoConsumer, Fleet, SizedConsumer } from "./fleet.ts"
import type { OpenSize } from "./open-size.ts"
import type { OpenPooler } from "./pooler.ts"

/** A consumer whose pool size, or budget, may be open. */
export type OpenConsumer = OpenSizedConsumer | OpenAutoConsumer

/** A service whose pools have a size of their own, which may be open. */
export interface OpenSizedConsumer extends Omit<SizedConsumer, "poolSize">, OpenSize {}

/** A service whose pools share a budget. Without `budget` it is solved for, by `weight`. */
export interface OpenAutoConsumer extends Omit<AutoConsumer, "budget"> {
  readonly budget?: number
  /**
   * The share of each instance relative to the size of other open pools, 0.01 to 1,000 with at most two decimals. Where
   * `instances` is left out, the whole budget relative to them. Either `budget` or `weight` is required.
   */
  readonly weight?: number
  readonly min?: never
  readonly max?: never
}

/** A job whose pool size may be open. */
export type OpenJob = Omit<Job, "poolSize"> & OpenSize

/** A fleet with sizes to solve for. */
export interface OpenFleet<Name extends string = string>
  extends Omit<Fleet<Name>, "consumers" | "jobs" | "poolers"> {
  readonly consumers: { readonly [name in Name]: OpenConsumer }
  readonly jobs?: readonly OpenJob[]
  readonly poolers?: Readonly<Record<string, OpenPooler>>
  /**
   * The share of the usable slots that the steady total may fill, 0.01 to 1 with at most two decimals. 0.8, the alert
   * threshold, by default. During a deploy, all of them may be in use. 1 keeps none in reserve.
   */
  readonly fill?: number
}

/** {@link OpenFleet} for each of several servers; at least one. */
export interface OpenServers<
  Fleets extends Readonly<Record<string, OpenFleet>> = Readonly<Record<string, OpenFleet>>,
> {
  readonly servers: Fleets
}
