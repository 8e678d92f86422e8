import type { Obj, Undefined } from "./objects.ts";
import type { Run } from "./run.ts";

/** Collects what a template prints. */
export interface Sink {
  readonly parts: Obj[];
  /** True once the template extends another: from then on only blocks count. */
  muted: boolean;
}

/** A collector of output. */
export const createSink = (): Sink => ({ parts: [], muted: false });

/** Renders one block of a template. */
export type BlockBody = (frame: Frame) => void;

/** One template being rendered: its exported names and its blocks, most derived first. */
export interface Context {
  readonly run: Run;
  readonly vars: Map<string, Obj>;
  readonly exported: Set<string>;
  readonly blocks: Map<string, BlockBody[]>;
  /** Set by extends: goes on with the parent template. */
  parent: ((frame: Frame) => void) | null;
  /** What lies outside the template. */
  readonly outer: (name: string) => Obj | undefined;
  readonly path: string;
}

/** The variables of one scope inside a template. */
export interface Frame {
  readonly context: Context;
  readonly vars: Map<string, Obj | Undefined>;
  readonly enclosing: Frame | null;
  readonly sink: Sink;
  /** True where `set` exports: outside every loop, block and macro. */
  readonly top: boolean;
}

/** A scope inside another; `sink` where its output goes elsewhere. */
export const innerFrame = (frame: Frame, sink: Sink = frame.sink): Frame => ({
  context: frame.context,
  vars: new Map(),
  enclosing: frame,
  sink,
  top: false,
});

/** The outermost scope of a template. */
export const topFrame = (context: Context, sink: Sink): Frame => ({
  context,
  vars: context.vars,
  enclosing: null,
  sink,
  top: true,
});

/** A variable as the template sees it at this point; undefined where there is none. */
export const readVariable = (frame: Frame, name: string): Obj | undefined => {
  for (let scope: Frame | null = frame; scope !== null; scope = scope.enclosing) {
    const found = scope.vars.get(name);
    if (found !== undefined) return found;
  }
  const own = frame.context.vars.get(name);
  return own === undefined ? frame.context.outer(name) : own;
};

/** Sets a variable of this scope; at the top of a template that also exports it. */
export const writeVariable = (frame: Frame, name: string, value: Obj): void => {
  frame.vars.set(name, value);
  if (frame.top && !name.startsWith("_")) frame.context.exported.add(name);
};
