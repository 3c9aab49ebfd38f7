import { expect, test } from "vitest"
import { explainFullPool, explainHolds } from "../../src/pool/full-pool.ts"

const full = (held: number, idleInTransaction: number) => ({
  ...{ held, idleInTransaction, underWay: held },
  ...{ oldestHoldSeconds: 1.25, waiting: 0 },
})

test.each([
  ["of a share that has become smaller, some of which send something", 5, 3, 2, false],
  ["of a share that has become smaller", 5, 5, 2, true],
  ["fewer than there may be", 2, 2, 5, false],
  ["as many as there may be", 5, 5, 5, true],
])("the advice to use tx, where connections are held %s", (_, held, idle, limit, isThere) => {
  const explain = [explainFullPool(full(held, idle), limit), explainHolds(full(held, idle), limit)]
  for (const text of explain) expect(text.includes("use `tx` inside `$transaction`")).toBe(isThere)
})
