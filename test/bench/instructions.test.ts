import { expect, test } from "vitest"
import { instructionsIn } from "../../bench/cost/instructions.ts"

test.each([
  ["38214573,,instructions:u,16502110,100.00,,\n", 38_214_573],
  ["Warning: something\n38214573,,instructions:u,16502110,100.00,,\n", 38_214_573],
  ["<not supported>,,instructions:u,0,100.00,,\n", undefined],
  ["<not counted>,,instructions:u,0,0.00,,\n", undefined],
  ["", undefined],
])("of %j are read as perf prints them", (output, count) => {
  expect(instructionsIn(output)).toBe(count)
})
