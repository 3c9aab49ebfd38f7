import { entryOf } from "./changelog.ts"

export interface Release {
  readonly manifest: { readonly version: string; readonly repository: { readonly url: string } }
  readonly changelog: string
  /** Of the commit: `v0.1.0`. */
  readonly tag: string
  /** On GitHub: `owner/name`. */
  readonly repository: string
}

/** What keeps a tag from being published, each with what to do; nothing when it can be. */
export function checkRelease({ manifest, changelog, tag, repository }: Release): string[] {
  const problems: string[] = []
  if (tag !== `v${manifest.version}`) {
    problems.push(
      `The tag is ${tag}, and package.json has version ${manifest.version}: \`npm version\` makes both.`,
    )
  }
  // Without it the registry refuses the provenance.
  const url = `git+https://github.com/${repository}.git`
  if (manifest.repository.url !== url) {
    problems.push(
      `package.json has the repository ${manifest.repository.url}, and this one is ${url}: see "Publishing" in CONTRIBUTING.md.`,
    )
  }
  if (!entryOf(changelog, manifest.version)) {
    problems.push(
      `CHANGELOG.md has no entry of ${manifest.version}: \`npm version\` makes it of what is unreleased.`,
    )
  }
  return problems
}
