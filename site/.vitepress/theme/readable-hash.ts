/**
 * Escapes the fragment of the address where it cannot be decoded. VitePress decodes it before it shows anything, so that a
 * link that somebody has damaged would lead to an empty page.
 */
export function makeHashReadable(): void {
  const { hash } = location
  try {
    decodeURIComponent(hash)
  } catch {
    history.replaceState(history.state, "", hash.replaceAll("%", "%25"))
  }
}
