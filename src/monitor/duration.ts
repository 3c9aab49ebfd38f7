/** Renders a duration for people: `12 s`, `3 min`, `2 h`, `5 d`. */
export function duration(seconds: number | undefined): string {
  if (seconds === undefined) return ""
  if (seconds < 100) return `${Math.round(seconds)} s`
  if (seconds < 6_000) return `${Math.round(seconds / 60)} min`
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`
  return `${Math.round(seconds / 86_400)} d`
}
