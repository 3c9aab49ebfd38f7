import { type Destination, isTemplate, normalHost } from "./destination.ts"
import type { ResourceEnvironment } from "./environment.ts"

const HOST_NAME = /(^|_|PG)(HOST(NAME|ADDR)?|SERVER|ADDR(ESS)?|ENDPOINT)(?=_|$)/i

/** True if the value of a variable is a host, by the variable's name: `DB_HOST`, `PGHOST`. */
export const isHostVariable = (variable: string): boolean => HOST_NAME.test(variable)

/** A host, perhaps with a port, as the endpoint of RDS has it; an address of IPv6; the directory of a socket. */
const HOST_VALUE =
  /^(?:([^\s/@:,?#]+)(?::(\d{1,5}))?|\[?([0-9a-f]*:[0-9a-f:.]*:[0-9a-f:.]*)\]?|(\/[^\s,]*))$/i

const DEFAULT_PORT = "5432"

/** Returns the host and port that the parts of an address name; undefined if they cannot be seen. */
export function destinationOfParts(
  { values }: ResourceEnvironment,
  variable: string,
): Destination | undefined {
  if (!isHostVariable(variable)) return undefined
  const [, name, ownPort, address, socket] = HOST_VALUE.exec(values.get(variable)?.trim() ?? "") ?? []
  const host = name ?? address ?? socket
  if (host === undefined || isTemplate(host)) return undefined
  return { host: normalHost(host), port: Number(ownPort ?? portBeside(values, variable) ?? DEFAULT_PORT) }
}

/** The port of an address, in the variable beside its host: `DB_PORT`, `PGPORT`. */
function portBeside(values: ResourceEnvironment["values"], variable: string): string | undefined {
  const port = values.get(variable.replace(HOST_NAME, "$1PORT"))
  return port !== undefined && /^\d{1,5}$/.test(port) ? port : undefined
}

/** The default ports of other databases. */
const OTHER_PORTS: ReadonlySet<string> = new Set(["1433", "1521", "3306", "27017"])

const OTHER_ENGINE = /^(?:django\.db\.backends\.)?(mysql|mariadb|mongo|mssql|sqlserver|sqlite|oracle)/i

/** True if the variables beside a host say that another kind of database is there: `DB_TYPE=mysql`. */
export function isOfOtherEngine({ values }: ResourceEnvironment, variable: string): boolean {
  const beside = (name: string) => values.get(variable.replace(HOST_NAME, `$1${name}`)) ?? ""
  return (
    isHostVariable(variable) &&
    (OTHER_PORTS.has(beside("PORT")) ||
      ["TYPE", "CONNECTION", "CLIENT", "DIALECT", "ENGINE", "DRIVER"].some((name) =>
        OTHER_ENGINE.test(beside(name)),
      ))
  )
}
