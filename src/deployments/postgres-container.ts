/** The `max_connections` of a PostgreSQL container. */
export interface ContainerCeiling {
  /** Undefined if the document does not say. */
  readonly maxConnections: number | undefined
  /** The reason why it is undefined. */
  readonly reason?: string
  /** Set if it is the default of PostgreSQL, because nothing sets another. */
  readonly isDefault?: true
}

/** The default of PostgreSQL, and of its images. */
const DEFAULT_CONNECTIONS = 100

/** Images that run a PostgreSQL server, by the last part of their name. */
const SERVER_IMAGE =
  /^(postgres|postgresql|postgis|pgvector|timescaledb(-ha)?|postgresql-repmgr|alloydbomni|spilo-\d+|cloudnative-pg|cnpg-postgres)$/

/** `registry:5000/bitnami/postgresql:16@sha256:…` → `postgresql` */
export const imageName = (image: string): string =>
  (image.split("@")[0] ?? "").split("/").at(-1)?.split(":")[0]?.toLowerCase() ?? ""

export const isPostgresImage = (image: string): boolean =>
  SERVER_IMAGE.test(imageName(image)) || /(^|\/)supabase\/postgres(:|@|$)/.test(image)

/** True for an image of a pooler, which opens connections of its own. */
export const isPoolerImage = (image: string): boolean =>
  /^(pgbouncer|pgcat|odyssey|supavisor|pgpool|pgpool2)(-.*)?$/.test(imageName(image))

/** Variables by which images set it, each with the image that reads it. */
const VARIABLES = ["POSTGRESQL_MAX_CONNECTIONS", "POSTGRES_MAX_CONNECTIONS"]

/**
 * Reads the `max_connections` of a PostgreSQL container: from its command, then from its variables.
 *
 * @param command the arguments of its command
 * @param environment its variables; null for one that cannot be seen
 * @param hasConfiguration true if a file may configure it
 */
export function containerCeiling(
  command: readonly string[],
  environment: ReadonlyMap<string, string | null>,
  hasConfiguration: boolean,
): ContainerCeiling {
  const text = command.join(" ")
  const [, byName] =
    [...text.matchAll(/(?:^|\s|-c\s*|--)max[_-]connections[\s=]+["']?(\d{1,6})(?!\d)/g)].at(-1) ?? []
  const [, byLetter] = [...text.matchAll(/(?:^|\s)-N\s*(\d{1,6})(?!\d)/g)].at(-1) ?? []
  const stated = byName ?? byLetter
  if (stated !== undefined) return { maxConnections: Number(stated) }
  if (/max[_-]connections/.test(text))
    return unseen("its command sets max_connections to a value that cannot be seen")
  for (const name of VARIABLES) {
    const value = environment.get(name)
    if (value === undefined || value === "") continue
    return value !== null && /^[1-9]\d{0,5}$/.test(value)
      ? { maxConnections: Number(value) }
      : unseen(`its ${name} cannot be seen`)
  }
  if (hasConfiguration || /config[_-]file/.test(text))
    return unseen("a file that is mounted may set its max_connections")
  return { maxConnections: DEFAULT_CONNECTIONS, isDefault: true }
}

const unseen = (reason: string): ContainerCeiling => ({ maxConnections: undefined, reason })
