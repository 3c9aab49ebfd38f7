// `npm run docs`: writes the documentation of the option table and of a declaration's schema, and the licences of bundled
// packages.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { environmentExample, withTable } from "./environment-table.ts"
import { poolConfigJsonSchema } from "./pool-config-json-schema.ts"
import { settingsPage } from "./settings-page.ts"
import { thirdPartyNotices } from "./third-party-notices.ts"
import { urlParametersPage } from "./url-parameters.ts"

const root = new URL("../", import.meta.url)
const readme = new URL("README.md", root)

writeFileSync(new URL(".env.example", root), environmentExample())
writeFileSync(readme, withTable(readFileSync(readme, "utf8")))
mkdirSync(new URL("docs", root), { recursive: true })
writeFileSync(new URL("docs/settings.md", root), settingsPage())
writeFileSync(new URL("docs/url-parameters.md", root), urlParametersPage())
writeFileSync(new URL("docs/pool.config.schema.json", root), poolConfigJsonSchema())
writeFileSync(new URL("THIRD-PARTY-NOTICES", root), thirdPartyNotices())
