const UNRELEASED = "## Unreleased\n"

/** The changelog once the version is out: what was unreleased is the version's, and nothing is unreleased. */
export function withRelease(changelog: string, version: string, date: string): string {
  if (entryOf(changelog, version) !== undefined)
    throw new Error(`CHANGELOG.md has an entry of ${version} already`)
  if (!entryOf(changelog, "Unreleased"))
    throw new Error("CHANGELOG.md has nothing under Unreleased: there is nothing to release")
  return changelog.replace(UNRELEASED, `${UNRELEASED}\n## ${version} - ${date}\n`)
}

/** What stands below the heading of a version, or of `Unreleased`; nothing where there is no such heading. */
export function entryOf(changelog: string, version: string): string | undefined {
  const entries = changelog.split(/^## /m).slice(1)
  const found = entries.find((entry) => entry.split(/\s/, 1)[0] === version)
  return found?.slice(found.indexOf("\n") + 1).trim()
}
