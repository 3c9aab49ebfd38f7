import { Prisma } from "@prisma/client"
import { prisma } from "./db"

async function main() {
  const email = "ada@example.org"
  await prisma.customer.upsert({ where: { email }, create: { email }, update: {} })
  try {
    await prisma.customer.create({ data: { email } })
  } catch (error) {
    if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== "P2002") throw error
    console.log(`${await prisma.customer.count()} customer, ${email} is taken`)
  }
}

main().finally(() => prisma.$disconnect())
