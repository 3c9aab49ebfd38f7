/** Writes ascending values in cron's notation: up to two as a list, more as a range. */
export function writeRun(
  values: readonly number[],
  step: number,
  name: (value: number) => string,
): readonly string[] {
  const [first, last] = [values[0], values.at(-1)]
  if (values.length < 3 || first === undefined || last === undefined) return values.map(name)
  return [`${name(first)}-${name(last)}${step === 1 ? "" : `/${step}`}`]
}
