import type { Obj } from "../objects.ts";
import { textLength } from "./text.ts";
import { representYaml, type YamlNode, type YamlStyle } from "./yaml-nodes.ts";
import { analyzeScalar, isBreak, readsAsString, type ScalarAnalysis } from "./yaml-scalar.ts";

/** A value as YAML, byte for byte as PyYAML with libyaml dumps it. */
export const toYamlText = (value: Obj, style: YamlStyle): string => {
  const root = representYaml(value, style);
  const writer = createWriter(root, style);
  if (style.explicitStart) writer.indicator("---", true);
  writeNode(writer, root, { root: true, sequence: false, mapping: false, simpleKey: false });
  writer.finish();
  return writer.text();
};

/** Where a node stands. */
interface Position {
  readonly root: boolean;
  readonly sequence: boolean;
  readonly mapping: boolean;
  readonly simpleKey: boolean;
}

interface Writer {
  readonly style: YamlStyle;
  readonly anchors: ReadonlyMap<YamlNode, string>;
  readonly written: Set<YamlNode>;
  column: number;
  whitespace: boolean;
  indention: boolean;
  /** True while the last block scalar ended with line feeds that count: the document then says where it ends. */
  openEnded: boolean;
  indent: number;
  flowLevel: number;
  readonly put: (text: string) => void;
  readonly indicator: (
    text: string,
    needSpace: boolean,
    flags?: { whitespace?: boolean; indention?: boolean },
  ) => void;
  readonly newline: (text?: string) => void;
  readonly toIndent: () => void;
  readonly finish: () => void;
  readonly text: () => string;
}

const createWriter = (root: YamlNode, style: YamlStyle): Writer => {
  const out: string[] = [];
  const writer: Writer = {
    style,
    anchors: findAnchors(root),
    written: new Set(),
    column: 0,
    whitespace: true,
    indention: true,
    openEnded: false,
    indent: -1,
    flowLevel: 0,
    put: (text) => {
      out.push(text);
      writer.column += textLength(text);
    },
    indicator: (text, needSpace, flags = {}) => {
      writer.put(writer.whitespace || !needSpace ? text : ` ${text}`);
      writer.whitespace = flags.whitespace ?? false;
      writer.indention = writer.indention && (flags.indention ?? false);
    },
    newline: (text = "\n") => {
      out.push(text);
      writer.whitespace = true;
      writer.indention = true;
      writer.column = 0;
    },
    toIndent: () => {
      const indent = Math.max(0, writer.indent);
      const behind = writer.column > indent || (writer.column === indent && !writer.whitespace);
      if (!writer.indention || behind) writer.newline();
      if (writer.column < indent) {
        writer.put(" ".repeat(indent - writer.column));
        writer.whitespace = true;
      }
    },
    finish: () => {
      writer.indent = -1;
      writer.toIndent();
      if (style.explicitEnd || writer.openEnded) {
        writer.indicator("...", true);
        writer.toIndent();
      }
    },
    text: () => out.join(""),
  };
  return writer;
};

/** Names for the collections that stand in several places, in the order of their first. */
const findAnchors = (root: YamlNode): ReadonlyMap<YamlNode, string> => {
  const seen = new Set<YamlNode>();
  const shared = new Set<YamlNode>();
  const visit = (node: YamlNode): void => {
    if (node.kind === "scalar") return;
    if (seen.has(node)) {
      shared.add(node);
      return;
    }
    seen.add(node);
    if (node.kind === "sequence") for (const item of node.items) visit(item);
    else for (const pair of node.entries) for (const part of pair) visit(part);
  };
  visit(root);
  return new Map([...shared].map((node, index) => [node, `id${String(index + 1).padStart(3, "0")}`]));
};

const writeNode = (writer: Writer, node: YamlNode, position: Position): void => {
  const anchor = writer.anchors.get(node);
  if (anchor !== undefined) {
    const isAlias = writer.written.has(node);
    writer.indicator(`${isAlias ? "*" : "&"}${anchor}`, true);
    if (isAlias) return;
    writer.written.add(node);
  }
  if (node.kind === "scalar") writeScalar(writer, node, position);
  else if (node.kind === "sequence") writeSequence(writer, node, position);
  else writeMapping(writer, node);
};

const inside = (writer: Writer, indent: number, body: () => void): void => {
  const before = writer.indent;
  writer.indent = indent;
  body();
  writer.indent = before;
};

const deeper = (writer: Writer): number =>
  writer.indent < 0 ? (writer.flowLevel > 0 ? writer.style.indent : 0) : writer.indent + writer.style.indent;

const ITEM: Position = { root: false, sequence: true, mapping: false, simpleKey: false };
const VALUE: Position = { root: false, sequence: false, mapping: true, simpleKey: false };
const KEY: Position = { root: false, sequence: false, mapping: true, simpleKey: true };

const writeSequence = (
  writer: Writer,
  node: Extract<YamlNode, { kind: "sequence" }>,
  position: Position,
): void => {
  if (writer.flowLevel > 0 || node.flow || node.items.length === 0) {
    writeFlow(writer, "[", "]", node.items, (item) => writeNode(writer, item, ITEM));
    return;
  }
  const indentless = position.mapping && !writer.indention;
  inside(writer, indentless ? writer.indent : deeper(writer), () => {
    for (const item of node.items) {
      writer.toIndent();
      writer.indicator("-", true, { indention: true });
      writeNode(writer, item, ITEM);
    }
  });
};

const writeFlow = <T>(
  writer: Writer,
  open: string,
  close: string,
  items: readonly T[],
  write: (item: T) => void,
): void => {
  writer.indicator(open, true, { whitespace: true });
  writer.flowLevel += 1;
  inside(writer, deeper(writer), () => {
    for (const [index, item] of items.entries()) {
      if (index > 0) writer.indicator(",", false);
      if (writer.column > writer.style.width) writer.toIndent();
      write(item);
    }
  });
  writer.flowLevel -= 1;
  writer.indicator(close, false);
};

const writeMapping = (writer: Writer, node: Extract<YamlNode, { kind: "mapping" }>): void => {
  const flow = writer.flowLevel > 0 || node.flow || node.entries.length === 0;
  if (flow) {
    writeFlow(writer, "{", "}", node.entries, (entry) => writeEntry(writer, entry, true));
    return;
  }
  inside(writer, deeper(writer), () => {
    for (const entry of node.entries) {
      writer.toIndent();
      writeEntry(writer, entry, false);
    }
  });
};

const writeEntry = (writer: Writer, [key, value]: readonly [YamlNode, YamlNode], flow: boolean): void => {
  if (isSimpleKey(writer, key)) {
    writeNode(writer, key, KEY);
    writer.indicator(":", false);
    writeNode(writer, value, VALUE);
    return;
  }
  writer.indicator("?", true, { indention: !flow });
  writeNode(writer, key, VALUE);
  if (flow) {
    if (writer.column > writer.style.width) writer.toIndent();
    writer.indicator(":", true);
  } else {
    writer.toIndent();
    writer.indicator(":", true, { indention: true });
  }
  writeNode(writer, value, VALUE);
};

/** Longer keys get a `?` of their own. */
const LONGEST_KEY = 128;

const isSimpleKey = (writer: Writer, key: YamlNode): boolean => {
  if (key.kind === "sequence") return key.items.length === 0;
  if (key.kind === "mapping") return key.entries.length === 0;
  if (writer.anchors.has(key)) return true;
  const analysis = analyzeScalar(key.text);
  return !analysis.multiline && textLength(key.text) <= LONGEST_KEY;
};

const chooseStyle = (
  writer: Writer,
  node: Extract<YamlNode, { kind: "scalar" }>,
  position: Position,
  found: ScalarAnalysis,
): string => {
  if (node.style === '"') return '"';
  const plainAllowed = writer.flowLevel > 0 ? found.flowPlain : found.blockPlain;
  const implicit = node.isString ? readsAsString(node.text) : true;
  if (
    node.style === null &&
    implicit &&
    plainAllowed &&
    !(position.simpleKey && (found.empty || found.multiline))
  ) {
    return "";
  }
  if (node.style === "|" || node.style === ">") {
    if (writer.flowLevel === 0 && !position.simpleKey && found.block) return node.style;
    return '"';
  }
  return found.singleQuoted && !(position.simpleKey && found.multiline) ? "'" : '"';
};

const writeScalar = (
  writer: Writer,
  node: Extract<YamlNode, { kind: "scalar" }>,
  position: Position,
): void => {
  const analysis = analyzeScalar(node.text);
  const style = chooseStyle(writer, node, position, analysis);
  if (style !== "" && !node.isString) writer.indicator("!", true);
  const split = !position.simpleKey;
  inside(writer, writer.indent < 0 ? writer.style.indent : writer.indent + writer.style.indent, () => {
    if (style === '"') writeDoubleQuoted(writer, node.text, split);
    else if (style === "'") writeSingleQuoted(writer, node.text, split);
    else if (style === "|") writeLiteral(writer, node.text);
    else if (style === ">") writeFolded(writer, node.text);
    else writePlain(writer, node.text, split);
  });
};

/** Breaks the line instead of a lone space beyond the width. */
const writeSpaces = (writer: Writer, spaces: string, mayBreak: boolean): boolean => {
  if (spaces.length === 1 && mayBreak && writer.column > writer.style.width) {
    writer.toIndent();
    return true;
  }
  writer.put(spaces);
  return false;
};

/** Runs of spaces, of breaks and of anything else. */
const runs = (text: string): readonly string[] =>
  text.match(/ +|[\n\x85\u2028\u2029]+|[^ \n\x85\u2028\u2029]+/g) ?? [];

const writeBreaks = (writer: Writer, breaks: string): void => {
  if (breaks.startsWith("\n")) writer.newline();
  for (const character of breaks) writer.newline(character === "\n" ? "\n" : character);
};

const writePlain = (writer: Writer, text: string, split: boolean): void => {
  if (text === "") return;
  if (!writer.whitespace) writer.put(" ");
  writer.whitespace = false;
  writer.indention = false;
  const parts = runs(text);
  for (const part of parts) {
    if (part.startsWith(" ")) writeSpaces(writer, part, split);
    else writer.put(part);
    writer.whitespace = false;
    writer.indention = false;
  }
};

const writeSingleQuoted = (writer: Writer, text: string, split: boolean): void => {
  writer.indicator("'", true);
  const parts = runs(text);
  for (const [index, part] of parts.entries()) {
    const inner = index > 0 && index < parts.length - 1;
    if (part.startsWith(" ")) writeSpaces(writer, part, split && inner);
    else if (isBreak(part[0])) {
      writeBreaks(writer, part);
      writer.toIndent();
    } else {
      writer.put(part.replaceAll("'", "''"));
      writer.indention = false;
    }
  }
  writer.whitespace = false;
  writer.indention = false;
  writer.indicator("'", false);
};

const ESCAPES: Readonly<Record<string, string>> = {
  "\0": "0",
  "\x07": "a",
  "\b": "b",
  "\t": "t",
  "\n": "n",
  "\v": "v",
  "\f": "f",
  "\r": "r",
  "\x1b": "e",
  '"': '"',
  "\\": "\\",
  "\x85": "N",
  "\xa0": "_",
  "\u2028": "L",
  "\u2029": "P",
};

const isShown = (character: string): boolean => {
  if ('"\\\x85\u2028\u2029\ufeff'.includes(character)) return false;
  const code = character.codePointAt(0) ?? 0;
  return (
    (code >= 0x20 && code <= 0x7e) || (code >= 0xa0 && code <= 0xd7ff) || (code >= 0xe000 && code <= 0xfffd)
  );
};

const escapeOf = (character: string): string => {
  const short = ESCAPES[character];
  if (short !== undefined) return `\\${short}`;
  const code = character.codePointAt(0) ?? 0;
  const hex = code.toString(16).toUpperCase();
  if (code <= 0xff) return `\\x${hex.padStart(2, "0")}`;
  return code <= 0xffff ? `\\u${hex.padStart(4, "0")}` : `\\U${hex.padStart(8, "0")}`;
};

const writeDoubleQuoted = (writer: Writer, text: string, split: boolean): void => {
  writer.indicator('"', true);
  const characters = Array.from(text);
  let afterSpace = false;
  for (const [index, character] of characters.entries()) {
    const inner = index > 0 && index < characters.length - 1;
    if (!isShown(character)) {
      writer.put(escapeOf(character));
      afterSpace = false;
    } else if (character === " ") {
      if (split && !afterSpace && inner && writer.column > writer.style.width) {
        writer.toIndent();
        if (characters[index + 1] === " ") writer.put("\\");
      } else {
        writer.put(character);
      }
      afterSpace = true;
    } else {
      writer.put(character);
      afterSpace = false;
    }
    writer.whitespace = false;
    writer.indention = false;
  }
  writer.indicator('"', false);
};

const blockHints = (writer: Writer, text: string): string => {
  const indent = text.startsWith(" ") || isBreak(text[0]) ? String(writer.style.indent) : "";
  if (!isBreak(text.at(-1))) return `${indent}-`;
  return text.length === 1 || isBreak(text.at(-2)) ? `${indent}+` : indent;
};

const writeBlockStart = (writer: Writer, indicator: string, text: string): void => {
  const hints = blockHints(writer, text);
  writer.indicator(indicator + hints, true);
  writer.newline();
  writer.openEnded = hints.endsWith("+");
  writer.indention = true;
  writer.whitespace = true;
};

const writeLiteral = (writer: Writer, text: string): void => {
  writeBlockStart(writer, "|", text);
  let breaks = true;
  for (const part of text.match(/[\n\x85\u2028\u2029]|[^\n\x85\u2028\u2029]+/g) ?? []) {
    if (isBreak(part)) {
      writer.newline(part);
      breaks = true;
    } else {
      if (breaks) writer.toIndent();
      writer.put(part);
      writer.indention = false;
      breaks = false;
    }
  }
};

const writeFolded = (writer: Writer, text: string): void => {
  writeBlockStart(writer, ">", text);
  let breaks = true;
  let leadingSpaces = true;
  const parts = runs(text);
  for (const [index, part] of parts.entries()) {
    if (isBreak(part[0])) {
      const next = parts[index + 1];
      if (!breaks && !leadingSpaces && part.startsWith("\n") && next !== undefined && !next.startsWith(" "))
        writer.newline();
      for (const character of part) writer.newline(character);
      breaks = true;
    } else if (part.startsWith(" ") && !breaks) {
      writeSpaces(writer, part, index < parts.length - 1);
    } else {
      if (breaks) {
        writer.toIndent();
        leadingSpaces = part.startsWith(" ");
      }
      writer.put(part);
      writer.indention = false;
      breaks = false;
    }
  }
};
