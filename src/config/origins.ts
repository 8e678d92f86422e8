import type { Place } from "../core/error.ts";
import type { Source, SourceDict, Value } from "../core/value.ts";
import type { YamlMap, YamlNode } from "./node.ts";

/** Where a variable was defined: its name there, and its value with the places in it. */
export interface Origin {
  readonly keyAt: Place;
  readonly node: YamlNode;
}

/** A private field of the dicts of variables that files made: they stay plain data for everybody else. */
const origins = new WeakMap<SourceDict, Map<Value, Origin>>();

/** Where a variable of a dict was defined; null where no file made it, or the dict does not know. */
export const originOf = (vars: SourceDict, name: Value): Origin | null =>
  origins.get(vars)?.get(name) ?? null;

/** The dict of a mapping of variables, which remembers where they stand. */
export const varsOf = (map: YamlMap): SourceDict => {
  for (const entry of map.entries) remember(map.value, entry.key, entry);
  return map.value;
};

/** The origin of a variable whose value is one text in a file that is no YAML. */
export const textOrigin = (text: string, keyAt: Place, at: Place): Origin => ({
  keyAt,
  node: { kind: "scalar", value: text, text, plain: true, at },
});

/** Sets a variable together with its place. */
export const setVar = (vars: Map<Value, Source>, key: Value, value: Source, origin: Origin): void => {
  vars.set(key, value);
  remember(vars, key, origin);
};

/** Several dicts of variables as one; the later wins, name by name. */
export const mergeVars = (layers: readonly SourceDict[]): Map<Value, Source> => {
  const merged = new Map<Value, Source>();
  for (const layer of layers)
    for (const [key, value] of layer) {
      merged.set(key, value);
      remember(merged, key, originOf(layer, key));
    }
  return merged;
};

const remember = (vars: SourceDict, key: Value, origin: Origin | null): void => {
  const known = origins.get(vars) ?? new Map<Value, Origin>();
  if (origin === null) known.delete(key);
  else known.set(key, { keyAt: origin.keyAt, node: origin.node });
  origins.set(vars, known);
};
