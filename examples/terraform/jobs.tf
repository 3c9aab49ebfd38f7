locals {
  jobs = {
    "letudiant"       = { schedule = "0 1 * * *",    timeout = "45m" }
    "talent"          = { schedule = "0 2 * * *",    timeout = "45m" }
    "import-missions" = { schedule = "0 3 * * *",    timeout = "1h30m0s" }
    "export-stats"    = { schedule = "0 4 * * *",    timeout = "45m" }
    "linkedin"        = { schedule = "0 5 * * *",    timeout = "30m" }
    "leboncoin"       = { schedule = "0 6 * * *",    timeout = "30m" }
    "kpi"             = { schedule = "0 7 * * *",    timeout = "20m" }
    "metabase-sync"   = { schedule = "0 8 * * *",    timeout = "20m" }
    "moderation"      = { schedule = "0 9 * * *",    timeout = "45m" }
    "brevo"           = { schedule = "0 10 * * *",   timeout = "30m" }
    "contacts"        = { schedule = "0 11 * * *",   timeout = "30m" }
    "reports"         = { schedule = "0 12 * * 1",   timeout = "45m" }
    "archive"         = { schedule = "0 13 1 * *",   timeout = "45m" }
    "geocoding"       = { schedule = "0 14 * * *",   timeout = "45m" }
    "cleanup"         = { schedule = "0 15 * * 0",   timeout = "45m" }
  }
}

resource "scaleway_job_definition" "jobs" {
  for_each = local.jobs
  name     = each.key
  timeout  = each.value.timeout

  cron {
    schedule = each.value.schedule
    timezone = "Europe/Paris"
  }

  env = {
    "PRISMA_APPLICATION_NAME" = each.key
    "PRISMA_POOL_SIZE_CORE"   = "10"
    "DATABASE_URL_CORE"       = var.database_url_core
  }
}
