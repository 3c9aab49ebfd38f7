// Writes what the option table says into the documentation: `npm run docs`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { environmentExample, withTable } from "./environment-table.ts"
import { urlParametersPage } from "./url-parameters.ts"

const root = new URL("../", import.meta.url)
const readme = new URL("README.md", root)

writeFileSync(new URL(".env.example", root), environmentExample())
writeFileSync(readme, withTable(readFileSync(readme, "utf8")))
mkdirSync(new URL("docs", root), { recursive: true })
writeFileSync(new URL("docs/url-parameters.md", root), urlParametersPage())
