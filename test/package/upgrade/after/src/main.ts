import { prisma } from "./db"
import { type Customer, Prisma } from "./generated/prisma/client"

function isTaken(error: unknown, column: keyof Customer): boolean {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== "P2002") return false
  const meta = error.meta as { driverAdapterError: { cause: { constraint: { index: string } } } }
  return meta.driverAdapterError.cause.constraint.index === `Customer_${column}_key`
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
