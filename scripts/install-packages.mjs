import { spawnSync } from "node:child_process"
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** The directory of what is installed for tests, or what they report: `npm ci` removes it. */
export const cached = (name) => fileURLToPath(new URL(`../node_modules/.cache/${name}`, import.meta.url))

/** Installs what a package.json asks for in a directory of its own, beside the lock file, once. False where it fails. */
export function installPackages(directory, manifest) {
  const text = JSON.stringify({ private: true, ...manifest }, null, 2)
  const installed = join(directory, "package.json")
  if (existsSync(installed) && readFileSync(installed, "utf8") === text) return true
  // Under another name until it is complete, since the installation may be interrupted.
  const unfinished = `${directory}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { recursive: true })
  writeFileSync(join(unfinished, "package.json"), text)
  // `--prefix`, since npm does not treat a folder inside node_modules as a project.
  const options = ["--prefix", unfinished, "--no-audit", "--no-fund", "--prefer-offline"]
  const shell = process.platform === "win32"
  // What npm says is for people: the standard output may be for a script.
  const stdio = ["ignore", 2, 2]
  const { status } = spawnSync("npm", ["install", ...options], { cwd: unfinished, shell, stdio })
  if (status !== 0) return false
  rmSync(directory, { recursive: true, force: true })
  renameSync(unfinished, directory)
  return true
}
