import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { median } from "../statistics.ts"

const RUNS = 9

/** Counts the instructions of a Node.js process that runs `script`; undefined where `perf` is missing or the machine counts none. */
export async function instructions(directory: string, script: string): Promise<number | undefined> {
  const counts: number[] = []
  while (counts.length < RUNS) {
    const count = await counted(directory, script)
    if (count === undefined) return undefined
    counts.push(count)
  }
  return median(counts)
}

async function counted(directory: string, script: string): Promise<number | undefined> {
  const perf = ["stat", "--field-separator", ",", "--event", "instructions:u", "--"]
  const node = [process.execPath, "--input-type=module", "--eval", script]
  const { stderr } = await promisify(execFile)("perf", [...perf, ...node], { cwd: directory }).catch(() => ({
    stderr: "",
  }))
  return instructionsIn(stderr)
}

/** Reads what `perf stat` prints: `38214573,,instructions:u,…`, and `<not supported>` for the number where the machine counts none. */
export function instructionsIn(output: string): number | undefined {
  const [, count] = /^(\d+),[^,]*,instructions/m.exec(output) ?? []
  return count === undefined ? undefined : Number(count)
}
