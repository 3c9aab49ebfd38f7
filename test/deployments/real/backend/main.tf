variable "url" {
  type = string
}

module "admin" {
  source = "./admin"
  url    = var.url
}

resource "terraform_data" "container_api" {
  count = 2
  input = {
    namespace_id          = "none"
    max_scale             = 2
    environment_variables = { DATABASE_URL_CORE = "${var.url}?connection_limit=${count.index + 1}" }
  }
}
