// `docs/pool.config.schema.json`, from the schema that reads a declaration.
import * as z from "zod/mini"
import { fleetConfigSchema } from "../src/declaration/fleet-config-schema.ts"

/** In draft 7, which every editor knows. */
export function poolConfigJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(fleetConfigSchema, {
    target: "draft-7",
    io: "input",
    reused: "ref",
  })
  const titled = { $schema, title: "prisma-pool-config: a fleet and its PostgreSQL server", ...schema }
  return `${JSON.stringify(titled, null, 1)}\n`
}
