/** How often each kind of something happened. */
export type Counts = Record<string, number>

export function count(counts: Counts, kind: string, times = 1): void {
  counts[kind] = (counts[kind] ?? 0) + times
}
