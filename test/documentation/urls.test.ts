import { expect, test } from "vitest"
import { poolConfigFromUrl } from "../../src/index.ts"
import { page } from "./pages.ts"

const urls = [...page("docs/serverless.md").matchAll(/postgresql:\/\/[^\s`|]+/g)].map(([url]) => url)

test("there are URLs to write, for each platform", () => expect(urls.length).toBeGreaterThanOrEqual(8))

test.each(urls)("%s takes effect in every part", (url) => {
  // A certificate is read when the client is made, and this one is the reader's.
  const here = url.replace(/sslrootcert=[\w.]+\.pem/, "sslrootcert=system").replace("PROJECT:REGION:", "p:r:")
  expect(() => poolConfigFromUrl(here, { strict: true })).not.toThrow()
})
