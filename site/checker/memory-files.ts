import { resolve } from "node:path"
import type { Files } from "../../src/cli/files.ts"

/** The directory that the files are in. */
export const DIRECTORY = "/"

/** Files in memory, by name, all in one directory. Nothing is written. */
export function memoryFiles(contents: ReadonlyMap<string, Uint8Array>): Files {
  const files = new Map([...contents].map(([name, bytes]) => [resolve(DIRECTORY, name), bytes]))
  return {
    read: async (path) => {
      const bytes = files.get(path)
      if (bytes === undefined) throw Object.assign(new Error("there is no such file"), { code: "ENOENT" })
      return bytes
    },
    readNow: (path) => files.get(path),
    kindOf: async (path) => (path === DIRECTORY ? "directory" : files.has(path) ? "file" : "nothing"),
    list: async (path) => ({ path, names: [...contents.keys()] }),
    importDefault: () => Promise.reject(new Error("this page runs no JavaScript of yours")),
    append: () => Promise.reject(new Error("nothing is written")),
    write: () => Promise.reject(new Error("nothing is written")),
  }
}
