import { fileURLToPath } from "node:url"
import { describeSpecification } from "./describe-specification.ts"
import { Subject } from "./subject.ts"

const path = (file: string) => fileURLToPath(new URL(file, import.meta.url))
const tsx = import.meta.resolve("tsx")

const library = { library: path("../../src/index.ts"), monitor: path("../../src/monitor/index.ts") }
const client = path("../../prisma/core/generated/client.ts")

describeSpecification("Prisma 7.10", () => new Subject(path("subject.mjs"), { ...library, client }, { tsx }))
describeSpecification(
  "Prisma 7.10",
  () => new Subject(path("subject.mjs"), { ...library, client, isUnnamed: true }, { tsx }),
  "createPrismaClient",
)
describeSpecification("createPool", () => new Subject(path("subject.mjs"), library, { tsx }))
