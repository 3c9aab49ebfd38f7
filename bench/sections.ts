import { readFileSync, writeFileSync } from "node:fs"

/** Replaces what stands between `<!-- name:start -->` and `<!-- name:end -->` in a file. */
export function writeSection(file: URL, name: string, text: string): void {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`]
  const before = readFileSync(file, "utf8")
  const [from, to] = [before.indexOf(start), before.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`${file.pathname} has no ${start} … ${end}`)
  writeFileSync(file, `${before.slice(0, from + start.length)}\n${text}\n${before.slice(to)}`)
}
