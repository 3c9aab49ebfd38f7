import { type Browser, chromium } from "playwright-core"
import { fileOf } from "./client-tools.ts"

/** As root, and where no other network is: nothing of the browser itself makes requests. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
]

/** The bound of what hangs, for a start and for each thing that is waited for: a busy machine takes longer than Playwright's 30 s. */
export const LONGEST_WAIT_MS = 120_000

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: fileOf("chromium"), args: ARGUMENTS, timeout: LONGEST_WAIT_MS })
