import { readFileSync } from "node:fs"

const TYPES: Readonly<Record<string, string>> = {
  container: "scaleway_container",
  job: "scaleway_job_definition",
  namespace: "scaleway_container_namespace",
  server: "scaleway_rdb_instance",
}

const KIND = /^(container|job|namespace|server)_(.+)$/

type Json = Record<string, unknown>

/**
 * What the real Terraform printed, with each terraform_data as the resource that its name says, and its input as the
 * attributes. Nothing else of it is touched.
 */
export function realPlan(name: "created" | "state" | "changed" | "refreshed"): unknown {
  const text = readFileSync(new URL(`${name}.json`, import.meta.url), "utf8")
  const addressed = text.replaceAll(
    /terraform_data\.(container|job|namespace|server)_/g,
    (_, kind: string) => `${TYPES[kind]}.`,
  )
  // Where there is no namespace: the attributes of one type are the same in all of them.
  const isNone = (key: string, value: unknown) => key === "namespace_id" && value === "none"
  return JSON.parse(addressed, (key, value: unknown) =>
    isNone(key, value) ? undefined : isOurs(value) ? lifted(value) : value,
  )
}

const isOurs = (value: unknown): value is Json & { readonly name: string } =>
  typeof value === "object" &&
  value !== null &&
  "type" in value &&
  value.type === "terraform_data" &&
  "name" in value &&
  KIND.test(String(value.name))

function lifted(resource: Json & { readonly name: string }): Json {
  const [, kind = "", name = ""] = KIND.exec(resource.name) ?? []
  const change = resource["change"] as Json | undefined
  const expressions = resource["expressions"] as Json | undefined
  return {
    ...resource,
    type: TYPES[kind],
    name,
    ...("values" in resource ? { values: attributes(resource["values"]) } : {}),
    ...(change === undefined
      ? {}
      : {
          change: {
            ...change,
            before: attributes(change["before"]),
            after: attributes(change["after"]),
            after_unknown: attributes(change["after_unknown"]),
          },
        }),
    // Of an expression within the input, the code has only what all of the input refers to.
    ...(expressions === undefined
      ? {}
      : { expressions: { ...attributesOfCode(kind, expressions["input"]) } }),
  }
}

function attributes(values: unknown): unknown {
  if (typeof values !== "object" || values === null) return values
  const { id, input } = values as { readonly id?: unknown; readonly input?: object }
  return { ...(id === undefined ? {} : { id }), ...input }
}

const attributesOfCode = (kind: string, input: unknown): Json =>
  kind === "container"
    ? {
        namespace_id: input,
        environment_variables: input,
        secret_environment_variables: input,
        max_scale: input,
      }
    : {}
