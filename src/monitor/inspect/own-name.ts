/** The `application_name` of connections that this package opens to inspect a server. They belong to no fleet. */
export const OWN_APPLICATION_NAME = "prisma-pool-config"
