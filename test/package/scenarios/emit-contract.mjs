// Does what `prisma contract emit` of Prisma 8 does, whose package takes a gigabyte.
import { executeContractEmit } from "@prisma/orm-toolchain/cli/control-api"
import { loadConfigForSections } from "@prisma/orm-toolchain/config-loader"

const cwd = process.cwd()
const sections = ["contract", "family", "target", "adapter", "extensions"]
const config = await loadConfigForSections(`${cwd}/prisma.config.ts`, sections)
if (!config.ok) throw config.failure
const { files } = await executeContractEmit({ config: config.value, cwd })
console.log(JSON.stringify(files))
