import type { FleetBounds } from "../../declaration/fleet-bounds.ts"
import { label } from "../../error.ts"
import type { FleetSizing } from "../../sizing/index.ts"

/** The value for each pool's variable, by consumer and job. */
export type VariableSizes = readonly (readonly [name: string, size: number])[]

/** Returns the sizes of what has a variable for it. */
export const variableSizes = (
  sizeVariables: FleetBounds["sizeVariables"],
  { sizes, jobSizes }: Pick<FleetSizing, "sizes" | "jobSizes">,
): VariableSizes =>
  [...Object.entries(sizes), ...Object.entries(jobSizes)].filter(([name]) =>
    Object.hasOwn(sizeVariables, name),
  )

/** Writes the variable of each pool, below the name of its consumer. */
export function environmentLines({
  server,
  range: { sizeVariables },
  sizes,
}: {
  readonly server: string
  readonly range: Pick<FleetBounds, "sizeVariables">
  readonly sizes: VariableSizes
}): string {
  const of = server === "" ? "" : `${label(server)}: `
  return sizes.map(([name, size]) => `# ${of}${label(name)}\n${sizeVariables[name]}=${size}\n`).join("\n")
}
