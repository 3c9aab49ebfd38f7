import { describe, expect, test } from "vitest"
import { command, words } from "../support/command.ts"

const PASSWORD = "s3cr3t/with@signs"
const URLS = [
  `postgresql://app:${PASSWORD}@db.internal:5432/core`,
  `POSTGRES://app:${PASSWORD}@db.internal/core`,
  `postgres://db.internal/core?user=app&password=${PASSWORD}`,
  `prisma+postgres://accelerate.prisma-data.net/?api_key=${PASSWORD}`,
]

describe.each(URLS)("%s", (url) => {
  test.each([
    `inspect --connect ${url}`,
    `inspect --connect=${url}`,
    `preflight --connect ${url}`,
    `url --connect ${url} --show-password`,
    `url --database ${url}`,
    `check --database ${url}`,
    `check --max-connections ${url}`,
    `check --consumer api=${url}`,
    `check --terraform ${url}`,
    `check --exclude a=${url}`,
    `inspect ${url}`,
    url,
  ])("as an argument is refused, and its password is nowhere: %s", async (line) => {
    const { code, out, err } = await command(words(line))
    expect({ code, out }).toEqual({ code: 3, out: "" })
    expect(err).toBe(
      "prisma-pool: arguments: have a URL with a password, which every user of this machine can see while the command runs. Put the URL into a variable, and give its name: --connect MONITORING_URL.\n",
    )
  })
})

test("a URL without a password is no name of a variable", async () => {
  const { code, err } = await command(words("inspect --connect postgresql://db.internal/core"))
  expect(code).toBe(3)
  expect(err).toContain("Give the name of a variable that holds the URL, such as MONITORING_URL.")
})

test("a reason may have the address of a page in it", async () => {
  const args = [
    "check",
    "--max-connections",
    "100",
    "--exclude",
    "a=see https://wiki.example.org/@team/pools",
  ]
  expect((await command([...args, "--consumer", "api=1x5"])).err).not.toContain("arguments")
})
