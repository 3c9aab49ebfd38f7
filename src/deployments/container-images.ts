// Images by what runs in them. A name is the last part of the repository: `docker.io/bitnami/postgresql:16` is `postgresql`.

/** The name of an image, without registry, organisation, tag and digest. */
export const imageName = (image: string): string =>
  (image.split("@")[0] ?? "").split("/").at(-1)?.split(":")[0]?.toLowerCase() ?? ""

/** Images that start a PostgreSQL server unless their command says otherwise. */
const POSTGRES: ReadonlySet<string> = new Set([
  "postgres",
  "postgresql",
  "postgresql-repmgr",
  "postgis",
  "pgvector",
  "pgvecto-rs",
  "vchord-postgres",
  "timescaledb",
  "timescaledb-ha",
  "paradedb",
  "citus",
  "alloydbomni",
  "cloudnative-pg",
  "spilo",
])

/**
 * Supabase's image has the organisation's name. Spilo's has the version in its name: `spilo-17`. So have Red Hat's, some
 * with the system: `postgresql-15-c9s`.
 */
export const isPostgresImage = (image: string): boolean =>
  POSTGRES.has(imageName(image).replace(VERSION, "")) || /(^|\/)supabase\/postgres(:|@|$)/.test(image)

const VERSION = /-\d+(-(c\d+s|(el|rhel|centos)\d+))?$/

export const isBitnami = (image: string): boolean => /(^|\/)bitnami[^/]*\//i.test(image)

/** Bitnami's and Red Hat's images read the ceiling from a variable. */
export const readsMaxConnections = (image: string): boolean =>
  isBitnami(image) || /^postgresql-\d/.test(imageName(image))

/** Images of connection poolers, which open connections of their own. */
const POOLER = /pgbouncer|pgcat|pgpool|pgdog|odyssey|supavisor/

export const isPoolerImage = (image: string): boolean =>
  POOLER.test(imageName(image)) && !imageName(image).includes("exporter")

/** Images of programs that read no database's variable from their files, by Docker's official names. */
const INERT: ReadonlySet<string> = new Set([
  "adminer",
  "caddy",
  "eclipse-mosquitto",
  "elasticsearch",
  "fluentd",
  "haproxy",
  "httpd",
  "kibana",
  "logstash",
  "mariadb",
  "memcached",
  "mongo",
  "mysql",
  "nats",
  "nginx",
  "rabbitmq",
  "redis",
  "registry",
  "traefik",
  "varnish",
  "zookeeper",
])

/** Organisations with such images alone. */
const INERT_ORGANISATIONS: ReadonlySet<string> = new Set([
  "axllent",
  "cadvisor",
  "clickhouse",
  "confluentinc",
  "elasticsearch",
  "envoyproxy",
  "fluent",
  "grafana",
  "jaegertracing",
  "kibana",
  "localstack",
  "mailhog",
  "minio",
  "nginxinc",
  "opensearchproject",
  "openzipkin",
  "otel",
  "prom",
  "prometheus",
  "redis",
  "valkey",
])

/** Repackagers of the official programs. */
const REPACKAGERS: ReadonlySet<string> = new Set(["library", "bitnami", "bitnamilegacy"])

/** Registries for everybody. In any other, an image of a known name may be something of one's own. */
const PUBLIC =
  /^(docker\.io|index\.docker\.io|ghcr\.io|quay\.io|gcr\.io|registry\.k8s\.io|docker\.elastic\.co|public\.ecr\.aws)\//

export function isInertImage(image: string): boolean {
  const [organisation = "", ...rest] = image.replace(PUBLIC, "").split("/")
  const name = imageName(image)
  if (rest.length === 0) return INERT.has(name)
  if (rest.length > 1) return false
  return INERT_ORGANISATIONS.has(organisation) || (REPACKAGERS.has(organisation) && INERT.has(name))
}
