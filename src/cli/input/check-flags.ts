import type { VerdictOptions } from "../../declaration/verdict.ts"
import { ALERT_PERCENT } from "../../sizing/alert-threshold.ts"
import type { Flag } from "./flag.ts"
import { FLEET_FLAGS, type FleetFlags } from "./fleet-flags.ts"
import type { BaseFlags } from "./relaxed-since-base.ts"

export interface CheckFlags extends FleetFlags, BaseFlags, VerdictOptions {
  readonly format: "text" | "json" | "markdown" | "github"
  /** Prints the link that opens the fleet in the calculator. */
  readonly link?: boolean
}

/** The flag for the format of what is printed; the first is the default. */
export const formatFlag = (...formats: readonly [string, ...string[]]): Flag => ({
  usage: "--format <format>",
  description: "the output format",
  choices: formats,
  default: formats[0],
})

/** The flags of `check`. */
export const CHECK_FLAGS: readonly Flag[] = [
  ...FLEET_FLAGS,
  formatFlag("text", "json", "markdown", "github"),
  {
    usage: "--deploy <verdict>",
    description: "the verdict if there are too many connections during a deploy",
    choices: ["fail", "warn"],
    default: "fail",
  },
  {
    usage: "--strict",
    description: `fail above the alert threshold too, ${ALERT_PERCENT} % of the usable slots`,
  },
  {
    usage: "--base <file>",
    description:
      "the declaration of the base branch, - if it has none: exit 1 for every change that relaxes the check",
  },
  {
    usage: "--base-baseline <file>",
    description: "the pool.baseline.json of the base branch, if it has one",
  },
  {
    usage: "--accept",
    description: "list what is relaxed since --base, but exit with the code of the verdict",
  },
  {
    usage: "--link",
    description:
      "end with the link that opens the fleet in the calculator: its sizes and names, and nothing else",
  },
]
