import { readFileSync } from "node:fs"
import { describe, expect, test } from "vitest"
import { specifications } from "./specification.ts"

describe("the code without which a case fails is there once", () => {
  const cases = specifications.flatMap((each) => each.cases)
  test.each(cases.map(({ description, without }) => [description, without] as const))(
    "%s",
    (_, { file, code }) => {
      const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), "utf8")
      expect(source.split(code), `${code} in ${file}`).toHaveLength(2)
    },
  )
})
