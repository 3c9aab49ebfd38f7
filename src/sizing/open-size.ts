/** A pool size: either fixed with `poolSize`, or open and solved for within the other three fields. */
export interface OpenSize {
  /** Connections in each pool, 1 to 10,000. If given, the size is fixed, and the other three are refused. */
  readonly poolSize?: number
  /**
   * The size of the pool relative to the other open ones, 0.01 to 1,000 with at most two decimals; 1 by default. With
   * 2, each pool is twice as large as with 1.
   */
  readonly weight?: number
  /** The fewest connections in each pool, 1 to 10,000; 1 by default. */
  readonly min?: number
  /**
   * The most connections in each pool, `min` to 10,000; by default as many as the server has, or `min`. Behind a pooler by
   * default a tenth of that and 15 at most, since a larger pool of clients gets no more of the server, and leaves more behind when it vanishes.
   */
  readonly max?: number
}
