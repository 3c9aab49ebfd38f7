/** A resource of a plan that a test makes, in the words of Terraform's JSON format. */
export interface PlannedResource {
  readonly address: string
  readonly values?: Readonly<Record<string, unknown>>
  /** What is known only after apply: the shape of the values, with true in it. */
  readonly unknown?: Readonly<Record<string, unknown>> | true
  readonly before?: Readonly<Record<string, unknown>> | null
  readonly actions?: readonly string[]
  readonly mode?: "managed" | "data"
  /** Further fields of its change. */
  readonly change?: Readonly<Record<string, unknown>>
}

const PROVIDER = "registry.terraform.io/scaleway/scaleway"

/** `module.a.module.b[0].type.name["key"]` taken apart. */
function parts(address: string) {
  const [, module = "", data = "", type = "", name = "", index] =
    /^((?:module\.[^.[]+(?:\[[^\]]+\])?\.)*)(data\.)?([^.]+)\.([^.[]+)(?:\[(.+)\])?$/.exec(address) ?? []
  return {
    module: module.replace(/\.$/, ""),
    mode: data ? "data" : "managed",
    type,
    name,
    ...(index === undefined ? {} : { index: JSON.parse(index) as string | number }),
  }
}

const identity = ({ address }: PlannedResource) => {
  const { module: _, ...own } = parts(address)
  return { address, ...own, provider_name: PROVIDER }
}

/** A module tree of resources, as `planned_values` and a state's `values` have it. */
function tree(resources: readonly PlannedResource[], module = ""): object {
  const own = resources.filter((resource) => parts(resource.address).module === module)
  const depth = module === "" ? 1 : module.split(/\.(?=module\.)/).length + 1
  const children = new Set(
    resources
      .map((resource) => parts(resource.address).module.split(/\.(?=module\.)/))
      .filter((path) => path[0] !== "" && path.length >= depth)
      .map((path) => path.slice(0, depth).join("."))
      .filter((path) => module === "" || path.startsWith(`${module}.`)),
  )
  return {
    ...(module === "" ? {} : { address: module }),
    resources: own.map((resource) => ({
      ...identity(resource),
      schema_version: 1,
      values: resource.values ?? {},
      sensitive_values: {},
    })),
    ...(children.size === 0 ? {} : { child_modules: [...children].map((child) => tree(resources, child)) }),
  }
}

/** A plan, as `terraform show -json` prints it, with fields of its own on top. */
export function plan(resources: readonly PlannedResource[], fields: Readonly<Record<string, unknown>> = {}) {
  const stays = resources.filter(({ values, mode }) => values !== undefined && mode !== "data")
  return {
    format_version: "1.2",
    terraform_version: "1.14.3",
    planned_values: { outputs: {}, root_module: tree(stays) },
    resource_changes: resources
      .filter(({ mode }) => mode !== "data")
      .map((resource) => ({
        ...identity(resource),
        ...(parts(resource.address).module === "" ? {} : { module_address: parts(resource.address).module }),
        ...resource.change,
        change: {
          actions: resource.actions ?? (resource.before ? ["update"] : ["create"]),
          before: resource.before ?? null,
          after: resource.values ?? null,
          after_unknown: resource.unknown ?? {},
          before_sensitive: {},
          after_sensitive: {},
        },
      })),
    prior_state: {
      format_version: "1.0",
      values: { root_module: tree(resources.filter(({ mode }) => mode === "data")) },
    },
    configuration: { root_module: {} },
    timestamp: "2026-11-24T00:00:00Z",
    applyable: true,
    complete: true,
    errored: false,
    ...fields,
  }
}

/** A state, as `terraform show -json` prints it. */
export function state(resources: readonly PlannedResource[]) {
  return {
    format_version: "1.0",
    terraform_version: "1.14.3",
    values: { root_module: tree(resources) },
  }
}
