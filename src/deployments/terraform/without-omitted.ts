import { field, isObject } from "../json-value.ts"

/** True for an attribute's expression; blocks are arrays of objects. A function of literals leaves an empty object. */
export const isExpression = (value: unknown): boolean =>
  isObject(value) &&
  (Array.isArray(value["references"]) ||
    Object.hasOwn(value, "constant_value") ||
    Object.keys(value).length === 0)

/** Environment blocks, which no provider fills in. */
const BLOCK = /^(env|environment|containers?|init_containers?|secret_reference|env_from|volumes?)$/

/** Blocks with variables of the Kubernetes provider, which it does not fill in either. */
const KUBERNETES_BLOCK =
  /^(config_map(_key)?_ref|secret(_key)?_ref|value_from|volume_mount|config_map|secret|projected|sources|csi|items)$/

/**
 * Further blocks that decide how many connect, of types that are read: a `dynamic` one whose number of blocks is not
 * known stands in no expression, as one does that the code omits, and that its provider fills in.
 */
const COUNTING_BLOCKS: readonly (readonly [type: RegExp, block: RegExp])[] = [
  [/^aws_(db|rds_cluster)_parameter_group$/, /^parameter$/],
  [/^aws_rds_cluster$/, /^serverlessv2_scaling_configuration$/],
  [/^aws_appautoscaling_scheduled_action$/, /^scalable_target_action$/],
  [/^aws_cloudwatch_event_target$/, /^(ecs_target|input_transformer)$/],
  [/^aws_scheduler_schedule$/, /^(target|ecs_parameters)$/],
  [/^aws_ecs_service$/, /^deployment_controller$/],
  [/^aws_ecs_task_definition$/, /^volume$/],
  [/^aws_lambda_function$/, /^(file_system_config|image_config|capacity_provider_config)$/],
  [/^aws_lambda_event_source_mapping$/, /^scaling_config$/],
  [/^aws_apprunner_service$/, /^(source_configuration|(image|code)_(repository|configuration)\w*)$/],
  [/^azurerm_container_app/, /^(template|secret|\w+_trigger_config|scale|volume_mounts)$/],
  [
    /^azurerm_(linux|windows)_(web|function)_app|^azurerm_function_app_/,
    /^(connection_string|storage_account|site_config)$/,
  ],
  [/^azurerm_monitor_autoscale_setting$/, /^(profile|capacity)$/],
  [
    /^google_cloud_run_/,
    /^(template|spec|volume_mounts|value_source|value_from|cloud_sql_instance|multi_region_settings)$/,
  ],
  [/^google_cloud_scheduler_job$/, /^(http_target|retry_config)$/],
  [/^google_sql_database_instance$/, /^database_flags$/],
  [/^scaleway_job_definition$/, /^(cron|retry_policy)$/],
  [/^digitalocean_app$/, /^(spec|service|worker|job|static_site|function|database|autoscaling|schedule)$/],
]

/** True if no provider fills in blocks of a name. */
const isStated = (name: string, type: string): boolean =>
  BLOCK.test(name) ||
  (type.startsWith("kubernetes_") && KUBERNETES_BLOCK.test(name)) ||
  COUNTING_BLOCKS.some(([ofType, block]) => ofType.test(type) && block.test(name))

/**
 * Removes from the unknown values those of attributes that the code omits: the provider fills these in.
 *
 * @param type the resource's type
 */
export function withoutOmitted(
  unknown: unknown,
  expressions: Readonly<Record<string, unknown>>,
  type: string,
): unknown {
  if (!isObject(unknown)) return unknown
  return Object.fromEntries(
    Object.entries(unknown).flatMap(([name, value]): [string, unknown][] => {
      const expression = field(expressions, name)
      // A `dynamic` block is not in the expressions: some of its values, or the number of blocks, are unknown.
      if (expression === undefined) return value === true && !isStated(name, type) ? [] : [[name, value]]
      const literal = field(expression, "constant_value")
      if (literal !== undefined) return [[name, statedIn(literal, value)]]
      return [[name, isExpression(expression) ? value : inBlocks(value, expression, type)]]
    }),
  )
}

/** Keeps the unknown values of a literal's own fields: the provider also fills in the fields that it omits. */
function statedIn(literal: unknown, unknown: unknown): unknown {
  if (Array.isArray(unknown) && Array.isArray(literal) && unknown.length === literal.length) {
    return unknown.map((value, index) => statedIn(literal[index], value))
  }
  if (!isObject(unknown) || !isObject(literal)) return unknown
  return Object.fromEntries(
    Object.entries(unknown)
      .filter(([name]) => Object.hasOwn(literal, name))
      .map(([name, value]) => [name, statedIn(literal[name], value)]),
  )
}

function inBlocks(unknown: unknown, blocks: unknown, type: string): unknown {
  if (Array.isArray(unknown) && Array.isArray(blocks) && unknown.length === blocks.length) {
    return unknown.map((value, index) => inBlocks(value, blocks[index], type))
  }
  const [only] = Array.isArray(blocks) && blocks.length === 1 ? blocks : [blocks]
  return isObject(only) ? withoutOmitted(unknown, only, type) : unknown
}
