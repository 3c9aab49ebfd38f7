import type { OffReason } from "./off-reason.ts"

/** What the size of a pool follows at this moment, or why it follows nothing. */
export type AutoState =
  | {
      /** Connections that this pool may hold by its last look. */
      readonly share: number
      /** Pools of the service that have a connection, this one included. */
      readonly instances: number
      /** Connections that all of them may hold together. */
      readonly budget: number
    }
  | { readonly off: OffReason }
