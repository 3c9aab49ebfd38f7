import { describePrismaProject } from "./describe-prisma-project.ts"
import { PRISMA_6 } from "./prisma-project.ts"

describePrismaProject('Prisma 6.19 with engineType = "client"', PRISMA_6, {
  // Prisma 6 looks at maxWait once it has the connection, so pool_timeout ends the wait.
  maxWait: "P2024",
  // Where the generator copied the runtime, what passes through Prisma untranslated is of the class of the other
  // copy: the code tells.
  unknown: { esm: [], cjs: ["connect", "interactive"] },
})
