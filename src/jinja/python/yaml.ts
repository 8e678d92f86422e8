import type { Obj } from "../objects.ts";
import { textLength } from "./text.ts";
import { representYaml, type YamlNode, type YamlStyle } from "./yaml-nodes.ts";
import { analyzeScalar, readsAsString, type ScalarAnalysis } from "./yaml-scalar.ts";
import { writeDoubleQuoted, writeFolded, writeLiteral, writePlain, writeSingleQuoted } from "./yaml-text.ts";
import { createWriter, type YamlWriter } from "./yaml-writer.ts";

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

const writeNode = (writer: YamlWriter, node: YamlNode, position: Position): void => {
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

const inside = (writer: YamlWriter, indent: number, body: () => void): void => {
  const before = writer.indent;
  writer.indent = indent;
  body();
  writer.indent = before;
};

const deeper = (writer: YamlWriter): number =>
  writer.indent < 0 ? (writer.flowLevel > 0 ? writer.style.indent : 0) : writer.indent + writer.style.indent;

const ITEM: Position = { root: false, sequence: true, mapping: false, simpleKey: false };
const VALUE: Position = { root: false, sequence: false, mapping: true, simpleKey: false };
const KEY: Position = { root: false, sequence: false, mapping: true, simpleKey: true };

const writeSequence = (
  writer: YamlWriter,
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
  writer: YamlWriter,
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

const writeMapping = (writer: YamlWriter, node: Extract<YamlNode, { kind: "mapping" }>): void => {
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

const writeEntry = (writer: YamlWriter, [key, value]: readonly [YamlNode, YamlNode], flow: boolean): void => {
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

const isSimpleKey = (writer: YamlWriter, key: YamlNode): boolean => {
  if (key.kind === "sequence") return key.items.length === 0;
  if (key.kind === "mapping") return key.entries.length === 0;
  if (writer.anchors.has(key)) return true;
  const analysis = analyzeScalar(key.text);
  return !analysis.multiline && textLength(key.text) <= LONGEST_KEY;
};

const chooseStyle = (
  writer: YamlWriter,
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
  writer: YamlWriter,
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
