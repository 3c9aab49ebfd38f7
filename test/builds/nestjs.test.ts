import { join } from "node:path"
import { afterAll, beforeAll, expect, inject, test } from "vitest"
import { generate, PRISMA_7 } from "../package/prisma-project.ts"
import { compile, node, Project, removeDirectory, temporaryDirectory } from "../package/project.ts"
import { countBackends, freshDatabase, sharedPostgres } from "../support/helpers.ts"

// As NestJS documents it for Prisma: a service that is a client, whose module connects and disconnects.
const APPLICATION = `
import "reflect-metadata"
import { Controller, Get, Injectable, Module, type OnModuleDestroy, type OnModuleInit } from "@nestjs/common"
import { NestFactory } from "@nestjs/core"
import { prismaAdapter } from "prisma-pool-config"
import { PrismaClient } from "./core/generated/client"

@Injectable()
class PrismaService extends PrismaClient implements OnModuleInit, OnModuleDestroy {
  constructor() {
    super({ adapter: prismaAdapter() })
  }
  async onModuleInit() {
    await this.$connect()
  }
  async onModuleDestroy() {
    await this.$disconnect()
  }
}

@Controller()
class Partners {
  constructor(private readonly prisma: PrismaService) {}
  @Get()
  async count() {
    return { partners: await this.prisma.partner.count() }
  }
}

@Module({ controllers: [Partners], providers: [PrismaService] })
class AppModule {}

async function main() {
  const app = await NestFactory.create(AppModule, { logger: ["error"] })
  app.enableShutdownHooks()
  await app.listen(0, "127.0.0.1")
  const answer = await fetch(await app.getUrl())
  console.log(await answer.text())
  await app.close()
}
main()
`

let directory: string | undefined
let project: Project
beforeAll(async () => {
  directory = await temporaryDirectory()
  project = await Project.install(join(directory, "project"), {
    ...PRISMA_7.dependencies,
    "@nestjs/common": "11.2.10",
    "@nestjs/core": "11.2.10",
    "@nestjs/platform-express": "11.2.10",
    "@types/node": "20.19.43",
    pg: "8.23.1",
    "prisma-pool-config": `file:${inject("packed").tarball}`,
    "reflect-metadata": "0.2.2",
    rxjs: "7.8.2",
    typescript: "5.9.3",
  })
  await project.write("cjs/main.ts", APPLICATION)
  const compilerOptions = {
    strict: true,
    target: "es2023",
    module: "commonjs",
    moduleResolution: "node",
    esModuleInterop: true,
    experimentalDecorators: true,
    emitDecoratorMetadata: true,
    declaration: true,
    skipLibCheck: true,
    outDir: "dist",
  }
  await project.write("tsconfig.json", JSON.stringify({ compilerOptions, include: ["cjs"] }))
  // It reads there how modules are named.
  await generate(project, "cjs", "core", PRISMA_7)
})
afterAll(() => removeDirectory(directory))

test("NestJS 11: a service over prismaAdapter connects, serves and disconnects with its module", async () => {
  expect(await compile(project.path("node_modules/typescript"), project.path("tsconfig.json"))).toBe("")
  const database = await freshDatabase()
  const env = { DATABASE_URL: sharedPostgres().url(database, { connection_limit: 3 }) }
  const said = await node([project.path("dist/main.js")], project.directory, env)
  expect(JSON.parse(said)).toEqual({ partners: 0 })
  expect(await countBackends(sharedPostgres(), database)).toBe(0)
})
