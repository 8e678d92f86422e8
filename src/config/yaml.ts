import {
  type Alias,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parseDocument,
  type Scalar,
  visit,
  type YAMLMap,
} from "yaml";
import { LbplayError, LbplayErrors, type Place, type SourceText } from "../core/error.ts";
import { isTemplate, type Source, type Template, type Value } from "../core/value.ts";
import type { YamlEntry, YamlList, YamlMap, YamlNode, YamlScalar } from "./node.ts";
import { syntaxError, unquotedError } from "./yaml-fault.ts";
import { isFloatText, isIntText, readFloat, readInt, resolvePlain } from "./yaml-scalar.ts";

/** How tags of Ansible's own are read. */
export interface YamlOptions {
  /** The text of an inline `!vault`; throws LbplayError. */
  readonly decrypt: (envelope: string, at: Place) => string;
  /** What places point into where the text itself is secret; same lines and columns. */
  readonly shown?: SourceText;
}

/** A file's tree (null where it is empty), and what is wrong with it. */
export interface ParsedYaml {
  readonly node: YamlNode | null;
  readonly faults: readonly LbplayError[];
  /** Whether the tree says all: it has no aliases, nothing of it was encrypted, nothing is wrong with it. */
  readonly keepable: boolean;
}

/** A YAML 1.1 text as PyYAML reads it, with a place for every value. Strings with Jinja2 in them become Templates. */
export const parseYaml = (source: SourceText, options: YamlOptions): ParsedYaml => {
  const document = parseDocument(source.text, {
    version: "1.1",
    schema: "failsafe",
    merge: false,
    uniqueKeys: false,
    resolveKnownTags: false,
    prettyErrors: false,
    logLevel: "error",
  });
  const build: Build = {
    source,
    options,
    place: placer(options.shown ?? source),
    anchors: new Map(),
    size: 0,
    secret: false,
    faults: [],
  };
  const [first] = document.errors;
  if (first !== undefined) {
    const { code, message } = first;
    const open = code === "MISSING_CHAR" && message.endsWith("quote") ? lastQuote(document.contents) : null;
    const pos: readonly [number, number] = open === null ? first.pos : [open, open + 1];
    const error = syntaxError(options.shown ?? source, { code, message, pos }, build.place);
    return { node: null, faults: [error], keepable: false };
  }
  if (document.contents === null) return { node: null, faults: [], keepable: false };
  const node = buildNode(build, document.contents, 0, false);
  const empty = node.kind === "scalar" && node.value === null;
  const keepable = build.faults.length === 0 && build.anchors.size === 0 && !build.secret;
  return { node: empty ? null : node, faults: build.faults, keepable };
};

/** The offset of the last quoted text: the one that is not closed, if one is not. */
const lastQuote = (contents: unknown): number | null => {
  let last: number | null = null;
  visit(contents as Node | null, {
    Scalar: (_, scalar) => {
      if (scalar.type?.startsWith("QUOTE_") === true && scalar.range != null) last = scalar.range[0];
    },
  });
  return last;
};

/** A YAML text as a value, for data that is never rendered (`from_yaml`, `-e '{...}'`). Throws LbplayErrors. */
export const parseYamlValue = (text: string, path = "<text>"): Value => {
  const refuse = (_: string, at: Place): string => {
    throw new LbplayError({ code: "E_YAML_TAG", message: "!vault is not read here", at });
  };
  const { node, faults } = parseYaml({ path, text }, { decrypt: refuse });
  if (faults.length > 0) throw new LbplayErrors(faults);
  return node === null ? null : withoutTemplates(node.value);
};

const withoutTemplates = (source: Source): Value => {
  if (isTemplate(source)) return source.source;
  if (Array.isArray(source)) return source.map(withoutTemplates);
  if (source instanceof Map) return new Map([...source].map(([key, item]) => [key, withoutTemplates(item)]));
  return source as Value; // what is neither template, list nor dict is a plain scalar
};

/** Values that a file may have, counting what stands behind an alias each time; the largest honest ones have thousands. */
const LARGEST = 1_000_000;

/** What building one tree shares. An anchor that is still being built is null. */
interface Build {
  readonly source: SourceText;
  readonly options: YamlOptions;
  readonly place: (offset: number, length: number) => Place;
  readonly anchors: Map<string, { readonly node: YamlNode; readonly size: number } | null>;
  /** Values so far, with those that aliases repeat. */
  size: number;
  /** Something in it was encrypted. */
  secret: boolean;
  readonly faults: LbplayError[];
}

/** Places by binary search: a playbook has tens of thousands of them. */
const placer = (source: SourceText): Build["place"] => {
  const starts = [0];
  for (let at = source.text.indexOf("\n"); at !== -1; at = source.text.indexOf("\n", at + 1))
    starts.push(at + 1);
  return (offset, length) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { source, line: low + 1, column: offset - (starts[low] ?? 0) + 1, length };
  };
};

/** `fallback` is the offset of a value that is not written (`key:`); `unsafe` keeps texts from becoming templates. */
const buildNode = (build: Build, raw: unknown, fallback: number, unsafe: boolean): YamlNode => {
  build.size += 1;
  if (isAlias(raw)) return followAlias(build, raw);
  if (isScalar(raw)) return remember(build, raw.anchor, () => buildScalar(build, raw, fallback, unsafe));
  if (isSeq(raw)) {
    return remember(build, raw.anchor, () => {
      const at = build.place(raw.range?.[0] ?? fallback, 1);
      const inner = unsafe || collectionTag(build, raw.tag, "tag:yaml.org,2002:seq", at);
      const items = raw.items.map((item) => buildNode(build, item, raw.range?.[0] ?? fallback, inner));
      return { kind: "list", items, value: items.map((item) => item.value), at } satisfies YamlList;
    });
  }
  if (isMap(raw)) return remember(build, raw.anchor, () => buildMap(build, raw, fallback, unsafe));
  return { kind: "scalar", value: null, text: "", plain: true, at: build.place(fallback, 1) };
};

const remember = (build: Build, anchor: string | undefined, make: () => YamlNode): YamlNode => {
  if (anchor === undefined) return make();
  build.anchors.set(anchor, null);
  const before = build.size;
  const node = make();
  build.anchors.set(anchor, { node, size: build.size - before });
  return node;
};

const followAlias = (build: Build, alias: Alias): YamlNode => {
  const target = build.anchors.get(alias.source);
  const at = build.place(alias.range?.[0] ?? 0, alias.source.length + 1);
  if (target !== undefined && target !== null) {
    const before = build.size;
    build.size += target.size;
    if (build.size <= LARGEST) return target.node;
    if (before > LARGEST) return broken(at); // has been told
  }
  const message =
    target === null
      ? `the anchor &${alias.source} contains itself`
      : target === undefined
        ? `no anchor &${alias.source} above this alias`
        : `with what its aliases repeat this file has more than ${LARGEST} values`;
  build.faults.push(
    new LbplayError({ code: "E_YAML", message, at, hint: "quote the value if it is not meant as an alias" }),
  );
  return broken(at);
};

/** Stands for what could not be read: a template, since nothing is concluded from templates before a run. */
const broken = (at: Place): YamlScalar => ({
  kind: "scalar",
  value: brokenValue(at),
  text: "",
  plain: true,
  at,
});

const brokenValue = (at: Place): Template => ({ kind: "template", source: "", at });

/** True where a collection is tagged !unsafe. */
const collectionTag = (build: Build, tag: string | undefined, usual: string, at: Place): boolean => {
  if (tag === undefined || tag === usual || tag === "!") return false;
  if (tag === "!unsafe") return true;
  build.faults.push(unknownTag(tag, at));
  return false;
};

const unknownTag = (tag: string, at: Place): LbplayError =>
  new LbplayError({
    code: "E_YAML_TAG",
    message: `unknown tag ${tag.replace("tag:yaml.org,2002:", "!!")}`,
    at,
    hint: "known are !vault, !unsafe, !!str, !!int, !!float, !!bool, !!null, !!seq and !!map; quote the value if it starts with !",
  });

const buildMap = (build: Build, raw: YAMLMap, fallback: number, unsafe: boolean): YamlMap | YamlScalar => {
  const start = raw.range?.[0] ?? fallback;
  const inner = unsafe || collectionTag(build, raw.tag, "tag:yaml.org,2002:map", build.place(start, 1));
  const own = new Map<Value, YamlEntry>();
  const merged: YamlEntry[] = [];
  for (const pair of raw.items) {
    if (isMergeKey(pair)) merged.push(...mergedEntries(build, pair, start));
    else {
      const entry = buildEntry(build, pair, start, inner);
      if (entry === null) return broken(build.place(start, 1));
      addOwn(build, own, entry);
    }
  }
  const entries = overlay(merged, [...own.values()]);
  const value = new Map(entries.map((entry) => [entry.key, entry.node.value] as const));
  return { kind: "map", entries, value, at: entries[0]?.keyAt ?? build.place(start, 1) };
};

const addOwn = (build: Build, own: Map<Value, YamlEntry>, entry: YamlEntry): void => {
  const first = own.get(entry.key);
  if (first === undefined) {
    own.set(entry.key, entry);
    return;
  }
  const { source, line, column } = first.keyAt;
  build.faults.push(
    new LbplayError({
      code: "E_DUPLICATE_KEY",
      message: `the key "${entry.name}" is given twice in one mapping`,
      at: entry.keyAt,
      hint: `first given at ${source.path}:${line}:${column}; remove one of them`,
    }),
  );
};

const isMergeKey = (pair: Pair): boolean =>
  isScalar(pair.key) && pair.key.type === "PLAIN" && pair.key.tag === undefined && pair.key.source === "<<";

/** The entries that `<<: *x` or `<<: [*x, *y]` brings; of a list the earlier mapping wins. */
const mergedEntries = (build: Build, pair: Pair, start: number): readonly YamlEntry[] => {
  const node = buildNode(build, pair.value, start, false);
  if (node.kind === "map") return node.entries;
  if (node.kind === "list" && node.items.every((item) => item.kind === "map"))
    return [...node.items].reverse().flatMap((item) => (item.kind === "map" ? item.entries : []));
  build.faults.push(
    new LbplayError({
      code: "E_YAML",
      message: "expected a mapping or a list of mappings after <<",
      at: node.at,
    }),
  );
  return [];
};

/** Later entries replace earlier ones of the same key, at the earlier one's position, as a Python dict does. */
const overlay = (below: readonly YamlEntry[], above: readonly YamlEntry[]): readonly YamlEntry[] => {
  if (below.length === 0) return above;
  const byKey = new Map<Value, YamlEntry>();
  for (const entry of [...below, ...above]) byKey.set(entry.key, entry);
  return [...byKey.values()];
};

const buildEntry = (build: Build, pair: Pair, start: number, unsafe: boolean): YamlEntry | null => {
  const offset = (pair.key as { range?: readonly number[] } | null)?.range?.[0] ?? start; // nodes carry their range
  const key = buildNode(build, pair.key, offset, true);
  if (key.kind !== "scalar" || isTemplate(key.value)) {
    const braces = build.source.text.startsWith("{", offset);
    build.faults.push(
      braces
        ? unquotedError(build.place(Math.max(0, offset - (build.source.text[offset - 1] === "{" ? 1 : 0)), 2))
        : new LbplayError({
            code: "E_YAML",
            message: "a mapping's key must be a plain value, not a list or mapping",
            at: key.at,
          }),
    );
    return null;
  }
  const end = (pair.key as { range?: readonly number[] } | null)?.range?.[1] ?? offset; // as above
  const node = buildNode(build, pair.value, Math.min(end + 1, build.source.text.length), unsafe);
  return { key: key.value, name: keyName(key), keyAt: key.at, node };
};

const keyName = (key: YamlScalar): string => (typeof key.value === "string" ? key.value : key.text);

const buildScalar = (build: Build, raw: Scalar, fallback: number, unsafe: boolean): YamlScalar => {
  const text = textOf(build, raw);
  const start = raw.range?.[0] ?? fallback;
  const plain = raw.type === "PLAIN" || raw.type === undefined;
  const at = contentPlace(build, raw, start, text, plain);
  const value = scalarValue(build, raw, text, plain, at, unsafe);
  return { kind: "scalar", value, text, plain, at };
};

/** A scalar's content; a block at the very end of a file without a last line feed has none either, as PyYAML sees it. */
const textOf = (build: Build, raw: Scalar): string => {
  const text = typeof raw.source === "string" ? raw.source : String(raw.value ?? "");
  const block = raw.type === "BLOCK_LITERAL" || raw.type === "BLOCK_FOLDED";
  const cut = block && (raw.range?.[1] ?? 0) >= build.source.text.length && !build.source.text.endsWith("\n");
  return cut ? text.replace(/\n$/, "") : text;
};

/** Where a scalar's content starts: behind the quote, or at the first line of a block. */
const contentPlace = (build: Build, raw: Scalar, start: number, text: string, plain: boolean): Place => {
  const firstLine = text.indexOf("\n");
  const length = Math.max(1, firstLine === -1 ? text.length : firstLine);
  if (plain) return build.place(start, length);
  if (raw.type !== "BLOCK_LITERAL" && raw.type !== "BLOCK_FOLDED") return build.place(start + 1, length);
  const newline = build.source.text.indexOf("\n", start);
  if (newline === -1) return build.place(start, 1);
  const end = raw.range?.[1] ?? build.source.text.length;
  const indent = /^(?:[ \t]*\r?\n)*( *)/.exec(build.source.text.slice(newline + 1, end))?.[1] ?? "";
  const place = build.place(newline + 1, length);
  return { ...place, column: indent.length + 1 };
};

const scalarValue = (
  build: Build,
  raw: Scalar,
  text: string,
  plain: boolean,
  at: Place,
  unsafe: boolean,
): Value | Template => {
  const tag = raw.tag?.replace("tag:yaml.org,2002:", "!!");
  if (tag === undefined && plain) {
    const resolved = resolvePlain(text);
    if (resolved.kind === "merge") return text;
    if (resolved.kind === "problem") return problem(build, resolved.message, at);
    return typeof resolved.value === "string" ? stringValue(resolved.value, at, unsafe) : resolved.value;
  }
  if (tag === undefined || tag === "!" || tag === "!!str") return stringValue(text, at, unsafe);
  if (tag === "!unsafe") return text;
  if (tag === "!vault" || tag === "!vault-encrypted") return decrypted(build, text, at);
  return taggedValue(build, tag, text, at);
};

const stringValue = (text: string, at: Place, unsafe: boolean): string | Template =>
  !unsafe && text.includes("{") && /\{[{%#]/.test(text) ? { kind: "template", source: text, at } : text;

const problem = (build: Build, message: string, at: Place): Template => {
  build.faults.push(
    new LbplayError({ code: "E_YAML", message, at, hint: "quote the value if it is meant as a text" }),
  );
  return brokenValue(at);
};

const decrypted = (build: Build, text: string, at: Place): string | Template => {
  build.secret = true;
  try {
    return build.options.decrypt(text, at);
  } catch (error) {
    if (!(error instanceof LbplayError)) throw error;
    build.faults.push(error);
    return brokenValue(at);
  }
};

const taggedValue = (build: Build, tag: string, text: string, at: Place): Value | Template => {
  const resolved = resolvePlain(text);
  const plainValue = resolved.kind === "value" ? resolved.value : text;
  if (tag === "!!null") return null;
  if (tag === "!!bool" && typeof plainValue === "boolean") return plainValue;
  if (tag === "!!int" && isIntText(text)) {
    const read = readInt(text);
    if (read.kind === "value") return read.value;
  }
  if (tag === "!!float" && isFloatText(text)) return readFloat(text);
  if (tag === "!!timestamp" && typeof plainValue === "string") return plainValue;
  if (["!!bool", "!!int", "!!float", "!!timestamp"].includes(tag))
    return problem(build, `${JSON.stringify(text)} is not a value for the tag ${tag}`, at);
  build.faults.push(unknownTag(tag, at));
  return brokenValue(at);
};
