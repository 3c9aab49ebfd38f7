import leven from "leven"
import { URL_ROWS } from "./url-values.ts"

/** `connectionTimeoutMillis`, `connection-timeout-millis` and `connection_timeout_millis` are one name. */
const plain = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, "")

/** The parameter that somebody may have meant who wrote `name`; undefined where none is near. */
export function closestParameter(name: string): string | undefined {
  const written = plain(name)
  let closest: string | undefined
  // A third of the name may be wrong: connection_timeout is three letters away from connect_timeout.
  let distance = Math.floor(written.length / 3) + 1
  for (const { parameter, alsoCalled = [] } of URL_ROWS) {
    for (const candidate of [parameter, ...alsoCalled]) {
      const letters = leven(written, plain(candidate), { maxDistance: distance })
      if (letters < distance) [closest, distance] = [parameter, letters]
    }
  }
  return closest
}
