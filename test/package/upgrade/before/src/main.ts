import { type Customer, Prisma } from "@prisma/client"
import { prisma } from "./db"

function isTaken(error: unknown, column: keyof Customer): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== "P2002") return false
  const target = error.meta?.target as string[]
  return target.includes(column)
}

async function main() {
  const email = "ada@example.org"
  await prisma.customer.upsert({ where: { email }, create: { email }, update: {} })
  try {
    await prisma.customer.create({ data: { email } })
  } catch (error) {
    if (!isTaken(error, "email")) throw error
    console.log(`${await prisma.customer.count()} customer, ${email} is taken`)
  }
}

main().finally(() => prisma.$disconnect())
