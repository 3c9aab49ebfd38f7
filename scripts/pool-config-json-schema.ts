// `docs/pool.config.schema.json`, from the schema that reads a declaration.
import * as z from "zod/mini"
import { fleetConfigSchema } from "../src/declaration/fleet-config-schema.ts"
import { alternativesOf, valuesOfEntries } from "../src/validation/schema.ts"

/** The JSON schema of a declaration, in draft 7, which every editor supports. */
export function poolConfigJsonSchema(): string {
  const { $schema, ...schema } = jsonSchemaOf(fleetConfigSchema)
  const titled = { $schema, title: "prisma-pool-config: a fleet and its PostgreSQL server", ...schema }
  return `${JSON.stringify(titled, null, 1)}\n`
}

const jsonSchemaOf = (schema: z.ZodMiniType) =>
  z.toJSONSchema(schema, {
    target: "draft-7",
    io: "input",
    // A field is a function that checks its own input.
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const values = valuesOfEntries.get(zodSchema)
      if (values !== undefined) Object.assign(jsonSchema, entriesOf(values))
      const alternatives = alternativesOf.get(zodSchema)
      if (alternatives !== undefined) Object.assign(jsonSchema, { anyOf: alternatives.map(partOf) })
      if (zodSchema._zod.def.type === "object") {
        const { shape } = (zodSchema as z.core.$ZodObject)._zod.def
        jsonSchema.additionalProperties = false
        jsonSchema.required = Object.keys(shape).filter((name) => isRequired(shape[name]))
        if (jsonSchema.required.length === 0) delete jsonSchema.required
      }
    },
  })

const entriesOf = (values: z.ZodMiniType) => ({
  type: "object",
  propertyNames: { type: "string", pattern: "\\S" },
  additionalProperties: partOf(values),
})

/** The JSON schema of a part, without the version that only the whole says. */
function partOf(schema: z.ZodMiniType) {
  const { $schema: _, ...part } = jsonSchemaOf(schema)
  return part
}

/** Tells whether a field is required by calling it: only the function knows if it has a default. */
const isRequired = (field: z.core.$ZodType | undefined) =>
  field !== undefined && !z.safeParse(field, undefined).success
