import { readdirSync, readFileSync } from "node:fs"
import { expect, test } from "vitest"
import * as config from "../../src/config/index.ts"
import * as deployments from "../../src/deployments/index.ts"
import * as main from "../../src/index.ts"
import * as monitor from "../../src/monitor/index.ts"
import * as pool from "../../src/pool/index.ts"
import * as sizing from "../../src/sizing/index.ts"

const tests = readdirSync(import.meta.dirname)
  .filter((file) => !file.endsWith(".test.ts"))
  .map((file) => readFileSync(`${import.meta.dirname}/${file}`, "utf8"))
  .join("\n")

const CLASSES = ["PoolConfigError"]
/** What is asked about an error, which may be anything. */
const TAKE_ANYTHING = ["isPoolTimeout", "isTooManyConnections", "refusedLimit"]

test.each(Object.entries({ main, config, pool, sizing, deployments, monitor }))(
  "every function of %s has a type test, with what its types refuse",
  (_, entry) => {
    const names = Object.entries(entry).flatMap(([name, value]) =>
      typeof value === "function" && !CLASSES.includes(name) ? name : [],
    )
    const without = (pattern: (name: string) => string, of: readonly string[]) =>
      of.filter((name) => !new RegExp(pattern(name)).test(tests))
    expect(names.length).toBeGreaterThan(0)
    expect(without((name) => `\\b${name}\\(`, names)).toEqual([])
    const strict = names.filter((name) => !TAKE_ANYTHING.includes(name))
    expect(without((name) => `@ts-expect-error.*\n.*\\b${name}\\(`, strict)).toEqual([])
  },
)
