variable "url" {
  type = string
}

resource "terraform_data" "container_admin" {
  input = {
    namespace_id          = "none"
    max_scale             = 1
    environment_variables = { DATABASE_URL_CORE = var.url }
  }
}
