import { readFileSync } from "node:fs"
import { appendFile, readdir, readFile, realpath, stat, writeFile } from "node:fs/promises"
import { pathToFileURL } from "node:url"
import type { Files } from "./files.ts"

/** The files of this machine. */
export const nodeFiles: Files = {
  read: (path) => readFile(path),
  readNow: (path) => {
    try {
      return readFileSync(path)
    } catch {
      return undefined
    }
  },
  kindOf: (path) =>
    stat(path).then(
      (found) => (found.isDirectory() ? "directory" : found.isFile() ? "file" : "other"),
      () => "nothing",
    ),
  list: async (path) => {
    const own = await realpath(path)
    return { path: own, names: await readdir(own) }
  },
  importDefault: async (path) => {
    const module: { readonly default?: unknown } = await import(pathToFileURL(path).href)
    return module.default
  },
  append: (path, text) => appendFile(path, text),
  write: (path, text) => writeFile(path, text),
}
