import { decoded } from "../../decoded.ts"

/**
 * Escapes the fragment of the address where it cannot be decoded. VitePress decodes it before it shows anything, so that a
 * link that somebody has damaged would lead to an empty page.
 */
export function makeHashReadable(): void {
  const { hash } = location
  // Its result is used: a call for its error alone is removed from the build.
  if (decoded(hash) === undefined) history.replaceState(history.state, "", hash.replaceAll("%", "%25"))
}
