// Installs a version of Node.js from the npm registry, and prints the path of its program:
// `node scripts/install-node.mjs 26`, or the oldest that is supported.
import { realpathSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { cached, installPackages } from "./install-packages.mjs"
import { oldestFirst, SUPPORTED } from "./supported-versions.mjs"

const system = process.platform === "win32" ? "win" : process.platform
const name = `node-${system}-${process.arch}`

/** @returns the path of the program, or nothing where it cannot be installed */
export function installNode(version) {
  const directory = cached(`node-${version}`)
  if (!installPackages(directory, { dependencies: { [name]: SUPPORTED.node[version] } })) return undefined
  return join(directory, "node_modules", name, process.platform === "win32" ? "bin/node.exe" : "bin/node")
}

if (realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const program = installNode(process.argv[2] ?? oldestFirst(SUPPORTED.node)[0])
  if (program === undefined) process.exitCode = 1
  else console.log(program)
}
