import type { Value } from "../core/value.ts";
import { addBlocks, renderBody, selfScope } from "./compile-inheritance.ts";
import type { Root } from "./compile-template.ts";
import { concat } from "./concat.ts";
import { type Context, createSink, topFrame } from "./frame.ts";
import { type Obj, textOf } from "./objects.ts";
import { toPlain } from "./plain.ts";
import { isNumber } from "./python/number.ts";
import type { Run } from "./run.ts";

/** A template as text. */
export const renderRoot = (root: Root, run: Run): string => {
  const text = textOf(concat(renderParts(root, run), "text")) ?? "";
  return root.unit.settings.keepTrailingNewline ? withLostNewlines(text, root) : text;
};

/** A lone variable between braces, as Ansible recognises it. */
const LONE_VARIABLE = /^\{\{\s*([\p{L}\p{N}_]*)\s*\}\}\n?$/u;

/** A string of a playbook: numbers keep their type where the string is one bare variable, lists, dicts and bools always. */
export const renderNativeRoot = (root: Root, run: Run): Value => {
  const { text: source, settings } = root.unit;
  const starts = [settings.variableStart, settings.blockStart, settings.commentStart];
  if (!starts.some((start) => source.includes(start))) return source;
  const lone = LONE_VARIABLE.exec(source)?.[1];
  if (lone !== undefined && run.scope.isLiteral?.(lone) !== false) {
    const value = run.resolve(lone);
    if (value === null || (value !== undefined && isNumber(value))) return value;
  }
  const value = concat(renderParts(root, run), "native");
  const text = textOf(value);
  if (text === null) return toPlain(value);
  return settings.keepTrailingNewline ? withLostNewlines(text, root) : text;
};

const renderParts = (root: Root, run: Run): readonly Obj[] => {
  const context: Context = {
    run,
    vars: new Map(),
    exported: new Set(),
    blocks: new Map(),
    parent: null,
    outer: run.resolve,
    path: root.unit.path,
  };
  addBlocks(context, root);
  const frame = topFrame(context, createSink());
  renderBody(root, { ...frame, enclosing: selfScope(frame) });
  return frame.sink.parts;
};

/** Ansible gives back the line feeds at the end that the text had and the output lacks. */
const withLostNewlines = (text: string, root: Root): string => {
  const lost = newlinesAtEnd(root.unit.text) - newlinesAtEnd(text);
  return lost > 0 ? text + root.unit.settings.newlineSequence.repeat(lost) : text;
};

const newlinesAtEnd = (text: string): number => {
  let end = text.length;
  while (end > 0 && text[end - 1] === "\n") end -= 1;
  return text.length - end;
};
