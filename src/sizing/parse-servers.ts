import { parse } from "../validation/parse.ts"
import { isPlain, ownField } from "../validation/plain-object.ts"
import { entries, object, rule } from "../validation/schema.ts"
import type { Fleet, Servers } from "./fleet.ts"
import type { OpenFleet, OpenServers } from "./open-fleet.ts"
import { fleetSchemas, type ParsedFleet, parsedFleet, parseFleet, type Sizes } from "./parse-fleet.ts"

/** One fleet, or one for each of several servers. */
export type ParsedFleets =
  | { readonly fleet: ParsedFleet }
  | { readonly servers: readonly (readonly [name: string, fleet: ParsedFleet])[] }

export const atLeastOneServer = rule<readonly unknown[]>(function* (servers) {
  if (servers.length === 0) yield { path: [], problem: "has no server", remedy: "Give at least one" }
})

const serversSchemas = {
  sized: object({ servers: entries(fleetSchemas.sized, {}, atLeastOneServer) }),
  open: object({ servers: entries(fleetSchemas.open, {}, atLeastOneServer) }),
}

/** Reads a fleet, or the fleet of each of the `servers`. */
export function parseFleets(input: Fleet | OpenFleet | Servers | OpenServers, sizes: Sizes): ParsedFleets {
  if (!isPlain(input) || ownField(input, "servers") === undefined) {
    return { fleet: parseFleet(input as Fleet, sizes) }
  }
  const { servers } = parse(serversSchemas[sizes], input, "fleet")
  const given = (input as unknown as Servers).servers
  return {
    servers: servers.map(([name, values]) => {
      return [name, parsedFleet(values, ownField(given, name) as Fleet, `servers.${name}`)]
    }),
  }
}
