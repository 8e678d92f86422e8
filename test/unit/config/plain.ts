import { PyFloat, type Source } from "../../../src/core/value.ts";

/** A source as plain JSON data, templates as their text: for comparing whole values. */
export const plain = (source: Source): unknown => {
  if (source instanceof PyFloat) return source.value;
  if (typeof source === "bigint") return Number(source);
  if (source instanceof Map)
    return Object.fromEntries([...source].map(([key, item]) => [keyText(key), plain(item)]));
  if (Array.isArray(source)) return source.map(plain);
  if (typeof source === "object" && source !== null && "kind" in source && source.kind === "template")
    return source.source;
  return source;
};

const keyText = (key: unknown): string => (typeof key === "boolean" ? String(key) : String(key));
