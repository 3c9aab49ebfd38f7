import fc from "fast-check"
import { expect, test } from "vitest"
import { sqlExcerpt } from "../../src/pool/sql-excerpt.ts"

test.each([
  ["SELECT 1", "SELECT ?"],
  ["SELECT $1, $2::int FROM t1 WHERE a=-1.5e+3", "SELECT $1, $2::int FROM t1 WHERE a=-?+?"],
  ["SELECT\n  *\tFROM  x", "SELECT * FROM x"],
  ["SELECT 'it''s', 'x'", "SELECT ?, ?"],
  ["SELECT E'it\\'s', e'\\\\', 'x'", "SELECT ?, ?, ?"],
  // A backslash ends the text, or does not: a setting says.
  ["SELECT 'C:\\', 'secret'", "SELECT ?"],
  ["SELECT 'it\\'s', 'secret'", "SELECT ?"],
  ["SELECT 'C:\\dir', x", "SELECT ?, x"],
  ["SELECT $$secret$$, $a$ $$ secret $a$, $1", "SELECT ?, ?, $1"],
  ['SELECT "it\'s" FROM "a""b"', 'SELECT "it\'s" FROM "a""b"'],
  ["SELECT /* secret */ a -- 'secret\n, b", "SELECT a , b"],
  ["SELECT /* /* secret */ ' */ 'secret'", "SELECT ?"],
  ["SELECT 'not ended", "SELECT ?"],
  ["SELECT $$not ended", "SELECT ?"],
  ["SELECT /* not ended", "SELECT"],
  ["ALTER ROLE app PASSWORD 'secret'", "ALTER ROLE app PASSWORD ?"],
  // A carriage return ends a comment too.
  ["SELECT a -- c\r, 'a\nsecret'", "SELECT a , ?"],
  // Letters beyond ASCII, and dollars, are part of a name.
  ["SELECT $é$secret $a$ secret$é$, b", "SELECT ?, b"],
  ["SELECT é$b$, 'a$b$secret'", "SELECT é$b$, ?"],
  ["SELECT é1, x$E'a\\'secret'", "SELECT é1, x$E?"],
  ["SELECT a LIKE'b\\'secret'", "SELECT a LIKE?"],
  ["SELECT B'01', X'1F', U&'secret', 0x1F, 1_000", "SELECT B?, X?, U&?, ?, ?"],
  [`SELECT ${"a".repeat(60)}`, `SELECT ${"a".repeat(52)}…`],
  [`SELECT ${"a".repeat(53)}`, `SELECT ${"a".repeat(53)}`],
  ["", ""],
])("%j is shown as %j", (sql, shown) => {
  expect(sqlExcerpt(sql)).toBe(shown)
})

test("no part of a text is shown, wherever it is and whatever is around it", () => {
  const around = fc.constantFrom("a ", "'x' ", "1 ", '"n" ', "/* c */", "-- c\n", "$1 ", "E'\\'' ", "$$d$$ ")
  const secret = fc.constantFrom("'%'", "E'\\'%'", "$$%$$", "$t$%$t$", "'a''%'", "/*%*/", "'%")
  fc.assert(
    fc.property(
      fc.array(around, { maxLength: 6 }),
      secret,
      fc.array(around, { maxLength: 6 }),
      (left, of, right) => {
        expect(sqlExcerpt(left.join("") + of.replace("%", "SECRET") + right.join(""))).not.toContain("SECRET")
      },
    ),
  )
})

test("of a long one the beginning is read", () => {
  expect(sqlExcerpt(`INSERT INTO t VALUES (${"'x',".repeat(1_000_000)}`)).toMatch(
    /^INSERT INTO t VALUES \(\?,\?.*…$/,
  )
})
