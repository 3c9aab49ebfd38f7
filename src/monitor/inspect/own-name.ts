/** The `application_name` of connections that this package opens to look at a server: they belong to no fleet. */
export const OWN_APPLICATION_NAME = "prisma-pool-config"
