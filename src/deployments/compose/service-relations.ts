import type { ComposeService } from "./compose-service.ts"

/** What the services of a document say about each other, by name. */
export interface ServiceRelations {
  /** Services that others wait for until they have ended. */
  readonly awaited: ReadonlySet<string>
  /** Services that a program beside compose runs. */
  readonly provided: ReadonlySet<string>
  /** Further host names of services: `links: ["db:database"]`. */
  readonly aliases: ReadonlyMap<string, ReadonlySet<string>>
}

/** The condition under which a service waits until another has ended. */
const HAS_ENDED = "service_completed_successfully"

export function relationsOf(services: readonly ComposeService[]): ServiceRelations {
  const aliases = new Map<string, Set<string>>()
  for (const link of services.flatMap(({ links }) => links)) {
    const [service = "", alias] = link.split(":")
    if (alias === undefined) continue
    const known = aliases.get(service)
    if (known === undefined) aliases.set(service, new Set([alias]))
    else known.add(alias)
  }
  return {
    awaited: new Set(
      services.flatMap(({ dependencies }) =>
        dependencies.flatMap(([name, condition]) => (condition === HAS_ENDED ? [name] : [])),
      ),
    ),
    provided: new Set(services.flatMap(({ name, isProvided }) => (isProvided ? [name] : []))),
    aliases,
  }
}
