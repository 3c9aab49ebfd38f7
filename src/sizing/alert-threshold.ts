/**
 * In per cent of what is usable: more than that in use is an alert, and what `sizeFleet` fills to by default. The threshold of
 * the sizing document ("Alertes à mettre en place").
 */
export const ALERT_PERCENT = 80
