import { isPoolerImage } from "../container-images.ts"
import { presence, type ResourceEnvironment } from "../environment.ts"
import { type Findings, uncounted } from "../findings.ts"
import type { PoolQuery } from "../resource-pool.ts"
import { usualMarker } from "../unmarked-addresses.ts"
import type { Component } from "./app.ts"
import { boundTo } from "./app-databases.ts"

/** True for a connection pooler, which is a component like any other: only its image, its code or its name tells. */
export function isPooler({ kind, name, attributes }: Component): boolean {
  if (kind !== "service" && kind !== "worker") return false
  const sources = [
    name,
    ...attributes.blocks("image").map((image) => image.text("repository")),
    ...["github", "gitlab", "bitbucket"].flatMap((from) =>
      attributes.blocks(from).map((code) => code.text("repo")),
    ),
    ...attributes.blocks("git").map((code) => code.text("repo_clone_url")?.replace(/\.git$/, "")),
  ]
  return sources.some((source) => source !== undefined && isPoolerImage(source))
}

/** Records a connection pooler: what it opens on the server is not in the spec. */
export function notePooler(address: string, { unknowns }: Findings): void {
  unknowns.push(
    uncounted(address, "is a connection pooler, and the spec does not show how many connections it opens"),
  )
}

/** Records a component that has only parts of a database's address: it connects, and its pool is not known. */
export function noteParts(
  address: string,
  { own, app }: Component,
  environment: ResourceEnvironment,
  { leading, servers }: PoolQuery,
  { unknowns }: Findings,
): void {
  // What has a usual name is recorded for all formats, if its port is seen to be the database's.
  const marker = usualMarker(environment)
  if (marker !== undefined && servers.otherMarker(marker, environment) === "here") return
  if (leading.some((key) => presence(environment, key) !== "absent")) return
  const texts = [...app.shared.entries, ...own.entries].flatMap(({ key, attributes }) => {
    const value = attributes.get("value")
    return environment.values.has(key) && typeof value === "string" ? [value] : []
  })
  const bound = (database: string, part: string) =>
    texts.some((text) => new RegExp(`\\$\\{\\s*${database}\\.(\\w[\\w-]*\\.)?${part}\\s*\\}`).test(text))
  const names = app.databases.filter(
    (database) =>
      database.isPostgres &&
      /^[\w-]+$/.test(database.name) &&
      bound(database.name, "(PRIVATE_)?HOSTNAME") &&
      !bound(database.name, "DATABASE_(PRIVATE_)?URL") &&
      servers.otherUrl(boundTo(database, "DATABASE_URL")) !== "elsewhere",
  )
  if (names.length === 0) return
  const listed = names.map(({ name }) => name).join(", ")
  unknowns.push(uncounted(address, `has the address of ${listed} in parts, and no counted variable`))
}
