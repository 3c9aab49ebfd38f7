import type { Platform } from "../platform.ts"
import { appParts } from "./digitalocean-app.ts"
import { CLUSTER, cluster, REPLICA, replica } from "./digitalocean-postgres.ts"

/**
 * Apps of App Platform, and managed PostgreSQL with its connection pools.
 *
 * https://registry.terraform.io/providers/digitalocean/digitalocean/latest/docs
 */
export const digitalOcean: Platform = {
  name: "DigitalOcean",
  workloads: {},
  parts: { digitalocean_app: appParts },
  notations: { digitalocean_app: "keyed" },
  servers: { [CLUSTER]: cluster, [REPLICA]: replica },
  starters: {},
  sharedEnvironments: [],
}
