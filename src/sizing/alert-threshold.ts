/**
 * The alert threshold, in per cent of the usable connections. `sizeFleet` fills up to it by default. Its source is the
 * extract in docs/sizing.md ("What to watch").
 */
export const ALERT_PERCENT = 80
