import type { TestProject } from "vitest/node"
import { removeDirectory, temporaryDirectory } from "../package/project.ts"
import { serveSite } from "../support/serve-site.ts"

declare module "vitest" {
  export interface ProvidedContext {
    /** The URL of the folder that the built site is in. */
    siteUrl: string
  }
}

/** Builds the site once, for all of its tests. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory()
  const { url, close } = await serveSite(directory)
  project.provide("siteUrl", url)
  return async () => {
    close()
    await removeDirectory(directory)
  }
}
