import type { Place } from "../core/error.ts";
import { remembered } from "../core/remembered.ts";
import {
  isDict,
  isList,
  isTemplate,
  type Source,
  type SourceDict,
  type Template,
  type Value,
} from "../core/value.ts";

/** A value of a YAML file that remembers where it stands. `value` is the same data without places. */
export type YamlNode = YamlScalar | YamlList | YamlMap;

/** A scalar; `text` is what was written (after YAML's own unfolding), for keywords that want the words. */
export interface YamlScalar {
  readonly kind: "scalar";
  readonly value: Value | Template;
  readonly text: string;
  readonly plain: boolean;
  readonly at: Place;
}

/** A sequence. */
export interface YamlList {
  readonly kind: "list";
  readonly value: readonly Source[];
  readonly items: readonly YamlNode[];
  readonly at: Place;
}

/** A mapping in file order, merge keys resolved. */
export interface YamlMap {
  readonly kind: "map";
  readonly value: SourceDict;
  readonly entries: readonly YamlEntry[];
  readonly at: Place;
}

/** A key with its value; `name` is the key as a text. */
export interface YamlEntry {
  readonly key: Value;
  readonly name: string;
  readonly keyAt: Place;
  readonly node: YamlNode;
}

/** The entry of a key, or null. */
export const entryOf = (map: YamlMap, name: string): YamlEntry | null =>
  map.entries.find((entry) => entry.name === name) ?? null;

/** The value of a key, or null where the key is absent. */
export const nodeOf = (map: YamlMap, name: string): YamlNode | null => entryOf(map, name)?.node ?? null;

/** True for an explicit or implied null. */
export const isNull = (node: YamlNode): boolean => node.kind === "scalar" && node.value === null;

/** The text of a scalar string or number that holds no template; null for everything else. */
export const literalText = (node: YamlNode): string | null => {
  if (node.kind !== "scalar" || isTemplate(node.value)) return null;
  const { value } = node;
  return typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "bigint"
      ? node.text
      : null;
};

/** What kind of thing a node is, for messages: `a list`, `a mapping`, `the text "x"`. */
export const describe = (node: YamlNode): string => {
  if (node.kind === "list") return "a list";
  if (node.kind === "map") return "a mapping";
  if (node.value === null) return "nothing";
  if (isTemplate(node.value)) return "a template";
  if (typeof node.value === "string") return `the text ${shorten(JSON.stringify(node.value))}`;
  return shorten(node.text);
};

const shorten = (text: string): string => (text.length > 40 ? `${text.slice(0, 37)}...` : text);

/** The place of a path of keys and indexes below a node: the key where there is one, else the nearest that is known. */
export const placeOf = (node: YamlNode, path: readonly string[]): Place => {
  let here: YamlNode = node;
  let place = node.at;
  for (const step of path) {
    if (here.kind === "map") {
      const entry = entryOf(here, step);
      if (entry === null) return place;
      here = entry.node;
      place = entry.keyAt;
    } else if (here.kind === "list") {
      const item: YamlNode | undefined = here.items[Number(step)];
      if (item === undefined) return place;
      here = item;
      place = item.at;
    } else return place;
  }
  return place;
};

/** Every template in a source, depth first. */
export const templatesIn = (source: Source): readonly Template[] =>
  isTemplate(source)
    ? [source]
    : isList<Source>(source) || isDict<Source>(source)
      ? templatesWithin(source)
      : NONE;

const templatesWithin = remembered((source: readonly Source[] | SourceDict): readonly Template[] => {
  const found: Template[] = [];
  for (const item of source.values()) found.push(...templatesIn(item));
  return found.length === 0 ? NONE : found;
});

const NONE: readonly Template[] = [];

/** True where no template is anywhere in it: the source is a plain value. */
export const isLiteral = (source: Source): source is Value => templatesIn(source).length === 0;
