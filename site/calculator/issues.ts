import type { PoolConfigIssue } from "../../src/error.ts"

/** What is wrong with each field, by its dotted path. */
export type Issues = ReadonlyMap<string, string>

export const NO_ISSUES: Issues = new Map()

/** Writes each issue as a sentence, by its path. */
export const issuesByPath = (issues: readonly PoolConfigIssue[]): Issues =>
  issues.length === 0
    ? NO_ISSUES
    : new Map(issues.map(({ name, problem, remedy }) => [name, `${problem}. ${remedy}.`]))

/** Returns the issues below a path, without it; always the same object where there are none. */
export function issuesBelow(issues: Issues, path: string): Issues {
  const own = [...issues].filter(([name]) => name.startsWith(`${path}.`))
  return own.length === 0
    ? NO_ISSUES
    : new Map(own.map(([name, text]) => [name.slice(path.length + 1), text]))
}

/** Returns the issue of a name: that of its row, or that of all of them, which is where one without a name is refused. */
export const issueOfName = (issues: Issues, part: string, name: string): string | undefined =>
  issues.get(`${part}.${name}`) ?? (name.trim() === "" ? issues.get(part) : undefined)
