import "dotenv/config"
import { createPrismaClient } from "prisma-pool-config"
import { PrismaClient } from "./generated/prisma/client"

export const prisma = createPrismaClient(PrismaClient, { log: ["warn"] })
