import { isObject } from "./json-value.ts"
import type { Format } from "./reader.ts"

/** The marks of each format, with the words for it. */
const FORMATS: readonly {
  readonly format: Format
  readonly what: string
  readonly has: (json: Readonly<Record<string, unknown>>) => boolean
}[] = [
  { format: "terraform", what: "a Terraform plan", has: (json) => json["format_version"] !== undefined },
  {
    format: "kubernetes",
    what: "a Kubernetes manifest",
    has: (json) => typeof json["apiVersion"] === "string" && typeof json["kind"] === "string",
  },
  { format: "compose", what: "a compose file", has: (json) => isObject(json["services"]) },
  {
    format: "render",
    what: "a Render Blueprint",
    has: ({ services }) => Array.isArray(services) && services.some((each) => isObject(each) && each["type"]),
  },
  {
    format: "app-spec",
    what: "an app spec of DigitalOcean",
    has: (json) => isAppSpec(json) || (isObject(json["spec"]) && isAppSpec(json["spec"])),
  },
]

/** The fields at the top of an app spec. */
const OF_APPS = ["services", "workers", "jobs", "static_sites", "functions"]

const isAppSpec = (json: Readonly<Record<string, unknown>>): boolean =>
  typeof json["name"] === "string" && OF_APPS.some((name) => Array.isArray(json[name]))

/** Tells the format of a document by its marks; undefined if it looks like none. */
export const formatOf = (json: unknown): Format | undefined =>
  isObject(json) ? FORMATS.find(({ has }) => has(json))?.format : undefined

/** Says how to give a document that is in another format; undefined if it looks like none. */
export function remedyForOther(json: unknown, own: Format): string | undefined {
  if (!isObject(json)) return undefined
  const other = FORMATS.find(({ format, has }) => format !== own && has(json))
  return other && `This looks like ${other.what}: give it with --${other.format}`
}
