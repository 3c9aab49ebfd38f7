import { expect, test } from "vitest"
import { freeName } from "../../site/free-name.ts"

test.each([
  ["a.json", ["b.json"], "a.json"],
  ["a.json", ["a.json", "a-2.json"], "a-3.json"],
  [".env", [".env"], ".env-2"],
  ["job", ["job", "job-3"], "job-2"],
])("%s beside %o is called %s", (name, others, called) => {
  expect(
    freeName(
      name,
      others.map((other) => ({ name: other })),
    ),
  ).toBe(called)
})
