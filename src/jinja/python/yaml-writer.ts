import { textLength } from "./text.ts";
import type { YamlNode, YamlStyle } from "./yaml-nodes.ts";

/** The text of a YAML document while it grows, and what is known of its end. */
export interface YamlWriter {
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

/** A writer of a document. */
export const createWriter = (root: YamlNode, style: YamlStyle): YamlWriter => {
  const out: string[] = [];
  const writer: YamlWriter = {
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
