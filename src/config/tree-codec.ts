import type { Place, SourceText } from "../core/error.ts";
import { PyFloat, type Template, type Value } from "../core/value.ts";
import type { YamlEntry, YamlNode } from "./node.ts";

type Spot = readonly [line: number, column: number, length: number];

/** `T`: a template; `=`: the scalar's own text; the others say which kind of value their text is. */
type Packed = null | boolean | number | readonly [string] | readonly [string, string];

type PackedNode =
  | readonly ["s", Spot, string, 0 | 1, Packed]
  | readonly ["l", Spot, readonly PackedNode[]]
  | readonly ["m", Spot, readonly PackedEntry[]];

type PackedEntry = readonly [key: Packed, name: string, at: Spot, node: PackedNode];

/** A tree without aliases as a text, from which it can be had again much faster than from YAML. */
export const packTree = (node: YamlNode): string => JSON.stringify(packNode(node));

/** The tree that a text of packTree holds, with its places in `source`; null where it is no such text. */
export const unpackTree = (text: string, source: SourceText): YamlNode | null => {
  try {
    return unpackNode(JSON.parse(text) as PackedNode, source);
  } catch {
    return null;
  }
};

const spotOf = ({ line, column, length }: Place): Spot => [line, column, length];

const packNode = (node: YamlNode): PackedNode => {
  const spot = spotOf(node.at);
  switch (node.kind) {
    case "scalar":
      return ["s", spot, node.text, node.plain ? 1 : 0, packValue(node.value, node.text)];
    case "list":
      return ["l", spot, node.items.map(packNode)];
    case "map":
      return [
        "m",
        spot,
        node.entries.map(({ key, name, keyAt, node: value }) => [
          packValue(key, name),
          name,
          spotOf(keyAt),
          packNode(value),
        ]),
      ];
  }
};

const packValue = (value: Value | Template, text: string): Packed => {
  if (value === null || typeof value === "boolean") return value;
  if (typeof value === "string") return value === text ? ["="] : ["s", value];
  if (typeof value === "bigint") return ["i", String(value)];
  if (typeof value === "number")
    return Number.isFinite(value) && !Object.is(value, -0) ? value : ["n", numberText(value)];
  if (value instanceof PyFloat) return ["f", numberText(value.value)];
  if ("kind" in value && value.kind === "template")
    return value.source === text ? ["T"] : ["T", value.source];
  throw new Error("a scalar is a plain value");
};

const numberText = (value: number): string => (Object.is(value, -0) ? "-0" : String(value));

const unpackNode = (packed: PackedNode, source: SourceText): YamlNode => {
  const [line, column, length] = packed[1];
  const at: Place = { source, line, column, length };
  switch (packed[0]) {
    case "s": {
      const [, , text, plain, value] = packed;
      return { kind: "scalar", value: unpackValue(value, text, at), text, plain: plain === 1, at };
    }
    case "l": {
      const items = packed[2].map((item) => unpackNode(item, source));
      return { kind: "list", items, value: items.map((item) => item.value), at };
    }
    case "m": {
      const entries = packed[2].map(([key, name, [keyLine, keyColumn, keyLength], node]): YamlEntry => {
        const keyAt = { source, line: keyLine, column: keyColumn, length: keyLength };
        // A key is never a template.
        return { key: unpackValue(key, name, keyAt) as Value, name, keyAt, node: unpackNode(node, source) };
      });
      return { kind: "map", entries, value: new Map(entries.map(({ key, node }) => [key, node.value])), at };
    }
    default:
      throw new Error("not a packed tree");
  }
};

const unpackValue = (packed: Packed, text: string, at: Place): Value | Template => {
  if (!Array.isArray(packed)) return packed as null | boolean | number;
  const [kind, content = text] = packed as readonly [string, string?];
  switch (kind) {
    case "=":
    case "s":
      return content;
    case "T":
      return { kind: "template", source: content, at };
    case "i":
      return BigInt(content);
    case "n":
      return Number(content);
    case "f":
      return new PyFloat(Number(content));
    default:
      throw new Error("not a packed tree");
  }
};
