/** True if an address matches a pattern with `*`, which stands for any text, in time proportional to both. */
export function matchesPattern(pattern: string, address: string): boolean {
  const [first = "", ...rest] = pattern.split("*")
  const last = rest.pop()
  if (last === undefined) return pattern === address
  if (!address.startsWith(first)) return false
  let at = first.length
  for (const part of rest) {
    const found = address.indexOf(part, at)
    if (found < 0) return false
    at = found + part.length
  }
  return address.length - last.length >= at && address.endsWith(last)
}
