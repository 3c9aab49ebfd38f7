// `npm run demo`: a real PostgreSQL, an API and two jobs, and what their pools hold. See run.ts for what happens.
import { runToEnd } from "../run-to-end.ts"
import { setUp } from "../set-up.ts"

setUp(console.log)
await runToEnd("demo", async () => (await import("./run.ts")).runDemo)
