/**
 * A timer that is believed only after what has arrived meanwhile was read: the process may have been busy, or its
 * container frozen, and the answer be there. `callback` may still be called just after the timer was cleared.
 */
export function setDeadline(callback: () => void, millis: number): NodeJS.Timeout {
  return setTimeout(() => setImmediate(callback), millis)
}
