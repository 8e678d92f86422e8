import type { Value } from "../core/value.ts";

/**
 * A dict whose values are worked out when they are looked at: `hostvars` and `vars` hold every variable of every host,
 * and rendering them all for one look would be slow and would fail for variables nobody asked for.
 */
export class LazyDict extends Map<Value, Value> {
  readonly #names: readonly string[];
  readonly #resolve: (name: string) => Value | undefined;

  constructor(names: Iterable<string>, resolve: (name: string) => Value | undefined) {
    super();
    this.#names = [...new Set(names)];
    this.#resolve = resolve;
  }

  override get size(): number {
    return this.#names?.length ?? 0;
  }

  override has(key: Value): boolean {
    return typeof key === "string" && this.#names.includes(key);
  }

  override get(key: Value): Value | undefined {
    return typeof key === "string" && this.has(key) ? this.#resolve(key) : undefined;
  }

  override keys(): MapIterator<Value> {
    return this.#names.values();
  }

  override *values(): MapIterator<Value> {
    for (const name of this.#names) yield this.#resolve(name) ?? null;
  }

  override *entries(): MapIterator<[Value, Value]> {
    for (const name of this.#names) yield [name, this.#resolve(name) ?? null];
  }

  override [Symbol.iterator](): MapIterator<[Value, Value]> {
    return this.entries();
  }

  override forEach(visit: (value: Value, key: Value, map: Map<Value, Value>) => void): void {
    for (const [name, value] of this.entries()) visit(value, name, this);
  }
}
