import { Attributes } from "../attributes.ts"
import {
  AFTER_APPLY,
  mapVariables,
  openVariables,
  overlay,
  PROCESSES,
  type ResourceEnvironment,
  SECRET_REFERENCE,
  union,
  variables as variablesOf,
  withCommand,
  withFiles,
} from "../environment.ts"
import type { Context } from "../platform.ts"

/**
 * Reads the environment of an app of App Service.
 *
 * @param isFunction true for an app of Functions, which may start several processes on each instance
 */
export function appEnvironment(
  attributes: Attributes,
  context: Context,
  isFunction: boolean,
): ResourceEnvironment {
  const settings = withoutReferences(mapVariables(attributes, "app_settings"))
  const strings = union(attributes.blocks("connection_string").map(connectionString))
  const files = attributes.blocks("storage_account").length > 0 ? ["a share"] : []
  const [site = new Attributes(undefined)] = attributes.blocks("site_config")
  const environment = withFiles(union([settings, strings]), files)
  return withCommand(
    isFunction ? withProcesses(environment) : environment,
    site,
    ["app_command_line"],
    context.variables,
  )
}

/** References to a vault or to App Configuration: `@Microsoft.KeyVault(SecretUri=…)`. */
const REFERENCE = /^\s*@Microsoft\.(KeyVault|AppConfiguration)\(/i

function withoutReferences({ values, hidden, mayHaveMore }: ResourceEnvironment): ResourceEnvironment {
  const entries = [...values].map(
    ([name, value]) => [name, REFERENCE.test(value) ? { unseen: SECRET_REFERENCE } : value] as const,
  )
  const read = variablesOf([...entries, ...[...hidden].map(([name, unseen]) => [name, { unseen }] as const)])
  return { ...read, mayHaveMore }
}

/** https://learn.microsoft.com/azure/app-service/reference-app-settings#variable-prefixes */
const PREFIXES: Readonly<Record<string, string>> = {
  Custom: "CUSTOMCONNSTR_",
  MySQL: "MYSQLCONNSTR_",
  PostgreSQL: "POSTGRESQLCONNSTR_",
  SQLAzure: "SQLAZURECONNSTR_",
  SQLServer: "SQLCONNSTR_",
}

function connectionString(block: Attributes): ResourceEnvironment {
  const name = block.text("name")
  if (name === undefined || block.isUnknown("name")) return openVariables(AFTER_APPLY)
  const variable = `${PREFIXES[block.text("type") ?? ""] ?? "CUSTOMCONNSTR_"}${name}`
  const value = block.text("value") ?? ""
  if (block.isUnknown("value")) return variablesOf([[variable, { unseen: AFTER_APPLY }]])
  return variablesOf([[variable, REFERENCE.test(value) ? { unseen: SECRET_REFERENCE } : value]])
}

/** The language workers of each instance, which are processes of their own. */
const WORKERS = "FUNCTIONS_WORKER_PROCESS_COUNT"

function withProcesses(environment: ResourceEnvironment): ResourceEnvironment {
  const count = environment.values.get(WORKERS)
  const unseen = environment.hidden.get(WORKERS)
  if (count !== undefined) return overlay([environment, variablesOf([[PROCESSES, count]])])
  return unseen === undefined ? environment : overlay([environment, variablesOf([[PROCESSES, { unseen }]])])
}
