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

export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: fileOf("chromium"), args: ARGUMENTS })
