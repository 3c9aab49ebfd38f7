import {
  deploymentsShape,
  hostsField,
  keysField,
  markersField,
  serverField,
} from "../deployments/deployment-options.ts"
import { ownersShape } from "../sizing/owners.ts"
import { openConsumerRule, openConsumerShape } from "../sizing/parse-consumers.ts"
import { openFleetShape, slotsRule } from "../sizing/parse-fleet.ts"
import { openJobsSchema } from "../sizing/parse-jobs.ts"
import { openPoolerShape, poolerRule } from "../sizing/parse-poolers.ts"
import { atLeastOneServer } from "../sizing/parse-servers.ts"
import { unknownField } from "../validation/plain-object.ts"
import { describe, entries, object, optional, rule } from "../validation/schema.ts"
import { stringField } from "../validation/text-fields.ts"
import type { FleetConfig, ServerFleet } from "./fleet-config.ts"

const consumer = object(
  {
    ...openConsumerShape,
    surge: describe(optional(openConsumerShape.surge), {
      description:
        "Extra instances during a deploy; by default as many as instances, reported as assumed. 0: the old ones stop first",
    }),
  },
  openConsumerRule,
)

const pooler = object(
  {
    ...openPoolerShape,
    surge: describe(optional(openPoolerShape.surge), {
      description:
        "Extra processes while the pooler is deployed; by default as many as instances, reported as assumed. 0: the old ones stop first",
    }),
    hosts: describe(optional(hostsField), {
      description: "Names and addresses that lead to it, without a port, where deployment documents are read",
    }),
  },
  poolerRule,
)

/** The ceiling and the consumers may come from a plan. Defaults stay unfilled, so that omitted fields are visible. */
const fleetShape = {
  ...openFleetShape,
  maxConnections: optional(openFleetShape.maxConnections),
  superuserReserved: optional(openFleetShape.superuserReserved),
  reservedConnections: optional(openFleetShape.reservedConnections),
  providerReserved: optional(openFleetShape.providerReserved),
  fill: optional(openFleetShape.fill),
  consumers: optional(entries(consumer, { description: "The services that open connections, by name" })),
  jobs: optional(describe(openJobsSchema, { description: "The jobs that a scheduler or a person starts" })),
  poolers: optional(
    entries(pooler, {
      description: "The poolers (PgBouncer) that consumers and jobs connect through, by name",
    }),
  ),
}

const tieShape = {
  hosts: describe(optional(hostsField), {
    description: "Names and addresses that lead to this server, without a port, where plans are read",
  }),
  keys: describe(optional(keysField), {
    description: "The variables whose URLs lead to this server, if the plans hide the URLs",
  }),
  markers: describe(optional(markersField), {
    description: "The markers that lead to this server, if the plans hide the hosts",
  }),
  server: describe(optional(serverField), {
    description: "Its address in the plans, if its hosts do not identify it",
  }),
}

const serverSchema = object(
  { ...fleetShape, ...tieShape } satisfies Record<keyof ServerFleet, unknown>,
  slotsRule,
)

const FLEET_FIELDS = Object.keys(fleetShape) as (keyof typeof fleetShape)[]

/** With `servers`, the fleet's own fields are not allowed: each server has its fleet. */
const noFleetBesideServers = rule<Readonly<Record<string, unknown>>>(function* (config) {
  if (config["servers"] === undefined) return
  for (const name of FLEET_FIELDS) {
    if (config[name] !== undefined) yield { path: [name], ...unknownField(["servers"]) }
  }
})

/** The schema of `pool.config.json`. */
export const fleetConfigSchema = object(
  {
    $schema: optional(stringField),
    ...fleetShape,
    applications: optional(ownersShape.applications),
    roles: optional(ownersShape.roles),
    servers: optional(
      entries(
        serverSchema,
        { description: "One fleet for each of several servers, in place of the others" },
        atLeastOneServer,
      ),
    ),
    deployments: optional(
      describe(object(deploymentsShape), {
        description:
          "How to read Terraform plans, Kubernetes manifests, compose files, Render Blueprints and app specs",
      }),
    ),
  } satisfies Record<keyof FleetConfig, unknown>,
  slotsRule,
  noFleetBesideServers,
)
