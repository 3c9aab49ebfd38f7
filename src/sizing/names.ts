/**
 * What Object.fromEntries makes, in time that is linear in the names: V8 gives an ordinary object a new hidden class
 * with each, which is 7 ms for 1,000. An object without a prototype has none, and takes `__proto__` as a name.
 */
export function byName<Value>(entries: Iterable<readonly [string, Value]>): Record<string, Value> {
  const object: Record<string, Value> = Object.create(null)
  for (const [name, value] of entries) object[name] = value
  return Object.setPrototypeOf(object, Object.prototype)
}
