import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { createServer } from "node:http"
import { extname, join } from "node:path"
import { promisify } from "node:util"

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css",
  ".html": "text/html",
  ".js": "text/javascript",
  ".json": "application/json",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
}

/** A site that is served. */
export interface ServedSite {
  /** The URL of the folder that it is in. */
  readonly url: string
  readonly close: () => void
}

/** Builds the site into a directory, and serves its files below a folder, as GitHub Pages does. */
export async function serveSite(directory: string): Promise<ServedSite> {
  await promisify(execFile)("npm", ["run", "site:build", "--", "--outDir", directory])
  const server = createServer(async ({ url = "/" }, response) => {
    const { pathname } = new URL(url, "http://localhost")
    const path = decodeURIComponent(pathname).replace(/^\/some\/folder\//, "")
    const file = path === "" ? "index.html" : extname(path) === "" ? `${path}.html` : path
    const content = path.startsWith("/")
      ? undefined
      : await readFile(join(directory, file)).catch(() => undefined)
    const body = content ?? (await readFile(join(directory, "404.html")))
    response.writeHead(content === undefined ? 404 : 200, {
      "content-type": TYPES[content === undefined ? ".html" : extname(file)] ?? "text/plain",
      "content-length": body.length,
    })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  if (address === null || typeof address === "string") throw new Error("no port was given")
  return {
    url: `http://127.0.0.1:${address.port}/some/folder/`,
    close: () => {
      server.close()
      server.closeAllConnections()
    },
  }
}
