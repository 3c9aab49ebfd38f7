import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { startTlsServer, type TlsServer } from "../support/certificates.ts"
import { Project, removeDirectory, temporaryDirectory } from "./project.ts"

const lowest = /[\d.]+/.exec(manifest.peerDependencies.pg)?.[0] as string

let directory: string
let project: Project
let server: TlsServer
beforeAll(async () => {
  directory = await temporaryDirectory()
  const dependencies = {
    "@prisma/adapter-pg": "7.0.0",
    "@prisma/client": "7.0.0",
    pg: lowest,
    "prisma-pool-config": `file:${inject("packed").tarball}`,
  }
  ;[project, server] = await Promise.all([
    Project.install(join(directory, "project"), dependencies),
    startTlsServer(),
  ])
})
afterAll(async () => {
  await server?.destroy()
  await removeDirectory(directory)
})

describe(`on pg ${lowest}, the lowest that package.json allows, verify-full verifies`, () => {
  test.each([
    ["the address that the URL has", "127.0.0.1", "address", "connected"],
    ["nothing else in its place", "127.0.0.1", "name", "P1011"],
    ["the name that the URL has", "localhost", "name", "connected"],
    ["not its address", "localhost", "address", "P1011"],
  ] as const)("%s", async (_, host, certificate, expected) => {
    await server.present(certificate)
    const url = server.tlsUrl("sslmode=verify-full&sslcert=<ca>").replace("@127.0.0.1:", `@${host}:`)
    expect(await project.run("verify-full.mjs", [url])).toEqual({ pg: lowest, ended: expected })
  })
})
