import "dotenv/config"
import { createAnalyticsClient, createCoreClient } from "prisma-pool-config"
import { PrismaClient as PrismaClientAnalytics } from "../../../../prisma/analytics/generated/client.ts"
import { PrismaClient as PrismaClientCore } from "../../../../prisma/core/generated/client.ts"

export const prismaCore = createCoreClient(PrismaClientCore, { log: ["error"] })
export const prismaAnalytics = createAnalyticsClient(PrismaClientAnalytics, { log: ["error"] })
