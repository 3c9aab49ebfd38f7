/** Returns the name, or with a number the first that no other has: `job`, `job-2`; `a-2.json`. */
export function freeName(name: string, others: readonly { readonly name: string }[]): string {
  const taken = new Set(others.map((other) => other.name))
  if (!taken.has(name)) return name
  const [, stem = name, extension = ""] = /^(.+?)(\.[^.]*)?$/s.exec(name) ?? []
  for (let number = 2; ; number++) {
    const numbered = `${stem}-${number}${extension}`
    if (!taken.has(numbered)) return numbered
  }
}
