import { environmentLines, type VariableSizes } from "../../src/cli/output/environment-lines.ts"
import type { FleetBounds } from "../../src/declaration/fleet-bounds.ts"
import type { FleetConfig } from "../../src/declaration/fleet-config.ts"
import type { Fleet } from "../../src/sizing/index.ts"

/** A text to copy. */
export interface Copy {
  readonly name: ".env" | "pool.config.json" | "In code" | "In CI"
  readonly text: string
}

/** The schema of the package that is installed beside the declaration, for editors. */
const SCHEMA = "./node_modules/prisma-pool-config/docs/pool.config.schema.json"

/** Returns the texts to take from the calculator: each works as it stands. */
export const copiesOf = ({
  config,
  range,
  sizes,
  fleet,
}: {
  readonly config: FleetConfig
  readonly range: FleetBounds
  readonly sizes: VariableSizes
  /** With all of its sizes. */
  readonly fleet: Fleet
}): readonly Copy[] => [
  { name: ".env", text: environmentLines({ server: "", range, sizes }) },
  { name: "pool.config.json", text: `${json({ $schema: SCHEMA, ...config })}\n` },
  {
    name: "In code",
    text: `import { checkFleet } from "prisma-pool-config/sizing"\n\nconst { fits, deploy, nextSteps } = checkFleet(${json(fleet)})\n`,
  },
  { name: "In CI", text: "npx prisma-pool-config check --config pool.config.json\n" },
]

const json = (value: unknown): string => JSON.stringify(value, null, 2)
