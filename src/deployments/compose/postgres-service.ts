import type { FoundServer } from "../ceiling.ts"
import { type ContainerStart, containerCeiling, isPostgres } from "../postgres-container.ts"
import type { ComposeService } from "./compose-service.ts"

/** Tells whether a service is a PostgreSQL server. */
export const isPostgresService = (service: ComposeService): boolean => isPostgres(startOf(service))

/**
 * Reads the ceiling and the names of a PostgreSQL server.
 *
 * @param localHosts its names in the networks of its file
 */
export function foundServer(service: ComposeService, localHosts: readonly string[]): FoundServer {
  const { address, ownAddress } = service
  return {
    address,
    names: [address, ownAddress],
    nodeType: undefined,
    documented: undefined,
    // Another file may have a service of the same name; a name with a domain is the same everywhere.
    hosts: [address, ...localHosts.filter((host) => host.includes("."))],
    localHosts,
    ...containerCeiling(startOf(service)),
  }
}

const startOf = ({ image, command, environment, mounts }: ComposeService): ContainerStart => ({
  image,
  command,
  environment: new Map(
    environment.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  ),
  mounts: mounts.map(({ target }) => target),
})
