import { LbplayError } from "../core/error.ts";
import type { Expr, Stmt } from "./ast.ts";
import { compileExpr, guarded, type Unit } from "./compile-expression.ts";
import type { Root } from "./compile-template.ts";
import { type Collector, compileBody, type Step } from "./compile-template.ts";
import { concat } from "./concat.ts";
import {
  type Context,
  createSink,
  type Frame,
  innerFrame,
  readVariable,
  topFrame,
  writeVariable,
} from "./frame.ts";
import { loadTemplate } from "./load.ts";
import {
  Callable,
  Instance,
  isSequence,
  type Obj,
  PyError,
  textOf,
  Undefined,
  UndefinedUse,
} from "./objects.ts";
import { typeOf } from "./python/type.ts";

/** A block: its body is kept under its name, and whatever is most derived is rendered where it stands. */
export const compileBlockStatement = (node: Extract<Stmt, { kind: "block" }>, collector: Collector): Step => {
  const { unit, blocks } = collector;
  if (blocks.has(node.name)) {
    const at = unit.locate(node.offset, node.length);
    throw new LbplayError({
      code: "E_TEMPLATE_SYNTAX",
      message: `block '${node.name}' is defined twice`,
      at,
    });
  }
  const required = (): void => {
    throw new PyError("TypeError", `block '${node.name}' is required but no template defines it`);
  };
  blocks.set(node.name, required);
  blocks.set(node.name, node.required ? guarded(unit, node, required) : compileBody(node.body, collector));
  return (frame) => {
    if (frame.sink.muted) return;
    runBlock(node.name, node.scoped ? frame : null, frame);
  };
};

/** Renders the most derived block of a name; `scoped` blocks see the variables around them. */
const runBlock = (name: string, around: Frame | null, frame: Frame, depth = 0, sink = frame.sink): void => {
  const body = frame.context.blocks.get(name)?.[depth];
  if (body === undefined) throw new Error(`block ${name} has no body`);
  const inner: Frame =
    around === null
      ? { context: frame.context, vars: new Map(), enclosing: null, sink, top: false }
      : innerFrame(around, sink);
  inner.vars.set("super", superOf(name, around, frame, depth));
  inner.vars.set("self", selfOf(frame));
  body(inner);
};

const superOf = (name: string, around: Frame | null, frame: Frame, depth: number): Obj => {
  if (frame.context.blocks.get(name)?.[depth + 1] === undefined) {
    return new Undefined({ message: `there is no parent block called '${name}'` });
  }
  const call = (): Obj => {
    const sink = createSink();
    runBlock(name, around, frame, depth + 1, sink);
    return concat(sink.parts, frame.context.run.concat);
  };
  return new Instance({
    type: "BlockReference",
    attribute: (attribute) => (attribute === "super" ? superOf(name, around, frame, depth + 1) : undefined),
    call,
    print: () => "<BlockReference>",
  });
};

/** `self`: the template's blocks as functions. */
export const selfOf = (frame: Frame): Obj => {
  const block = (name: string): Obj | undefined => {
    if (!frame.context.blocks.has(name)) return undefined;
    return new Callable(name, () => {
      const sink = createSink();
      runBlock(name, null, frame, 0, sink);
      return concat(sink.parts, frame.context.run.concat);
    });
  };
  return new Instance({ type: "TemplateReference", attribute: block, print: () => "<TemplateReference>" });
};

/** Extends: from here on only blocks count, and the parent's body follows at the end. */
export const compileExtends = (node: Extract<Stmt, { kind: "extends" }>, unit: Unit): Step => {
  const name = compileExpr(node.template, unit);
  return guarded(unit, node.template, (frame) => {
    if (frame.context.parent !== null) throw new PyError("TypeError", "extended multiple times");
    const root = demandTemplate(name(frame), frame, unit);
    addBlocks(frame.context, root);
    frame.context.parent = (inner) => renderBody(root, inner);
    frame.sink.muted = true;
  });
};

/** Adds a template's blocks below those of the templates that extend it. */
export const addBlocks = (context: Context, root: Root): void => {
  for (const [name, body] of root.blocks) {
    const bodies = context.blocks.get(name);
    if (bodies === undefined) context.blocks.set(name, [body]);
    else bodies.push(body);
  }
};

/** A template's body and, where it extends another, that one's. */
export const renderBody = (root: Root, frame: Frame): void => {
  root.body(frame);
  const { parent } = frame.context;
  if (parent === null) return;
  frame.context.parent = null;
  frame.sink.muted = false;
  parent(frame);
};

/** More templates inside each other than this can only be an endless inclusion. */
const DEEPEST = 50;

/** Renders a template in a context of its own; gives that context. */
const renderApart = (root: Root, frame: Frame, withContext: boolean): { context: Context; parts: Obj[] } => {
  const { run } = frame.context;
  const outer = withContext ? (name: string) => readVariable(frame, name) : run.global;
  const context: Context = {
    run,
    vars: new Map(),
    exported: new Set(),
    blocks: new Map(),
    parent: null,
    outer,
    path: root.unit.path,
  };
  addBlocks(context, root);
  const inner = topFrame(context, createSink());
  if (run.depth.value >= DEEPEST)
    throw new PyError("OverflowError", "templates include each other without end");
  run.depth.value += 1;
  try {
    renderBody(root, withSelf(inner));
  } finally {
    run.depth.value -= 1;
  }
  return { context, parts: inner.sink.parts };
};

const withSelf = (frame: Frame): Frame => ({ ...frame, enclosing: selfScope(frame) });

/** The scope that holds `self` outside every block. */
export const selfScope = (frame: Frame): Frame => ({
  ...frame,
  vars: new Map([["self", selfOf(frame)]]),
  enclosing: null,
  top: false,
});

const demandTemplate = (name: Obj, frame: Frame, unit: Unit): Root => {
  const root = findTemplate([name], frame, unit);
  if (root !== null) return root;
  throw notFound([name]);
};

const notFound = (names: readonly Obj[]): LbplayError => {
  const shown = names.map((name) => `'${textOf(name) ?? ""}'`).join(", ");
  const message =
    names.length === 1 ? `template ${shown} was not found` : `none of the templates ${shown} was found`;
  return new LbplayError({ code: "E_TEMPLATE_NOT_FOUND", message });
};

const findTemplate = (names: readonly Obj[], frame: Frame, unit: Unit): Root | null => {
  for (const name of names) {
    if (name instanceof Undefined) throw new UndefinedUse(name);
    const text = textOf(name);
    if (text === null) throw new PyError("TypeError", `a template's name is a string, not ${typeOf(name)}`);
    const root = loadTemplate(text, unit, frame.context.run);
    if (root !== null) return root;
  }
  return null;
};

/** Gives an error of loading a template the place where the template is asked for. */
const located = (code: (frame: Frame) => void, unit: Unit, node: Expr): Step => {
  return guarded(unit, node, (frame) => {
    try {
      code(frame);
    } catch (error) {
      if (!(error instanceof LbplayError) || error.at !== null) throw error;
      throw new LbplayError({
        code: error.code,
        message: error.message,
        hint: error.hint,
        at: unit.locate(node.offset, node.length),
      });
    }
  });
};

/** Include: the output of another template, which sees this one's variables. */
export const compileInclude = (node: Extract<Stmt, { kind: "include" }>, unit: Unit): Step => {
  const template = compileExpr(node.template, unit);
  return located(
    (frame) => {
      if (frame.sink.muted) return;
      const wanted = template(frame);
      const names = isSequence(wanted) ? wanted : [wanted];
      const root = findTemplate(names, frame, unit);
      if (root === null) {
        if (node.ignoreMissing) return;
        throw notFound(names);
      }
      for (const part of renderApart(root, frame, node.withContext).parts) frame.sink.parts.push(part);
    },
    unit,
    node.template,
  );
};

/** Import: a template's macros and variables as one object. */
export const compileImport = (node: Extract<Stmt, { kind: "import" }>, unit: Unit): Step => {
  const template = compileExpr(node.template, unit);
  return located(
    (frame) => {
      const root = demandTemplate(template(frame), frame, unit);
      const { context, parts } = renderApart(root, frame, node.withContext);
      const attribute = (name: string): Obj | undefined =>
        context.exported.has(name) ? context.vars.get(name) : undefined;
      const text = (): string => textOf(concat(parts, "text")) ?? "";
      writeVariable(frame, node.target, new Instance({ type: "TemplateModule", attribute, print: text }));
      frame.context.exported.delete(node.target);
    },
    unit,
    node.template,
  );
};

/** From … import: some of a template's macros and variables. */
export const compileFromImport = (node: Extract<Stmt, { kind: "from-import" }>, unit: Unit): Step => {
  const template = compileExpr(node.template, unit);
  return located(
    (frame) => {
      const root = demandTemplate(template(frame), frame, unit);
      const { context } = renderApart(root, frame, node.withContext);
      for (const { name, alias } of node.names) {
        const found = context.exported.has(name) ? context.vars.get(name) : undefined;
        const message = `the template '${root.unit.path}' does not export the requested name '${name}'`;
        writeVariable(frame, alias, found ?? new Undefined({ message, candidates: () => context.exported }));
        frame.context.exported.delete(alias);
      }
    },
    unit,
    node.template,
  );
};
