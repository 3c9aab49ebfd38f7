// What starting the command costs over starting Node.js: `prisma-pool --help` against `node -e 0`.
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { inPairs, type Pair } from "../side-by-side.ts"

const timed = (args: readonly string[]) => async () => {
  const start = performance.now()
  execFileSync(process.execPath, args, { stdio: "ignore" })
  return performance.now() - start
}

/** In milliseconds: `a` is bare Node.js, `b` the command's help. */
export function commandStart(directory: string, pairs: number): Promise<Pair<number>[]> {
  const bin = join(directory, "node_modules/prisma-pool-config/dist/cli/bin.js")
  return inPairs(pairs, timed(["-e", "0"]), timed([bin, "--help"]))
}
