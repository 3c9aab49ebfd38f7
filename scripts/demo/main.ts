// `npm run demo`: a real PostgreSQL, an API and two jobs, and what their pools hold. See run.ts for what happens, and with
// `--pooler` run-with-pooler.ts.
import { parseArgs } from "node:util"
import { runToEnd } from "../run-to-end.ts"
import { setUp } from "../set-up.ts"

const { values } = parseArgs({ options: { pooler: { type: "boolean", default: false } } })
setUp(console.log)
await runToEnd("demo", async () =>
  values.pooler ? (await import("./run-with-pooler.ts")).runWithPooler : (await import("./run.ts")).runDemo,
)
