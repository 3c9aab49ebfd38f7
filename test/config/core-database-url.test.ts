import { afterEach, describe, expect, test, vi } from "vitest"
import type { UrlServer } from "../../src/config/database-url.ts"
import { coreDatabaseUrl, type Environment, readPoolSettings } from "../../src/config/index.ts"
import { parseDatabaseUrl } from "../../src/config/parse-database-url.ts"
import { refusal } from "../support/bad-values.ts"

const SET = "connection_limit=15&pool_timeout=20&connect_timeout=10"
const urlOf = (url: string, variables: Environment = {}) =>
  coreDatabaseUrl({ DATABASE_URL_CORE: url, ...variables })
const problems = (url: string) =>
  refusal(() => urlOf(url)).issues.map(({ name, problem }) => {
    expect(name).toBe("DATABASE_URL_CORE")
    return problem
  })
const server = (url: string) => parseDatabaseUrl(url, "url", [])?.server

describe("the settings", () => {
  test.each([
    ["are added to a URL without ?", "postgresql://app@db/core", `postgresql://app@db/core?${SET}`],
    [
      "are added to the parameters of a URL that has some",
      "postgresql://app@db/core?schema=core",
      `postgresql://app@db/core?schema=core&${SET}`,
    ],
    ["are added after a trailing ?", "postgresql://app@db/core?", `postgresql://app@db/core?${SET}`],
    ["are added after a trailing &", "postgresql://app@db/core?a=1&", `postgresql://app@db/core?a=1&${SET}`],
    ["are added to a URL without a path", "postgresql://app@db", `postgresql://app@db?${SET}`],
    ["are added to a URL with an empty path", "postgresql://app@db/", `postgresql://app@db/?${SET}`],
    [
      "keep the place of those that are there",
      "postgresql://db/core?pool_timeout=3&a=1&connection_limit=7&b=2",
      "postgresql://db/core?pool_timeout=3&a=1&connection_limit=7&b=2&connect_timeout=2",
    ],
    [
      "are the last of several, the others gone",
      "postgresql://db/core?connection_limit=1&a=1&connection_limit=7&b=2&pool_timeout=1&pool_timeout=2",
      "postgresql://db/core?a=1&connection_limit=7&b=2&pool_timeout=2&connect_timeout=1",
    ],
    [
      "keep a name that is percent-encoded, as Prisma reads it",
      "postgresql://db/core?connection%5Flimit=7",
      "postgresql://db/core?connection%5Flimit=7&pool_timeout=20&connect_timeout=10",
    ],
    [
      "have no leading zeros",
      "postgresql://db/core?connection_limit=007",
      "postgresql://db/core?connection_limit=7&pool_timeout=20&connect_timeout=10",
    ],
  ])("%s", (_, url, result) => {
    expect(urlOf(url)).toBe(result)
  })

  test("of the variables replace the URL's, in their place", () => {
    const url = "postgresql://db/core?connection_limit=7&a=1&connect_timeout=5&pool_timeout=6&b=2"
    const variables = {
      PRISMA_POOL_SIZE_CORE: "30",
      PRISMA_POOL_TIMEOUT: "0",
      PRISMA_CONNECT_TIMEOUT: "3",
      PRISMA_APPLICATION_NAME: "api",
    }
    expect(urlOf(url, variables)).toBe(
      "postgresql://db/core?connection_limit=30&a=1&connect_timeout=3&pool_timeout=0&b=2&application_name=api",
    )
  })

  test("include application_name only where it is set, encoded for any parser", () => {
    expect(urlOf("postgresql://db/core")).not.toContain("application_name")
    expect(urlOf("postgresql://db/core", { PRISMA_APPLICATION_NAME: "api & jobs+é/?#" })).toBe(
      `postgresql://db/core?${SET}&application_name=api%20%26%20jobs%2B%C3%A9%2F%3F%23`,
    )
  })

  test("leave application_name in the URL as it is, however it is encoded", () => {
    for (const name of ["my+job", "my%20job", "%6Dine", "", "a=b"]) {
      const url = `postgresql://db/core?application_name=${name}`
      expect(urlOf(url)).toBe(`${url}&${SET}`)
    }
  })

  test("of the fleet are the formula's", () => {
    const fleet = {
      PRISMA_MAX_CONNECTIONS: "100",
      PRISMA_API_INSTANCES: "1",
      PRISMA_CONCURRENT_JOBS: "2",
    }
    expect(urlOf("postgresql://db/core", fleet)).toContain("?connection_limit=30&")
  })
})

test("parameters that only look like ours are left alone", () => {
  const url =
    "postgresql://db/core?Connection_Limit=0&CONNECTION_LIMIT=x&connection_timeout=x&xpool_timeout=x"
  expect(urlOf(url)).toBe(`${url}&${SET}`)
})

/** The URL must mean the same as before, for Prisma ≤ 6 as for node-postgres. */
const password = (raw: string, decoded: string): [string, Partial<UrlServer>] => [
  `postgresql://app:${raw}@db:5432/core`,
  { user: "app", password: decoded, host: "db" },
]

describe("every other byte stays as it was, and means what it meant", () => {
  test.each<[string, Partial<UrlServer>]>([
    ["postgres://app@db/core", { host: "db", port: 5432, database: "core", user: "app" }],
    ["POSTGRESQL://app@db/core", { host: "db" }],
    ["PostGres://app@DB.Example.com/Core", { host: "DB.Example.com", database: "Core" }],
    ["postgresql://db", { host: "db", database: "postgres", user: undefined, password: undefined }],
    ["postgresql://db/", { database: "postgres" }],
    ["postgresql://db:6543/core", { port: 6543 }],
    ["postgresql://db:/core", { port: 5432 }],
    ["postgresql://db:65535/core", { port: 65_535 }],
    ["postgresql://db:1/core", { port: 1 }],
    ["postgresql://db/my%20core", { database: "my core" }],
    ["postgresql://db/a%40b", { database: "a@b" }],
    ["postgresql://db/caf%C3%A9", { database: "café" }],
    ["postgresql://db/café", { database: "café" }],
    // Prisma 6 took the first part of the path.
    ["postgresql://db/core/", { database: "core" }],
    ["postgresql://127.0.0.1:5432/core", { host: "127.0.0.1" }],
    ["postgresql://app:pw@[::1]:5432/core", { host: "::1", port: 5432, password: "pw" }],
    ["postgresql://[2001:db8::1]/core", { host: "2001:db8::1", port: 5432 }],
    ["postgresql://[::ffff:127.0.0.1]/core", { host: "::ffff:127.0.0.1" }],
    ["postgresql://[fe80::1%25eth0]/core", { host: "fe80::1%eth0" }],
    ["postgresql://app@db_1-a.internal./core", { host: "db_1-a.internal." }],
    ["postgresql://app:pw@localhost/core?host=/var/run/postgresql", { host: "/var/run/postgresql" }],
    ["postgresql://app@localhost/core?host=%2Fvar%2Frun", { host: "/var/run" }],
    ["postgresql://%2Fvar%2Frun%2Fpostgresql/core", { host: "/var/run/postgresql" }],
    ["postgresql:///core?host=/sock", { host: "/sock", database: "core", user: undefined }],
    ["postgresql://?host=/sock", { host: "/sock", database: "postgres" }],
    ["postgresql:///?host=%2Fsock", { host: "/sock" }],
    ["postgresql://app:pw@/core?host=/sock", { host: "/sock", user: "app", password: "pw" }],
    ["postgresql://app:p$&w$$@/core?host=/sock", { host: "/sock", password: "p$&w$$" }],
    ["postgresql://app:postgresql@/core?host=/sock", { host: "/sock", password: "postgresql" }],
    ["postgresql://:5433/core?host=/sock", { host: "/sock", port: 5433 }],
    ["postgresql://app:pw@:5433/core?host=/sock", { host: "/sock", port: 5433, user: "app" }],
    ["postgresql://a/core?host=b&host=c", { host: "c" }],
    ["postgresql://a/core?host=", { host: "a" }],
    ["postgresql://a/core?host=[::1]", { host: "::1" }],
    ["postgresql://user%40corp:pw@db/core", { user: "user@corp", password: "pw" }],
    ["postgresql://user@corp:pw@db/core", { user: "user@corp", password: "pw" }],
    ["postgresql://user@corp@db/core", { user: "user@corp", password: undefined }],
    ["postgresql://app:@db/core", { user: "app", password: undefined }],
    ["postgresql://:pw@db/core", { user: undefined, password: "pw" }],
    ["postgresql://@db/core", { user: undefined, password: undefined, host: "db" }],
    password("%40%3A%2F%3F%23%25%2B%20", "@:/?#%+ "),
    password("%C3%A9%F0%9F%90%98", "é🐘"),
    // Raw where it can be told: the first : and the last @ before the path.
    password("p@ss", "p@ss"),
    password("@@", "@@"),
    password("p:ss:", "p:ss:"),
    password("p@ss:5432", "p@ss:5432"),
    password("p+ss", "p+ss"),
    password("p ss", "p ss"),
    password("p%ss", "p%ss"),
    password("100%", "100%"),
    password("%zz%4", "%zz%4"),
    password("%E9", "%E9"),
    password("p&a=b;c,d", "p&a=b;c,d"),
    password("$&$1$$`'\"\\^|<>{}[]!*()~", "$&$1$$`'\"\\^|<>{}[]!*()~"),
    password("é🐘", "é🐘"),
    password("***", "***"),
  ])("%s", (url, means) => {
    const built = urlOf(url)
    expect(built).toBe(url.includes("?") ? `${url}&${SET}` : `${url}?${SET}`)
    expect(server(url)).toMatchObject(means)
    expect(server(built)).toEqual(server(url))
    expect(readPoolSettings({ DATABASE_URL_CORE: url }).url).toBe(url)
    expect(urlOf(built)).toBe(built)
  })

  test.each([
    "schema=core&sslmode=require",
    "sslmode=require&schema=core",
    "b=2&a=1&c=3",
    "a=x+y&b=x%20y&c=x%2By&d=x y",
    "options=-c%20statement_timeout%3D5000",
    "options=-c search_path=a,b",
    "a=%zz&b=%&c=100%",
    "a=%2f&b=%2F",
    "a=é&b=%C3%A9",
    "a==&b=x=y",
    "a",
    "a=&b",
    "a=1&a=2&a=1",
    "a=1&&b=2",
    "&a=1",
    "a=/path/to/file&b=x:y;z",
    "a=[1]&b={}&c=\"'`",
    "a.b-c_d=1",
    "__proto__=1&constructor=2&toString=3",
  ])("?%s", (query) => {
    const url = `postgresql://app:pw@db/core?${query}`
    expect(urlOf(url)).toBe(`${url}&${SET}`)
  })

  test("a URL that has all the settings is returned as it is, even with & at its end", () => {
    for (const query of [SET, `${SET}&`, `&${SET}&&`, `a=1&&${SET}&application_name=x+y`]) {
      const url = `postgresql://db/core?${query}`
      expect(urlOf(url)).toBe(url)
    }
  })
})

describe("refuses, with a remedy", () => {
  test.each([
    "mysql://app:s3cret@db/core",
    "http://app:s3cret@db/core",
    "postgresqls://app:s3cret@db/core",
    "jdbc:postgresql://app:s3cret@db/core",
    "postgresql:app:s3cret@db/core",
    "postgresql:/app:s3cret@db/core",
    "app:s3cret@db/core",
    "//app:s3cret@db/core",
    "host=db user=app password=s3cret",
    "'postgresql://app:s3cret@db/core'",
    '"postgresql://app:s3cret@db/core"',
    "DATABASE_URL_CORE=postgresql://app:s3cret@db/core",
    "psql 'postgresql://app:s3cret@db/core'",
    "file:./dev.db",
    "core",
  ])("what is not a PostgreSQL URL: %s", (url) => {
    expect(problems(url)).toEqual(["is not a PostgreSQL URL"])
    expect(refusal(() => urlOf(url)).issues[0]?.remedy).toContain("postgresql://USER:PASSWORD@HOST")
  })

  test.each([
    "prisma://accelerate.prisma-data.net/?api_key=s3cret",
    "prisma+postgres://accelerate.prisma-data.net/?api_key=s3cret",
    "PRISMA+POSTGRES://localhost:51213/?api_key=s3cret",
  ])("Accelerate: %s", (url) => {
    const [issue, ...others] = refusal(() => urlOf(url)).issues
    expect(others).toEqual([])
    expect(issue?.problem).toContain("Accelerate")
    expect(issue?.remedy).toContain("the database's own URL")
  })

  test.each([
    ["postgresql://", "names no host"],
    ["postgresql:///core", "names no host"],
    ["postgresql://app:s3cret@/core", "names no host"],
    ["postgresql://:5432/core", "names no host"],
    ["postgresql://%20/core", "names no host"],
    ["postgresql:///core?host=", "names no host"],
    ["postgresql:///core?host=%20", "names no host"],
    ["postgresql://[]/core", "names no host"],
    ["postgresql://[db]/core", "names an invalid host"],
    ["postgresql://a[b]/core", "names an invalid host"],
    ["postgresql://app:s3cret@my db/core", "names an invalid host"],
    ["postgresql://app:s3cret@<HOST>/core", "names an invalid host"],
    ["postgresql://app:s3cret@db1,db2/core", "names several hosts"],
    ["postgresql://app:s3cret@db1:5432,db2:5432/core", "names several hosts"],
    ["postgresql://app:s3cret@[::1]:5432,[::2]:5432/core", "names several hosts"],
    ["postgresql:///core?host=db1,db2", "names several hosts"],
    ["postgresql://app:s3cret@db:0/core", "has a port"],
    ["postgresql://app:s3cret@db:00/core", "has a port"],
    ["postgresql://app:s3cret@db:65536/core", "has a port"],
    ["postgresql://app:s3cret@db:99999/core", "has a port"],
    ["postgresql://app:s3cret@db:-1/core", "has a port"],
    ["postgresql://app:s3cret@db:1e3/core", "has a port"],
    ["postgresql://app:s3cret@db:５４３２/core", "has a port"],
    ["postgresql://app:s3cret@db:port/core", "has a port"],
    ["postgresql://app:s3cret@db:5432:5433/core", "has a port"],
    ["postgresql://app:s3cret@::1/core", "names no host"],
    ["postgresql://app:s3cret@db: 5432/core", "has a port"],
  ])("%s: %s", (url, problem) => {
    expect(problems(url)).toEqual([expect.stringContaining(problem)])
  })

  test.each([
    ["postgresql:///core", "names no host", "localhost before the path, or ?host=/var/run/postgresql"],
    ["postgresql://app:s3cret@db1:5432,db2:5432/core", "names several hosts", "the one to connect to"],
    ["postgresql://app:s3cret@%2Fcloudsql%2Fproject:europe-west1:inst/core", "has a :", "Write %3A"],
    ["postgresql://app:s3cret@%2fcloudsql%2fproject:europe-west1:inst/core?port=5432", "has a :", "?host="],
    ["postgresql:///core?host=/run/.s.PGSQL.5432", "names the file", "?port="],
    ["postgresql://app:s3cret@%2Frun%2F.s.PGSQL.5432/core", "names the file", "?port="],
    [`postgresql:///core?host=/${"a".repeat(93)}`, "longer than 107 bytes", "symbolic link"],
    [`postgresql:///core?host=/${"é".repeat(47)}`, "longer than 107 bytes", "symbolic link"],
  ])("%s has one remedy, which is not about passwords", (url, problem, remedy) => {
    expect(refusal(() => urlOf(url)).issues).toEqual([
      {
        name: "DATABASE_URL_CORE",
        problem: expect.stringContaining(problem),
        remedy: expect.stringContaining(remedy),
      },
    ])
    expect(refusal(() => urlOf(url)).message).not.toMatch(/percent-encode|s3cret|europe-west1/)
  })

  test.each([
    "postgresql://app:s3cret@%2Fcloudsql%2Fproject%3Aeurope-west1%3Ainst/core",
    "postgresql://app:s3cret@localhost/core?host=/cloudsql/project:europe-west1:inst",
    "postgresql://app:s3cret@%2Frun:5433/core",
    `postgresql:///core?host=/${"a".repeat(92)}`,
  ])("the directory of a socket: %s", (url) => {
    expect(urlOf(url)).toContain(url)
  })

  test.each([
    " postgresql://app:s3cret@db/core",
    "postgresql://app:s3cret@db/core ",
    "postgresql://app:s3cret@db/core\n",
    "\r\npostgresql://app:s3cret@db/core",
    "\ufeffpostgresql://app:s3cret@db/core",
    "postgresql://app:s3cret@db/core\u00a0",
    "postgresql://app:s3\ncret@db/core",
    "postgresql://app:s3\tcret@db/core",
    "postgresql://app:s3\u0000cret@db/core",
  ])("white space and control characters: %j", (url) => {
    expect(problems(url)).toEqual([expect.stringContaining("white space around it")])
  })

  test("a # and two ?", () => {
    expect(problems("postgresql://app:s3cret@db/core#top")).toEqual(["contains #"])
    expect(problems("postgresql://app:s3cret@db/core?a=1?b=2")).toEqual(["contains two ?"])
    expect(problems("postgresql://app:s3cret@db/core??a=1")).toEqual(["contains two ?"])
    expect(problems("postgresql://app:s3cret@db/core?a=1#?b=2")).toEqual(["contains #", "contains two ?"])
  })

  test("an @ in the path or in a parameter, which may as well end a password", () => {
    for (const rest of ["co@re", "core?application_name=me@job", "core?a=1&b=@"]) {
      expect(problems(`postgresql://app:s3cret@db/${rest}`)).toEqual(["contains @ after a / or ?"])
      expect(urlOf(`postgresql://app:s3cret@db/${rest.replace("@", "%40")}`)).toContain("%40")
    }
  })

  test("the settings appended by hand to a URL that has parameters already", () => {
    const { issues } = refusal(() =>
      urlOf("postgresql://db/core?schema=core?connection_limit=15&pool_timeout=20"),
    )
    expect(issues[0]?.remedy).toContain('never append "?name=value" by hand')
  })

  test.each(["?a b=1", "?=1", "?a=1&amp;b=2", "? connection_limit=5", "?%20=1", "?a%26b=1"])(
    "a parameter with an invalid name: %s",
    (query) => {
      expect(problems(`postgresql://db/core${query}`)).toEqual(["has a parameter with an invalid name"])
    },
  )

  test("everything at once", () => {
    expect(problems("postgresql://app:s3cret@/core?a b=1")).toEqual([
      "has a parameter with an invalid name",
      "names no host",
    ])
    expect(problems(" postgresql://app:s3/cret@db/core?a?b#c ")).toHaveLength(4)
  })
})

describe("an unescaped password is never taken for something else", () => {
  const parts = ["s3c", "12", "", "r=t"]
  const passwords = ["/", "?", "#"].flatMap((mark) =>
    parts.flatMap((left) =>
      parts.flatMap((right) => [
        `${left}${mark}${right}`,
        `${left}@${mark}${right}`,
        `${left}${mark}@${right}`,
        `${left}@x${mark}${right}`,
        `${left}:${mark}${right}`,
        `${left}${mark}${right}${mark}`,
        `${left}/x${mark}${right}`,
      ]),
    ),
  )

  test.each([
    ["db", "postgresql://app:PW@db"],
    ["db/core", "postgresql://app:PW@db/core"],
    ["[::1]:5432/core?schema=core", "postgresql://app:PW@[::1]:5432/core?schema=core"],
    ["db:5432/core?connection_limit=5", "postgresql://app:PW@db:5432/core?connection_limit=5"],
    ["/core?host=/sock", "postgresql://app:PW@/core?host=/sock"],
    ["db/core, with no user", "postgresql://:PW@db/core"],
  ])("before %s", (_, template) => {
    for (const password of passwords) {
      const url = template.replace("PW", () => password)
      const { issues, message } = refusal(() => urlOf(url))
      expect(new Set(issues.map(({ name }) => name)), url).toEqual(new Set(["DATABASE_URL_CORE"]))
      expect(message).toMatch(/%23|percent-encode/)
      for (const leak of ["s3c", "r=t", "12"]) expect(message).not.toContain(leak)
    }
  })
})

describe("env", () => {
  afterEach(() => {
    vi.unstubAllEnvs()
  })

  test("is process.env by default", () => {
    vi.stubEnv("DATABASE_URL_CORE", "postgresql://db/core")
    vi.stubEnv("PRISMA_POOL_SIZE_CORE", "3")
    expect(coreDatabaseUrl()).toContain("postgresql://db/core?connection_limit=3&")
  })
})
