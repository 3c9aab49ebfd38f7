import type { Row } from "../../src/cli/output/fleet-rows.ts"
import { ALERT_PERCENT } from "../../src/sizing/alert-threshold.ts"
import type { FleetCheck } from "../../src/sizing/index.ts"

/** The connections of one owner, as a part of the server's slots. */
export interface SlotPart {
  readonly name: string
  readonly connections: number
}

/** The slots of a server, and who takes them. */
export interface Slots {
  readonly maxConnections: number
  readonly usable: number
  /** Above it the steady total alerts. */
  readonly alertAbove: number
  readonly bars: readonly [steady: SlotBar, deploy: SlotBar]
}

export interface SlotBar {
  readonly name: "steady" | "in a deploy"
  readonly parts: readonly SlotPart[]
  readonly total: number
}

/** Divides the slots among the rows of the fleet's table. */
export function slotsOf(rows: readonly Row[], maxConnections: number, check: FleetCheck): Slots {
  const parts = (phase: "steady" | "deploy") =>
    rows
      .map((row): SlotPart => ({ name: row.name, connections: row[phase][1] }))
      .filter(({ connections }) => connections > 0)
  return {
    maxConnections,
    usable: check.usable,
    alertAbove: Math.floor((check.usable * ALERT_PERCENT) / 100),
    bars: [
      { name: "steady", parts: parts("steady"), total: check.total },
      { name: "in a deploy", parts: parts("deploy"), total: check.deploy.total },
    ],
  }
}
