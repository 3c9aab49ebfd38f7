import type { Placed } from "./collect-lines.ts"
import type { PgBouncerFile } from "./read-pgbouncer.ts"

type Settings = Pick<PgBouncerFile, "settings">
type SettingName = Parameters<PgBouncerFile["settings"]["get"]>[0]

/** Returns a number, or PgBouncer's own default. */
export function numberOf({ settings }: Settings, name: SettingName, standard: number): number {
  const value = settings.get(name)?.value
  return typeof value === "number" ? value : standard
}

/** Returns a text that is not empty. */
export function textOf({ settings }: Settings, name: SettingName): string | undefined {
  const value = settings.get(name)?.value
  return typeof value === "string" && value !== "" ? value : undefined
}

/** The name of a setting in a message: the line that it is from, or that it is left out. */
export function nameOf({ settings, ...file }: PgBouncerFile, name: SettingName): string {
  const own: Placed | undefined = settings.get(name)
  return `${own?.place ?? file.file}: ${name}`
}

/** PgBouncer's defaults of the settings that count in the sum. */
export const DEFAULTS = {
  default_pool_size: 20,
  reserve_pool_size: 0,
  max_db_connections: 0,
  max_user_connections: 0,
  max_client_conn: 100,
  max_db_client_connections: 0,
  max_user_client_connections: 0,
  listen_port: 6432,
  query_wait_timeout: 120,
  so_reuseport: 0,
} as const
