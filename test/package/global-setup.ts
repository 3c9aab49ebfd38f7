import type { TestProject } from "vitest/node"
import { type PackedPackage, packPackage } from "./packed-package.ts"
import { removeDirectory, temporaryDirectory } from "./project.ts"

declare module "vitest" {
  export interface ProvidedContext {
    packed: PackedPackage
  }
}

/** One tarball for the whole run. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const directory = await temporaryDirectory()
  project.provide("packed", await packPackage(directory))
  return () => removeDirectory(directory)
}
