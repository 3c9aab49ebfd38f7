import { constant, created, refersTo, type StackResource } from "../../support/stack.ts"

/** A variable of the project on Vercel, with what the API is called. */
export const vercelVariable = (key: string) =>
  created(
    "vercel_project_environment_variable.api",
    { key, target: ["production"], sensitive: false, comment: "" },
    { project_id: true, team_id: true, value: true },
    {
      key: constant(key),
      project_id: refersTo("vercel_project.web.id"),
      value: refersTo("scaleway_container.api.domain_name"),
    },
  )

/** A frontend on Vercel that calls a container, with its names on Cloudflare and its monitors of Datadog. */
export const frontendParts = (): readonly StackResource[] => [
  created(
    "scaleway_container_domain.api",
    { hostname: "api.example.org" },
    { container_id: true, region: true, url: true },
    {
      container_id: refersTo("scaleway_container.api.id"),
      hostname: refersTo("cloudflare_dns_record.api.name"),
    },
  ),
  created(
    "vercel_project.web",
    {
      name: "web",
      framework: "nextjs",
      build_command: null,
      git_repository: { repo: "x/web", type: "github" },
      environment: [{ key: "NEXT_PUBLIC_SENTRY", value: "x", target: ["production"] }],
    },
    {
      auto_assign_custom_domains: true,
      environment: [{ id: true, git_branch: true, target: [false] }],
      git_repository: { production_branch: true },
      oidc_token_config: true,
      resource_config: true,
      serverless_function_region: true,
      team_id: true,
      vercel_authentication: true,
    },
    {
      name: constant("web"),
      environment: constant([{ key: "NEXT_PUBLIC_SENTRY", value: "x" }]),
      git_repository: constant({ repo: "x/web", type: "github" }),
    },
  ),
  vercelVariable("NEXT_PUBLIC_API_URL"),
  created(
    "vercel_project_domain.web",
    { domain: "example.org" },
    { project_id: true, team_id: true },
    { project_id: refersTo("vercel_project.web.id") },
  ),
  created(
    "cloudflare_dns_record.api",
    { name: "api", type: "CNAME", ttl: 1, proxied: false },
    { content: true, created_on: true, meta: true, modified_on: true, proxiable: true, zone_id: true },
    { zone_id: refersTo("var.zone_id"), content: refersTo("scaleway_container.api.domain_name") },
  ),
  created(
    "datadog_monitor.connections",
    {
      name: "Connections",
      type: "metric alert",
      query: "avg(last_5m):avg:postgresql.connections{*} > 80",
      message: "Postgres of DATABASE_URL_CORE",
    },
    { evaluation_delay: true, new_host_delay: true, on_missing_data: true },
    { query: constant("avg(last_5m):avg:postgresql.connections{*} > 80") },
  ),
  created(
    "vercel_project.admin",
    { name: "admin", framework: "vite", environment: [{ key: "VITE_API_URL", target: ["production"] }] },
    { environment: [{ id: true, value: true }], serverless_function_region: true, team_id: true },
    { name: constant("admin"), environment: refersTo("scaleway_container.api.domain_name") },
  ),
]
