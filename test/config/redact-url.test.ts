import { inspect } from "node:util"
import fc from "fast-check"
import { describe, expect, test } from "vitest"
import { PoolConfigError, readPoolSettings, redactUrl } from "../../src/config/index.ts"
import { title } from "../support/bad-values.ts"
import { runs } from "../support/properties.ts"

describe("the password becomes ***, and every other byte stays", () => {
  test.each([
    [
      "postgresql://app:s3cret@db:5432/core?connection_limit=15",
      "postgresql://app:***@db:5432/core?connection_limit=15",
    ],
    ["postgres://app:s3cret@db", "postgres://app:***@db"],
    ["POSTGRES://App:s3cret@DB/Core", "POSTGRES://App:***@DB/Core"],
    ["postgresql://app:s3cret@[::1]:5432/core", "postgresql://app:***@[::1]:5432/core"],
    ["postgresql://app:s3cret@/core?host=/sock", "postgresql://app:***@/core?host=/sock"],
    ["postgresql://app:s3cret@%2Fsock/core", "postgresql://app:***@%2Fsock/core"],
    ["postgresql://:s3cret@db/core", "postgresql://:***@db/core"],
    ["postgresql://user@corp:s3cret@db/core", "postgresql://user@***@db/core"],
    ["postgresql://us%3Aer:s3cret@db/core", "postgresql://us%3Aer:***@db/core"],
    ["postgresql://app:s3@cr:et@db/core", "postgresql://app:***@db/core"],
    ["postgresql://app:s3cret@cret@db/core", "postgresql://app:***@db/core"],
    ["postgresql://app:%73%33cret%40@db/core", "postgresql://app:***@db/core"],
    ["postgresql://app:s3 cret@db/core", "postgresql://app:***@db/core"],
    ["postgresql://app:***@db/core", "postgresql://app:***@db/core"],
    ["postgresql://app:$&$1@db/core", "postgresql://app:***@db/core"],
    ["postgresql://app:core@db/core", "postgresql://app:***@db/core"],
    // The @ that belongs in a password's place, and a token in a user's.
    ["postgresql://user@s3cret@db/core", "postgresql://user@***@db/core"],
    ["postgresql://user@s3c%40ret@db:5432/core", "postgresql://user@***@db:5432/core"],
    ["postgresql://user@s3c:ret@db/core", "postgresql://user@***@db/core"],
    ["postgresql://ghp_16C7e42F292c6912E7710c83@db/core", "postgresql://***@db/core"],
    ["postgresql://ghp_16C7e42F292c6912E7710c83:@db/core", "postgresql://***:@db/core"],
    ["postgresql://ghp_16C7e42F292c6912E7710c83:x@db/core", "postgresql://***:***@db/core"],
    ["postgresql://d3b07384d113edec49eaa6238ad5ff00@db/core", "postgresql://***@db/core"],
    [`postgresql://${"a-".repeat(40)}@db/core`, "postgresql://***@db/core"],
    ["postgresql://db/core?user=ghp_16C7e42F292c6912E7710c83", "postgresql://db/core?user=***"],
    // No password of PostgreSQL's, and there is no doubt where it ends.
    ["postgresql://app:Zq7%00Qz9@db/core", "postgresql://app:***@db/core"],
  ])("%s", (url, redacted) => {
    expect(redactUrl(url)).toBe(redacted)
    expect(redactUrl(redacted)).toBe(redacted)
  })
})

test.each([
  "postgresql://db",
  "postgresql://db/core",
  "postgresql://app@db:5432/core?schema=x+y&application_name=%20%zz&pgbouncer=true",
  "postgresql://db/core?options=-c%20search_path%3Dapp,extensions+--work-mem%3D8MB",
  "postgresql://db/core?options=&supa=base-pooler.x&target_session_attrs=any",
  // As long and as random as providers make them.
  "postgresql://postgres.abcdefghijklmnopqrst@db/core",
  "postgresql://15ad0be1-5610-8b4c-8276-f4f38e1f7895@db/core",
  "postgresql://u1qv8a3k9d7f2x@db/core",
  "postgresql://a-service-account%40a-project-with-a-long-name.iam@db/core",
  "postgresql://app:@db/core",
  "postgresql://app@[::1]:5432/core",
  "postgresql://[::1]/core",
  "postgresql:///core?host=/sock",
  "postgresql://db/core?",
  "postgresql://db/core?&schema=a&&port=2&",
])("a URL without a password stays as it is: %s", (url) => {
  expect(redactUrl(url)).toBe(url)
})

describe("a parameter that holds a secret becomes ***", () => {
  test.each([
    "password",
    "sslpassword",
    "pass",
    "pwd",
    "api_key",
    "sslkey",
    "access_token",
    "client_secret",
    "credentials",
    "PassWord",
    "pw",
    "jwt",
    "auth",
    "passfile",
    // An unknown parameter.
    "x",
  ])("%s", (name) => {
    expect(redactUrl(`postgresql://db/core?schema=a&${name}=s3cret&port=2`)).toBe(
      `postgresql://db/core?schema=a&${name}=***&port=2`,
    )
  })

  test.each(["-c app.password=s3cret", "-c work_mem=8MB --app.jwt=s3cret", "token=s3cret", "-S s3cret"])(
    "options with anything but the server's own settings: %s",
    (options) => {
      expect(redactUrl(`postgresql://db/core?options=${encodeURIComponent(options)}&port=2`)).toBe(
        "postgresql://db/core?options=***&port=2",
      )
    },
  )

  test("however its name is encoded, and each of several", () => {
    expect(redactUrl("postgresql://db/core?%70assword=s3cret&password=s3cret=&password")).toBe(
      "postgresql://db/core?password=***&password=***&password=***",
    )
  })
})

describe("a string that is not a valid PostgreSQL URL is hidden completely", () => {
  test.each([
    "",
    " ",
    "s3cret",
    "mysql://app:s3cret@db/core",
    "prisma+postgres://x/?api_key=s3cret",
    " postgresql://app:s3cret@db/core",
    "postgresql://app:s3cret@db/core\n",
    "postgresql://app:s3/cret@db/core",
    "postgresql://app:s3?cret@db/core",
    "postgresql://app:s3#cret@db/core",
    // An unescaped / or ? where everything before it would pass for a host and a port.
    "postgresql://app:12/s3cret@db/core",
    "postgresql://app:12?s3=cret@db/core",
    "postgresql://app:pa@ss/s3cret@db/core",
    "postgresql://app:pa@ss?s3=cret@db/core",
    "postgresql://app:pa@ss/w?s3=cret@db/core",
    "postgresql://app:s3cret@db1,db2/core",
    "postgresql://app:s3cret@db:99999/core",
    "postgresql://app:s3cret@/core",
    "postgresql://app:s3cret@db/core?a=1?b=2",
  ])("%j", (text) => {
    expect(redactUrl(text)).toBe("***")
  })

  test.each(
    [
      undefined,
      null,
      15,
      Number.NaN,
      10n,
      true,
      Symbol("s3cret"),
      [],
      ["postgresql://app:s3cret@db/core"],
      {},
      Object.create(null),
      new URL("postgresql://app:s3cret@db/core"),
      {
        toString() {
          throw new Error("never asked")
        },
      },
      () => "postgresql://app:s3cret@db/core",
    ].map((value) => [title(value), value]),
  )("%s", (_, value) => {
    expect(redactUrl(value as never)).toBe("***")
  })
})

// Two marks that nothing else holds, at both ends: a part of the password that shows is found too.
const FIRST = "Zq7"
const LAST = "Qz9"
const passwords = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ..."@:/?#%+&=[],;$\\'\" \n\t",
        "%40",
        "%2F",
        "%zz",
        "postgresql://",
        "@db",
        "?a=",
        "$&",
      ),
      fc.string({ unit: "binary", maxLength: 4 }),
      fc.string({ unit: "grapheme", maxLength: 4 }),
      fc.string({ maxLength: 6 }),
    ),
    { maxLength: 8 },
  )
  .map((pieces) => `${FIRST}${pieces.join("")}${LAST}`)
const wellFormed = (text: string) => text.replace(/\p{Cs}/gu, "\ufffd")
const encodings: readonly ((password: string) => string)[] = [
  (raw) => raw,
  (raw) => encodeURIComponent(wellFormed(raw)),
  (raw) => encodeURI(wellFormed(raw)),
  (raw) => raw.replace(/[@:/?#]/g, encodeURIComponent),
  (raw) => [...Buffer.from(raw)].map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join(""),
]
const urls = fc
  .record({
    password: passwords,
    encode: fc.constantFrom(...encodings),
    template: fc.constantFrom(
      (password: string) => `postgresql://app:${password}@db:5432/core`,
      (password: string) => `postgres://:${password}@db`,
      (password: string) => `postgres://app@${password}@db`,
      (password: string) => `postgresql://app:${password}@[::1]/core?schema=core&connection_limit=5`,
      (password: string) => `postgresql://app:${password}@/core?host=/sock`,
      (password: string) => `postgresql://user@corp:${password}@db:5432?pool_timeout=x`,
      (password: string) => `postgresql://app:${password}@db/core?connection_limit=5?pool_timeout=3`,
      (password: string) => `postgresql://app:${password}@db:port,db2/core`,
      (password: string) => `mysql://app:${password}@db/core`,
      (password: string) => ` POSTGRESQL://app:${password}@db/core\n`,
      (password: string) => `postgresql://app@db/core?password=${password.replaceAll("&", "")}`,
      (password: string) => password,
    ),
  })
  .map(({ password, encode, template }) => {
    const encoded = encode(password)
    return { url: template(encoded), secrets: [password, encoded, FIRST, LAST] }
  })

describe("for any password, raw or encoded, in any place of a URL", () => {
  const holds = (text: string, secrets: readonly string[]) =>
    secrets.filter((secret) => text.includes(secret))

  test("redactUrl shows no part of it", () => {
    fc.assert(
      fc.property(urls, ({ url, secrets }) => {
        expect(holds(redactUrl(url), secrets)).toEqual([])
      }),
      runs(3_000),
    )
  })

  test("neither does an error, nor the settings in a log", () => {
    fc.assert(
      fc.property(urls, fc.boolean(), ({ url, secrets }, swapped) => {
        const env = { DATABASE_URL_CORE: url, PRISMA_POOL_SIZE_CORE: swapped ? "x" : "5" }
        let shown: string
        try {
          shown = inspect(readPoolSettings(env), { showHidden: true, depth: 9 })
        } catch (error) {
          if (!(error instanceof PoolConfigError)) throw error
          shown = [error.message, error.stack, JSON.stringify(error), inspect(error, { depth: 9 })].join("\n")
        }
        expect(holds(shown, secrets)).toEqual([])
      }),
      runs(3_000),
    )
  })

  test("the password that was percent-encoded as a whole leaves a URL that is accepted", () => {
    fc.assert(
      fc.property(passwords, (password) => {
        const encoded = encodeURIComponent(wellFormed(password))
        expect(redactUrl(`postgresql://app:${encoded}@db/core`)).toBe("postgresql://app:***@db/core")
      }),
    )
  })
})

test("redactUrl gives a string for any string, and nothing changes when it is redacted again", () => {
  const texts = fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((text) => `postgresql://${text}`),
    fc.string({ unit: "binary" }).map((text) => `postgresql://app:pw@db/core?${text}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const redacted = redactUrl(text)
      expect(redactUrl(redacted)).toBe(redacted)
    }),
    runs(3_000),
  )
})

test("redactUrl takes a hostile text in linear time: a quadratic one would need minutes here", () => {
  for (const piece of ["@", ":", ":@", "/", "?", "/@", "%", "%41", "[", "&=", "a@:"]) {
    const long = piece.repeat(300_000)
    for (const start of ["", "app:", "db/core?", "app:pw@db/core?a="]) {
      expect(redactUrl(`postgresql://${start}${long}`)).toBeTypeOf("string")
      expect(redactUrl(`postgresql://${start}${long}!`)).toBeTypeOf("string")
    }
  }
})
