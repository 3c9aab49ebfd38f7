import { type ChildProcess, spawn } from "node:child_process"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest"
import { generate, PRISMA_7 } from "../package/prisma-project.ts"
import { NODE, node, Project, removeDirectory, temporaryDirectory } from "../package/project.ts"
import { countBackends, eventually, freshDatabase, sharedPostgres } from "../support/helpers.ts"
import { freePort } from "../support/server.ts"

const FILES = {
  "cjs/app/layout.tsx": `
    export default function Layout({ children }: { children: React.ReactNode }) {
      return <html lang="en"><body>{children}</body></html>
    }`,
  "cjs/app/page.tsx": `
    import { prisma } from "../db"
    import { Limit } from "./limit"
    export const dynamic = "force-dynamic"
    export default async function Page() {
      return <main>{\`partners: \${await prisma.partner.count()}\`}<Limit /></main>
    }`,
  // What runs in the browser: formulas, and what reads a URL.
  "cjs/app/limit.tsx": `
    "use client"
    import { toLibpqUrl } from "prisma-pool-config/config"
    import { sizeFleet } from "prisma-pool-config/sizing"
    export function Limit() {
      const { sizes } = sizeFleet({ maxConnections: 100, consumers: { api: { instances: 2, surge: 0 } } })
      return <p>{\`size: \${sizes.api} of \${toLibpqUrl("postgresql://app@db/core?connection_limit=3")}\`}</p>
    }`,
  "cjs/db.ts": `
    import { createPrismaClient } from "prisma-pool-config"
    import { PrismaClient } from "./core/generated/client"
    export const prisma = createPrismaClient(PrismaClient)`,
  "cjs/instrumentation.ts": `
    export async function register() {
      if (process.env.NEXT_RUNTIME !== "nodejs") return
      const { prisma } = await import("./db")
      await prisma.$connect()
    }`,
}

let directory: string | undefined
let project: Project
let next: string
beforeAll(async () => {
  directory = await temporaryDirectory()
  project = await Project.install(join(directory, "project"), {
    ...PRISMA_7.dependencies,
    "@types/node": "20.19.43",
    "@types/react": "19.2.7",
    next: "16.4.6",
    pg: "8.23.1",
    "prisma-pool-config": `file:${inject("packed").tarball}`,
    react: "19.3.1",
    "react-dom": "19.3.1",
    typescript: "5.9.3",
  })
  next = project.path("node_modules/next/dist/bin/next")
  for (const [name, text] of Object.entries(FILES)) await project.write(name, text)
  const generators = { esm: "", cjs: 'provider = "prisma-client"\nimportFileExtension = ""' }
  await generate(project, "cjs", "core", { ...PRISMA_7, generators })
})
afterAll(() => removeDirectory(directory))

const NO_TELEMETRY = { NEXT_TELEMETRY_DISABLED: "1" }

describe.each(["--turbopack", "--webpack"])("Next.js 16, built with %s", (bundler) => {
  let server: ChildProcess | undefined
  afterAll(() => server?.kill())

  test("connects in instrumentation.ts, and serves a page with a client component", async () => {
    await node([next, "build", bundler, project.path("cjs")], project.directory, NO_TELEMETRY)
    const [database, port] = [await freshDatabase(), await freePort()]
    const env = { ...process.env, ...NO_TELEMETRY, DATABASE_URL: sharedPostgres().url(database) }
    server = spawn(NODE, [next, "start", "-p", String(port), project.path("cjs")], { env })
    await eventually("instrumentation.ts has connected", async () => {
      return (await countBackends(sharedPostgres(), database)) > 0
    })
    const get = () => fetch(`http://127.0.0.1:${port}`)
    await eventually("it listens", () =>
      get().then(
        ({ ok }) => ok,
        () => false,
      ),
    )
    const page = await (await get()).text()
    expect(page).toContain("partners: 0")
    expect(page).toContain("size: 38 of postgresql://app@db:5432/core")
  })
})
