import { floatText } from "../../core/python-text.ts";
import {
  DictView,
  Instance,
  isMapping,
  isSequence,
  type Obj,
  PyError,
  Range,
  Tuple,
  textOf,
  Undefined,
  UndefinedUse,
} from "../objects.ts";
import { compare } from "./compare.ts";
import { isFloat, isNumber, toNumber } from "./number.ts";
import { repr, str } from "./print.ts";
import { typeOf } from "./type.ts";

/** How a dump looks. */
export interface YamlStyle {
  readonly indent: number;
  readonly width: number;
  /** null: collections of plain scalars alone go on one line. */
  readonly flow: boolean | null;
  readonly sortKeys: boolean;
  /** `'`, `"`, `|` or `>` for all scalars; null for what each needs. */
  readonly scalarStyle: string | null;
  readonly explicitStart: boolean;
  readonly explicitEnd: boolean;
}

/** A value as it will be written; a collection that stands in several places is one node. */
export type YamlNode =
  | {
      readonly kind: "scalar";
      readonly text: string;
      readonly isString: boolean;
      readonly style: string | null;
    }
  | { readonly kind: "sequence"; readonly items: readonly YamlNode[]; readonly flow: boolean }
  | {
      readonly kind: "mapping";
      readonly entries: readonly (readonly [YamlNode, YamlNode])[];
      readonly flow: boolean;
    };

/** The nodes of a value. */
export const representYaml = (value: Obj, style: YamlStyle): YamlNode => represent(value, style, new Map());

const represent = (value: Obj, style: YamlStyle, known: Map<Obj, YamlNode>): YamlNode => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const text = textOf(value);
  if (text !== null) return { kind: "scalar", text, isString: true, style: style.scalarStyle };
  if (value === null || isNumber(value)) {
    return { kind: "scalar", text: plainText(value), isString: false, style: style.scalarStyle };
  }
  const before = known.get(value);
  if (before !== undefined) return before;
  const node = collection(value, style, known);
  known.set(value, node);
  return node;
};

const plainText = (value: Obj): string => {
  if (value === null) return "null";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (!isNumber(value) || !isFloat(value)) return repr(value);
  const plain = toNumber(value);
  if (Number.isNaN(plain)) return ".nan";
  if (!Number.isFinite(plain)) return plain > 0 ? ".inf" : "-.inf";
  const shown = floatText(plain);
  return !shown.includes(".") && shown.includes("e") ? shown.replace("e", ".0e") : shown;
};

const isPlain = (node: YamlNode): boolean => node.kind === "scalar" && node.style === null;

const collection = (value: Obj, style: YamlStyle, known: Map<Obj, YamlNode>): YamlNode => {
  if (isMapping(value)) {
    const entries = sorted([...value], style.sortKeys).map(
      ([key, item]) => [represent(key, style, known), represent(item, style, known)] as const,
    );
    const flow = style.flow ?? entries.every(([key, item]) => isPlain(key) && isPlain(item));
    return { kind: "mapping", entries, flow };
  }
  if (isSequence(value) && value.length === 0 && value instanceof Tuple)
    return { kind: "sequence", items: [], flow: true };
  if (isSequence(value)) {
    const items = value.map((item) => represent(item, style, known));
    return { kind: "sequence", items, flow: style.flow ?? items.every(isPlain) };
  }
  if (value instanceof Instance && ["datetime", "date"].includes(value.behaviour.type)) {
    return { kind: "scalar", text: str(value), isString: false, style: style.scalarStyle };
  }
  const what = value instanceof Range || value instanceof DictView ? repr(value) : typeOf(value);
  throw new PyError("FilterError", `to_yaml - cannot represent an object: ${what}`);
};

/** By key, where Python can order the keys; otherwise as they are. */
const sorted = (
  entries: readonly (readonly [Obj, Obj])[],
  sortKeys: boolean,
): readonly (readonly [Obj, Obj])[] => {
  if (!sortKeys) return entries;
  try {
    return [...entries].sort(([a], [b]) => compare(a, b));
  } catch (error) {
    if (error instanceof PyError) return entries;
    throw error;
  }
};
