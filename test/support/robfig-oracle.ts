// The rules of robfig/cron v3, which Kubernetes calls, as its parser.go and spec.go have them: sets of values are bits,
// and the highest bit says that a star was seen.

const STAR = 1n << 63n

interface Bounds {
  readonly min: number
  readonly max: number
  readonly names?: readonly string[]
}

const MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split(" ")
const DAYS = "sun mon tue wed thu fri sat".split(" ")

const BOUNDS: readonly Bounds[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
]

/** The bits of minute, hour, day of month, month and day of week; undefined if the library returns an error. */
export function robfigParse(spec: string): readonly bigint[] | undefined {
  const fields = spec.split(/\s+/).filter((field) => field !== "")
  if (fields.length !== 5) return undefined
  try {
    return BOUNDS.map((bounds, index) => getField(fields[index] ?? "", bounds))
  } catch {
    return undefined
  }
}

/** Whether a minute of a date matches. The month counts from 1, and Sunday is 0. */
export function robfigMatches(
  [minute = 0n, hour = 0n, dom = 0n, month = 0n, dow = 0n]: readonly bigint[],
  at: { minute: number; hour: number; day: number; month: number; weekday: number },
): boolean {
  if (!has(month, at.month) || !has(hour, at.hour) || !has(minute, at.minute)) return false
  const domMatch = has(dom, at.day)
  const dowMatch = has(dow, at.weekday)
  if ((dom & STAR) > 0n || (dow & STAR) > 0n) return domMatch && dowMatch
  return domMatch || dowMatch
}

const has = (bits: bigint, value: number) => ((1n << BigInt(value)) & bits) > 0n

function getField(field: string, bounds: Bounds): bigint {
  let bits = 0n
  for (const expr of field.split(",").filter((each) => each !== "")) bits |= getRange(expr, bounds)
  return bits
}

function getRange(expr: string, { min, max, names }: Bounds): bigint {
  const rangeAndStep = expr.split("/")
  const lowAndHigh = (rangeAndStep[0] ?? "").split("-")
  const isSingle = lowAndHigh.length === 1
  let extra = 0n
  let [start, end] = [min, max]
  if (lowAndHigh[0] === "*" || lowAndHigh[0] === "?") extra = STAR
  else {
    start = parseIntOrName(lowAndHigh[0] ?? "", names, min)
    if (lowAndHigh.length > 2) throw new Error("too many hyphens")
    end = isSingle ? start : parseIntOrName(lowAndHigh[1] ?? "", names, min)
  }
  let step = 1
  if (rangeAndStep.length > 2) throw new Error("too many slashes")
  if (rangeAndStep.length === 2) {
    step = mustParseInt(rangeAndStep[1] ?? "")
    if (isSingle) end = max
    if (step > 1) extra = 0n
  }
  if (start < min || end > max || start > end || step === 0) throw new Error("out of bounds")
  let bits = extra
  for (let value = start; value <= end; value += step) bits |= 1n << BigInt(value)
  return bits
}

function parseIntOrName(expr: string, names: readonly string[] | undefined, min: number): number {
  const place = names?.indexOf(expr.toLowerCase()) ?? -1
  return place >= 0 ? place + min : mustParseInt(expr)
}

function mustParseInt(expr: string): number {
  if (!/^\d+$/.test(expr)) throw new Error("not a number")
  return Number(expr)
}
