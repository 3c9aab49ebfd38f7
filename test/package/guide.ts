// A page that takes a project from one state to another: its code blocks are edits, new files, commands and outputs.

/** A code block of a page. */
export interface Block {
  /** The heading under which it stands. */
  readonly heading: string
  readonly language: string
  /** The file in its first line; undefined of a command and of an output. */
  readonly file: string | undefined
  /** Without the line that names the file. */
  readonly text: string
}

/** The blocks below a heading of the second level, in order. */
export function blocksBelow(page: string, title: string): Block[] {
  const sections = page.split(/^## /m).filter((section) => section.startsWith(`${title}\n`))
  const [section] = sections
  if (section === undefined || sections.length > 1) throw new Error(`no single section "${title}"`)
  let heading = title
  return [...section.matchAll(/^### ([^\n]+)$|^```(\w+)\n(.*?)^```$/gms)].flatMap((match) => {
    const [, subheading, language, code = ""] = match
    if (language === undefined) {
      heading = subheading ?? heading
      return []
    }
    const [named = "", file] = /^ ?(?:\/\/|#) (\S*\.\S+)\n/.exec(code) ?? []
    return [{ heading, language, file, text: code.slice(named.length) }]
  })
}

/**
 * Applies an edit to the text of its file. The lines that it shows of the old text, context included, must be there
 * in that order, next to each other, once.
 */
export function applyEdit(old: string, { file, text }: Block): string {
  const lines = text.trimEnd().split("\n")
  const strange = lines.filter((line) => !/^[ +-]/.test(line))
  if (strange.length > 0) throw new Error(`${file}: neither kept, nor removed, nor added: ${strange.join()}`)
  const side = (signs: string) =>
    lines.flatMap((line) => (signs.includes(line.charAt(0)) ? `${line.slice(1)}\n` : [])).join("")
  const parts = `\n${old}`.split(`\n${side(" -")}`)
  const [before, after] = parts
  if (before === undefined || after === undefined || parts.length > 2)
    throw new Error(`${file} has ${parts.length - 1} times:\n${side(" -")}`)
  return `${before}\n${side(" +")}${after}`.slice(1)
}
