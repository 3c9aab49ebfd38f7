import { parseUrlText } from "../../config/parse-database-url.ts"
import { isPostgresUrl, plainUrl } from "../destination.ts"
import { presence, type ResourceEnvironment } from "../environment.ts"

/** A value that another tool replaces before the pod starts. */
const PLACEHOLDER =
  /^(vault:|ref\+|<path:|secret:|op:\/\/|doppler:|berglas:|sm:\/\/|arn:aws:|gcp:secretmanager:|azurekeyvault@)|\{\{/

/** The variables that the kubelet adds for each Service: `DB_SERVICE_HOST`, `DB_PORT_5432_TCP_ADDR`. */
const OF_SERVICE = /^[A-Z][A-Z0-9_]*_(SERVICE_(HOST|PORT(_[A-Z0-9_]+)?)|PORT(_\d+_\w+)?)$/

/**
 * Expands `$(NAME)` of variables defined before. A part that cannot be seen stays as it is, if it is one that a pool's
 * size does not depend on: the user, the password, the host or the database of a URL.
 */
export function expanded(text: string, before: ResourceEnvironment): string | { readonly unseen: string } {
  if (PLACEHOLDER.test(text)) return { unseen: "a placeholder that another tool replaces" }
  let isHidden = false
  const value = text.replace(/\$(\$|\(([^()]*)\))/g, (whole, dollar: string, name: string | undefined) => {
    // `$$` is `$`, and keeps `$$(NAME)` as text.
    if (dollar === "$") return "$"
    const known = before.values.get(name ?? "")
    if (known !== undefined) return known
    if (presence(before, name ?? "") !== "absent" || OF_SERVICE.test(name ?? "")) isHidden = true
    return whole
  })
  if (!isHidden) return value
  return isReadable(value) ? value : { unseen: "made of a variable that cannot be seen" }
}

/** True for a URL whose parameters can all be seen. At its end, a hidden part may have some. */
function isReadable(url: string): boolean {
  const [location = ""] = url.split("?", 1)
  const query = url.slice(location.length)
  const isOpen = query === "" ? url.endsWith(")") : query.includes("$(")
  return isPostgresUrl(location) && !isOpen && parseUrlText(plainUrl(url)).url !== undefined
}
