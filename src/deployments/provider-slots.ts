/** The slots that providers keep of every server, beyond the three that PostgreSQL keeps for superusers. */
export const PROVIDER_SLOTS = {
  /**
   * `rds.rds_superuser_reserved_connections`, which RDS keeps for the members of `rds_superuser`.
   * https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Limits.html
   */
  amazonRds: 2,
  /**
   * Azure keeps 15 slots for replication and monitoring, of which PostgreSQL itself keeps three.
   * https://learn.microsoft.com/azure/postgresql/flexible-server/concepts-limits
   */
  azure: 12,
} as const
