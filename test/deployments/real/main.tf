# What `terraform show -json` prints of this needs no provider: terraform_data has in its input what a resource of
# Scaleway has in its attributes, and real-plan.ts puts it there. Terraform 1.11.4 printed
#   created.json    of the plan, before anything was there
#   state.json      when that was applied
#   changed.json    of the plan with -var large=true, after that
#   refreshed.json  of the plan with -refresh-only, after that

variable "large" {
  type    = bool
  default = false
}

# Its id is known only after apply.
resource "terraform_data" "seed" {}

locals {
  url = "postgresql://app:hunter2@db.example.org:5432/core"
}

resource "terraform_data" "server_main" {
  input = {
    engine    = "PostgreSQL-15"
    node_type = "DB-GP-S"
    password  = sensitive("hunter2")
    settings  = { max_connections = "100" }
  }
}

resource "terraform_data" "namespace_main" {
  input = { environment_variables = { DATABASE_URL_CORE = local.url } }
}

# Has nothing of its own, and a namespace that is created with it.
resource "terraform_data" "container_inherits" {
  input = { namespace_id = terraform_data.namespace_main.id, max_scale = 1 }
}

# The variable is there, its value is not.
resource "terraform_data" "container_api" {
  triggers_replace = var.large
  input = {
    namespace_id                 = "none"
    max_scale                    = var.large ? 1 : 3
    environment_variables        = { NODE_ENV = "production", PRISMA_POOL_SIZE_CORE = "10" }
    secret_environment_variables = { DATABASE_URL_CORE = sensitive("${local.url}?application_name=${terraform_data.seed.id}") }
  }
}

# All of the map is unknown: nobody knows under which names.
resource "terraform_data" "container_perhaps" {
  input = {
    namespace_id          = "none"
    max_scale             = 1
    environment_variables = { for name in [terraform_data.seed.id] : "X_${name}" => name }
  }
}

resource "terraform_data" "container_widget" {
  count = var.large ? 0 : 1
  input = {
    namespace_id                 = "none"
    max_scale                    = 4
    environment_variables        = { API_URL = "https://api.example.org" }
    secret_environment_variables = { SENTRY_DSN = sensitive("hunter2") }
  }
}

resource "terraform_data" "container_none" {
  count = 0
  input = { environment_variables = { DATABASE_URL_CORE = local.url } }
}

resource "terraform_data" "job_sync" {
  for_each = { import = "0 3 * * *", "export]s" = "0 4 * * *" }
  input = {
    timeout          = "1h30m0s"
    cron             = [{ schedule = each.value, timezone = "Europe/Paris" }]
    env              = { PRISMA_POOL_SIZE_CORE = "5" }
    secret_reference = [{ secret_id = terraform_data.seed.id, environment = "DATABASE_URL_CORE", file = "" }]
  }
}

module "backend" {
  source   = "./backend"
  for_each = var.large ? {} : { eu = "fr-par" }
  url      = local.url
}
