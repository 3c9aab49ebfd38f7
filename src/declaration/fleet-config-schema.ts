import * as z from "zod/mini"
import { startedByDeployRule } from "../deployments/terraform/read-options.ts"
import { consumerRules } from "../sizing/parse-consumers.ts"
import { fillRule, limitRules, reservedRule, serverRules } from "../sizing/parse-fleet.ts"
import { concurrentRule, jobRules, maxRunsRule, retriesRule } from "../sizing/parse-jobs.ts"
import { minRule, poolSizeRule, weightRule } from "../sizing/parse-size.ts"
import { type IntegerRule, MAX_POOL_SIZE, maxConnectionsRule } from "../validation/numbers.ts"

/** Texts for editors; what an error says is `schemaIssues`'. */
function about<Schema extends z.ZodMiniType>(schema: Schema, description: string): Schema {
  z.globalRegistry.add(schema, { description })
  return schema
}

const described = ({ description, default: whenAbsent }: IntegerRule) =>
  `${description[0]?.toUpperCase()}${description.slice(1)}${whenAbsent === undefined ? "" : `; ${whenAbsent} by default`}`

const whole = (rule: IntegerRule) =>
  about(z.int().check(z.minimum(rule.min), z.maximum(rule.max)), described(rule))

const hundredths = (rule: IntegerRule) =>
  about(z.number().check(z.minimum(rule.min), z.maximum(rule.max)), described(rule))

/** Every rule of a table as an optional field. */
function optional<Field extends string>(rules: Readonly<Record<Field, IntegerRule>>) {
  const fields = Object.entries<IntegerRule>(rules).map(([name, rule]) => [name, z.optional(whole(rule))])
  return Object.fromEntries(fields) as Record<Field, z.ZodMiniOptional<z.ZodMiniNumber<number>>>
}

const name = z.string().check(z.regex(/\S/))
const text = (description: string) => z.optional(about(z.string(), description))

const size = {
  ...optional({
    poolSize: poolSizeRule,
    min: minRule,
    max: {
      ...poolSizeRule,
      description: "the most connections in each pool, where the size is open",
      max: MAX_POOL_SIZE,
    },
  }),
  weight: z.optional(hundredths(weightRule)),
}

const timing = {
  schedule: text("Five cron fields as in crontab(5); without one the job is started on demand"),
  timezone: text("The IANA name of the zone that the schedule is read in; UTC by default"),
  timeout: text(
    'When the platform ends one attempt, a Go duration such as "45m" or "1h30m0s"; 24h by default',
  ),
  duration: text("How long a run takes at most, in place of timeout × (1 + retries)"),
  ...optional({
    retries: retriesRule,
    maxRuns: maxRunsRule,
    concurrent: concurrentRule,
    replicas: jobRules.replicas,
  }),
}

const consumer = z.strictObject({
  ...optional(consumerRules),
  instances: whole(consumerRules.instances),
  surge: about(
    z.optional(whole(consumerRules.surge)),
    "Extra instances while a deploy rolls; by default as many as instances, named as assumed. 0: the old ones stop first",
  ),
  ...size,
})

const job = z.strictObject({
  name: about(name, "Any name but a blank one, once in a fleet"),
  poolsPerInstance: z.optional(whole(jobRules.poolsPerInstance)),
  ...timing,
  ...size,
})

const fleet = {
  maxConnections: z.optional(whole(maxConnectionsRule)),
  ...optional(serverRules),
  reserved: z.optional(
    about(
      z.record(name, whole(reservedRule)),
      "Connections that ordinary roles use outside the fleet, by name, without the superuser's",
    ),
  ),
  limits: z.optional(z.strictObject(optional(limitRules))),
  consumers: z.optional(about(z.record(name, consumer), "What opens connections, by name")),
  jobs: z.optional(about(z.array(job), "What a scheduler or a person starts")),
  fill: z.optional(hundredths(fillRule)),
}

const override = z.strictObject({
  reason: about(name, "Shown beside the value"),
  ...optional({ ...consumerRules, poolSize: poolSizeRule }),
  ...timing,
  ...optional({ startedByDeploy: startedByDeployRule }),
  schedule: z.optional(
    about(
      z.union([z.string(), z.array(z.string()).check(z.minLength(1))]),
      "Five cron fields as in crontab(5), or a list of them: each counts as a job of its own, with the same other fields",
    ),
  ),
})

const terraform = z.strictObject({
  keys: z.optional(
    about(z.array(name), "The variables that hold the database's URL; DATABASE_URL_CORE by default"),
  ),
  server: text("The address of the PostgreSQL server, where the plans have several"),
  hosts: z.optional(
    about(z.array(name), "Other names and addresses of that server, such as those of private DNS"),
  ),
  exclude: z.optional(
    about(z.record(name, name), "Resources that do not connect, by address, each with the reason"),
  ),
  override: z.optional(
    about(z.record(name, override), "What counts in place of what a resource says, by address"),
  ),
})

const tie = {
  hosts: z.optional(
    about(
      z.array(name),
      "Names and addresses that lead to this server, without a port, where plans are read",
    ),
  ),
  keys: z.optional(
    about(z.array(name), "The variables whose URLs lead to this server, where the plans hide these"),
  ),
  server: text("Its address in the plans, where that cannot be told by its hosts"),
}

/** The shape of `pool.config.json`; the calendar of a job and what belongs together are for the readers of a fleet. */
export const fleetConfigSchema = z.strictObject({
  $schema: z.optional(z.string()),
  ...fleet,
  applications: z.optional(
    about(
      z.record(name, name),
      "Whose connections an application's are, by its application_name, where that is not the name of a consumer, a job or something reserved; one that ends with * is for all that begin so",
    ),
  ),
  servers: z.optional(
    about(
      z.record(name, z.strictObject({ ...fleet, ...tie })),
      "One fleet for each of several servers, in place of the others",
    ),
  ),
  terraform: z.optional(about(terraform, "How to read a Terraform plan")),
})
