import manifest from "../../package.json" with { type: "json" }

/** The repository on GitHub, which the pages lead to for what is no page of the site. */
export const repository = manifest.repository.url.replace(/^git\+|\.git$/g, "")

/** The address of a file or folder of the repository. */
export const onGitHub = (path: string): string => `${repository}/blob/main/${path}`
