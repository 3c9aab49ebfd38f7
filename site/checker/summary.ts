import { EXIT } from "../../src/cli/io.ts"
import type { CheckResult } from "./run-check.ts"

const MEANINGS: Readonly<Record<CheckResult["exitCode"], string>> = {
  [EXIT.ok]: "the check passes",
  [EXIT.failed]: "the check fails",
  [EXIT.unknown]: "no verdict is possible",
  [EXIT.invalid]: "the input is wrong, and nothing was judged",
  [EXIT.interrupted]: "it was interrupted",
}

/** Says in a line how a check ended: its verdicts, one for each server, and the exit code. */
export function summaryOf({ stdout, exitCode }: CheckResult): string {
  const verdicts = stdout.split("\n").filter((line) => /^[✓✗?] /.test(line))
  return [...verdicts, `Exit code ${exitCode}: ${MEANINGS[exitCode]}.`].join("\n")
}
