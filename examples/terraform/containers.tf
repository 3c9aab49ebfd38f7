# The database's ceiling, the API's scale and the pool size: the three numbers that decide.
resource "scaleway_rdb_instance" "main" {
  engine    = "PostgreSQL-15"
  node_type = "db-gp-s"
  password  = var.database_password
  settings  = { max_connections = "100" }

  # The host of DATABASE_URL_CORE: it tells that the URL leads to this server.
  private_network {
    pn_id  = var.private_network_id
    ip_net = "10.0.0.4/24"
  }
}

resource "scaleway_container_namespace" "main" {
  name = "production"
}

resource "scaleway_container" "api" {
  namespace_id = scaleway_container_namespace.main.id
  min_scale    = 1
  max_scale    = 1
  environment_variables = {
    "NODE_ENV"                = "production"
    "PRISMA_APPLICATION_NAME" = "api" # who holds the connections, in pg_stat_activity
    "PRISMA_POOL_SIZE_CORE"   = "15" # `prisma-pool plan` says how large it may be
    # Analytics is legacy: no pool setting
  }
  secret_environment_variables = {
    "DATABASE_URL_CORE" = var.database_url_core
    "JWT_SECRET"        = var.jwt_secret
  }
}

# Has no DATABASE_URL_CORE, and so is no consumer, however many instances there are.
resource "scaleway_container" "widget" {
  namespace_id                 = scaleway_container_namespace.main.id
  min_scale                    = 1
  max_scale                    = 4
  environment_variables        = { "API_URL" = "https://api.example.org" }
  secret_environment_variables = { "SENTRY_DSN" = var.sentry_dsn }
}
