/** One call of the command with one thing wrong, and a text by which its refusal names the place. */
export interface BadCall {
  readonly args: readonly string[]
  readonly place: string
  readonly files?: Readonly<Record<string, unknown>>
  readonly env?: Readonly<Record<string, string>>
}

/** Every value at every place. */
export const each = <Place, Value>(
  places: readonly Place[],
  values: readonly Value[],
  make: (place: Place, value: Value) => BadCall,
): readonly BadCall[] => places.flatMap((place) => values.map((value) => make(place, value)))

export const LONG = "9".repeat(5_000)
export const BLANK = ["", " ", "\n"]
/** No number of anything, in any notation that is taken. */
export const NO_NUMBERS = [
  "-1",
  "1.5",
  "NaN",
  "Infinity",
  "1e3",
  "١٥",
  "１５",
  "1\0",
  "1\n",
  "__proto__",
  LONG,
]
/** No word of a list, no share and no duration. */
export const NO_WORDS = [
  ...[...BLANK, "-1", "NaN", "1e3", "0x10", "\0", "a\nb"],
  ...[LONG, "__proto__", "constructor"],
]

/** What is not of a type, in JSON; null is left out, which stands for nothing in a plan. */
export const NOT_A = {
  number: ["", "15", true, [], {}, 1.005, -2, 1e12],
  count: ["x", true, [], {}, 1.5, -1],
  text: [15, true, [], {}],
  object: [15, "x", true, []],
  list: [15, "x", true, {}],
} as const

export type Kind = keyof typeof NOT_A

/** A copy of some JSON with another value at a path such as `consumers.api.instances` or `jobs[0].timeout`. */
export function withValue(json: unknown, path: string, value: unknown): unknown {
  const root = { json: structuredClone(json) }
  const keys = ["json", ...path.split(/[.[\]]+/).filter((key) => key !== "")]
  let within: Record<string, unknown> = root
  for (const [index, key] of keys.slice(0, -1).entries()) {
    within[key] ??= /^\d+$/.test(keys[index + 1] ?? "") ? [] : {}
    within = within[key] as Record<string, unknown>
  }
  within[keys.at(-1) ?? ""] = value
  return root.json
}

/** `a.b` and `a.c` of `a.` and `b c`. */
export const paths = (parent: string, names: string): readonly string[] =>
  names.split(" ").map((name) => parent + name)

const bytes = (text: string, encoding: BufferEncoding) => new Uint8Array(Buffer.from(text, encoding))

/** What is no JSON at all, and JSON that is broken or cut off: at the end, in the middle of a letter, anywhere. */
export function brokenJson(text: string): readonly (string | Uint8Array)[] {
  const utf16 = bytes(`\ufeff${text}`, "utf16le")
  const cut = Array.from({ length: 40 }, (_, index) =>
    text.slice(0, Math.floor((text.length * (index + 0.5)) / 40)),
  )
  return [
    ...[...BLANK, "\ufeff", "\0", "{", "[", '"', "nul", "NaN", "{'a': 1}", "{,}", '{"a":1,}', '{"a":1} x'],
    ...['{"a":1} // why', "<html></html>", "resource {}", "a: 1", '{"@level":"info"}\n{"@level":"info"}'],
    ...["PK\u0003\u0004", "\u001f\u008b", "[".repeat(99_999)],
    ...[utf16.slice(0, -1), utf16.slice(0, 999), bytes(text, "utf16le")],
    ...cut,
  ]
}
