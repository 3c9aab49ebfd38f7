/** The number of addresses in a line. */
const SHOWN = 5

/** Lists some addresses: the first of many, and how many more there are. */
export function listed(addresses: readonly string[]): string {
  const more = addresses.length > SHOWN ? [`and ${addresses.length - SHOWN} more`] : []
  return [...addresses.slice(0, SHOWN), ...more].join(", ")
}
