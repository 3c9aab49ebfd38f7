/**
 * Escapes all markup. GitHub looks for mentions, issues and addresses in the rendered text, which has no backslashes: a
 * zero-width space breaks them.
 */
export function escaped(text: string): string {
  return text
    .trim()
    .replace(/[\\`*_{}[\]<>#|~&$]/g, "\\$&")
    .replace(/^(\d*)([-+=.)])/, "$1\\$2")
    .replace(/[@#]|:(?=\/\/)|www(?=\.)|gh-(?=\d)/gi, "$&&#8203;")
}

/** Renders a block of code, with a fence that is longer than any within. */
export function fenced(code: string, language: string): string {
  const longest = Math.max(2, ...[...code.matchAll(/`+/g)].map(([run]) => run.length))
  const fence = "`".repeat(longest + 1)
  return `${fence}${language}\n${code}\n${fence}`
}
