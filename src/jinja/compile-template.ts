import type { Filter, OutputPart, Stmt, Target } from "./ast.ts";
import {
  type Code,
  compileCall,
  compileExpr,
  compileFilter,
  compileTruth,
  guarded,
  type Unit,
} from "./compile-expression.ts";
import {
  compileBlockStatement,
  compileExtends,
  compileFromImport,
  compileImport,
  compileInclude,
} from "./compile-inheritance.ts";
import { compileFor } from "./compile-loop.ts";
import { compileMacro } from "./compile-macro.ts";
import { concat, finalize } from "./concat.ts";
import { type BlockBody, createSink, type Frame, innerFrame, readVariable, writeVariable } from "./frame.ts";
import { Instance, type Obj, PyError, Undefined, UndefinedUse } from "./objects.ts";
import { changesValues } from "./plain.ts";
import { iterate } from "./python/operators.ts";
import { typeOf } from "./python/type.ts";

/** A compiled statement. */
export type Step = (frame: Frame) => void;

/** A compiled template. */
export interface Root {
  readonly body: Step;
  readonly blocks: ReadonlyMap<string, BlockBody>;
  readonly unit: Unit;
  /** True where a method may change a list or dict, here or in a template that this one loads. */
  readonly mayChange: boolean;
}

/** What compiling statements collects on the way. */
export interface Collector {
  readonly unit: Unit;
  readonly blocks: Map<string, BlockBody>;
}

/** A whole template as functions. */
export const compileRoot = (statements: readonly Stmt[], unit: Unit): Root => {
  const collector: Collector = { unit, blocks: new Map() };
  const body = compileBody(statements, collector);
  const mayChange = changesValues(unit.text) || statements.some(loadsOthers);
  return { body, blocks: collector.blocks, unit, mayChange };
};

const loadsOthers = (statement: Stmt): boolean => {
  if (statement.kind === "include" || statement.kind === "import") return true;
  if (statement.kind === "from-import" || statement.kind === "extends") return true;
  if (statement.kind === "if") {
    return [...statement.branches.flatMap(({ body }) => body), ...statement.otherwise].some(loadsOthers);
  }
  return "body" in statement && statement.body.some(loadsOthers);
};

/** Statements one after the other. */
export const compileBody = (statements: readonly Stmt[], collector: Collector): Step => {
  const steps = statements.map((statement) => compileStatement(statement, collector));
  return (frame) => {
    for (const step of steps) step(frame);
  };
};

const compileStatement = (node: Stmt, collector: Collector): Step => {
  const { unit } = collector;
  switch (node.kind) {
    case "output":
      return compileOutput(node.parts, unit);
    case "for":
      return compileFor(node, collector);
    case "if":
      return compileIf(node, collector);
    case "set": {
      const value = compileExpr(node.value, unit);
      const assign = compileTarget(node.target, unit);
      return guarded(unit, node, (frame) => assign(frame, value(frame)));
    }
    case "set-block":
      return compileSetBlock(node, collector);
    case "macro": {
      const make = compileMacro(node.name, node.signature, node.body, collector);
      return (frame) => writeVariable(frame, node.name, make(frame));
    }
    case "call-block": {
      const make = compileMacro(null, node.signature, node.body, collector);
      const { callee, args } = node.call;
      const call = compileCall(callee, args, unit, node.call, (frame) => ["caller", make(frame)]);
      return guarded(unit, node, (frame) => print(frame, call(frame)));
    }
    case "filter-block": {
      const content = captured(compileBody(node.body, collector));
      const filter = compileFilter(node.filter, unit, content);
      return guarded(unit, node, (frame) => print(frame, filter(frame)));
    }
    case "with":
      return compileWith(node, collector);
    case "scope": {
      const body = compileBody(node.body, collector);
      return (frame) => body(innerFrame(frame));
    }
    case "block":
      return compileBlockStatement(node, collector);
    case "extends":
      return compileExtends(node, unit);
    case "include":
      return compileInclude(node, unit);
    case "import":
      return compileImport(node, unit);
    case "from-import":
      return compileFromImport(node, unit);
  }
};

const print = (frame: Frame, value: Obj): void => {
  if (!frame.sink.muted) frame.sink.parts.push(finalize(value, frame.context.run.concat));
};

const compileOutput = (parts: readonly OutputPart[], unit: Unit): Step => {
  const steps = parts.map((part): Step => {
    if (part.kind === "data") {
      const { text } = part;
      return ({ sink }) => {
        sink.parts.push(text);
      };
    }
    const value = compileExpr(part.value, unit);
    return guarded(unit, part.value, (frame) => {
      frame.sink.parts.push(finalize(value(frame), frame.context.run.concat));
    });
  });
  return (frame) => {
    if (frame.sink.muted) return;
    for (const step of steps) step(frame);
  };
};

const compileIf = (node: Extract<Stmt, { kind: "if" }>, collector: Collector): Step => {
  const branches = node.branches.map(({ test, body }) => ({
    test: compileTruth(test, collector.unit),
    body: compileBody(body, collector),
  }));
  const otherwise = compileBody(node.otherwise, collector);
  return (frame) => {
    for (const { test, body } of branches) {
      if (test(frame)) {
        body(frame);
        return;
      }
    }
    otherwise(frame);
  };
};

/** What statements print, as one value. */
export const captured =
  (body: Step): Code =>
  (frame) => {
    const inner = innerFrame(frame, createSink());
    body(inner);
    return concat(inner.sink.parts, frame.context.run.concat);
  };

const compileSetBlock = (node: Extract<Stmt, { kind: "set-block" }>, collector: Collector): Step => {
  const content = captured(compileBody(node.body, collector));
  const value =
    node.filter === null ? content : compileFilter(node.filter satisfies Filter, collector.unit, content);
  const assign = compileTarget(node.target, collector.unit);
  return guarded(collector.unit, node, (frame) => assign(frame, value(frame)));
};

const compileWith = (node: Extract<Stmt, { kind: "with" }>, collector: Collector): Step => {
  const bindings = node.bindings.map(({ target, value }) => ({
    assign: compileTarget(target, collector.unit),
    value: compileExpr(value, collector.unit),
  }));
  const body = compileBody(node.body, collector);
  return guarded(collector.unit, node, (frame) => {
    const inner = innerFrame(frame);
    for (const { assign, value } of bindings) assign(inner, value(frame));
    body(inner);
  });
};

/** Assigns to a target; a tuple takes exactly as many values as it has names. */
export const compileTarget = (target: Target, unit: Unit): ((frame: Frame, value: Obj) => void) => {
  switch (target.kind) {
    case "name":
      return (frame, value) => writeVariable(frame, target.name, value);
    case "namespace":
      return (frame, value) =>
        assignAttribute(readVariable(frame, target.name), target.name, target.attribute, value);
    case "tuple": {
      const items = target.items.map((item) => compileTarget(item, unit));
      return (frame, value) => {
        const values = unpack(value, items.length);
        for (const [index, assign] of items.entries()) assign(frame, values[index] ?? null);
      };
    }
  }
};

const unpack = (value: Obj, wanted: number): readonly Obj[] => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const values = iterate(value);
  if (values.length < wanted) {
    throw new PyError("ValueError", `not enough values to unpack (expected ${wanted}, got ${values.length})`);
  }
  if (values.length > wanted)
    throw new PyError("ValueError", `too many values to unpack (expected ${wanted})`);
  return values;
};

const assignAttribute = (object: Obj | undefined, name: string, attribute: string, value: Obj): void => {
  if (object instanceof Instance && object.behaviour.assign !== undefined) {
    object.behaviour.assign(attribute, value);
    return;
  }
  const found = object === undefined ? "undefined" : typeOf(object);
  throw new PyError(
    "TypeError",
    `cannot assign to '${name}.${attribute}': '${name}' is ${found}, not a namespace`,
  );
};
