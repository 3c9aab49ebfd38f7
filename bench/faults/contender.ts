import type { Load } from "../processes/requests.ts"
import type { Way } from "../processes/ways.ts"
import { WAYS } from "../storm/ways.ts"

/** Who suffers a fault: a way to configure a client, under a load. */
export interface Contender {
  /** As the tables name it. */
  readonly name: string
  readonly way: Way
  readonly load: Load
  /** The directory that its processes run in, where it is another one than the scenario's. */
  readonly project?: string
  readonly env?: Readonly<Record<string, string>>
}

export const planned = (load: Load): Contender => ({ name: WAYS.planned, way: "planned", load })

export const handWritten = (load: Load): Contender => ({ name: WAYS.handWritten, way: "handWritten", load })

/** This package before callers waited for room, beside the same peers. */
export const before = (load: Load, project: string): Contender => ({
  name: "this library, before",
  way: "planned",
  load,
  project,
})
