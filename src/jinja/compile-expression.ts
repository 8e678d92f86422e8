import type { Place } from "../core/error.ts";
import type { Arguments, Comparison, Expr, Filter, Test } from "./ast.ts";
import { getAttribute, getItem } from "./attributes.ts";
import { callFilter, callTest } from "./call.ts";
import type { JinjaSettings } from "./environment.ts";
import { type Context, createSink, type Frame, readVariable, topFrame } from "./frame.ts";
import type { Locate } from "./lexer.ts";
import {
  Callable,
  Instance,
  isMapping,
  type Keywords,
  type Obj,
  PyError,
  textOf,
  tuple,
  Undefined,
  UndefinedUse,
} from "./objects.ts";
import { binary, concatenate, negate, positive } from "./python/arithmetic.ts";
import { compare, equal, store } from "./python/compare.ts";
import { contains, iterate, slice, truth } from "./python/operators.ts";
import { typeOf } from "./python/type.ts";
import { explained, type Run } from "./run.ts";

/** The template that code is being compiled for. */
export interface Unit {
  readonly path: string;
  readonly text: string;
  readonly settings: JinjaSettings;
  readonly locate: Locate;
}

/** A compiled expression. */
export type Code = (frame: Frame) => Obj;

const NO_KEYWORDS: Keywords = new Map();

/** Adds the place of the innermost expression to whatever goes wrong in it. */
export const guarded = <T>(
  unit: Unit,
  node: { offset: number; length: number },
  code: (frame: Frame) => T,
) => {
  return (frame: Frame): T => {
    try {
      return code(frame);
    } catch (error) {
      throw explained(error, unit.locate(node.offset, node.length), frame.context.run.scope);
    }
  };
};

/** An expression as a function of the scope it is evaluated in. */
export const compileExpr = (node: Expr, unit: Unit): Code => {
  switch (node.kind) {
    case "const": {
      const { value } = node;
      return () => value;
    }
    case "name":
      return compileName(node.name, unit, node);
    case "getattr": {
      const object = compileExpr(node.object, unit);
      return guarded(unit, node, (frame) => placed(getAttribute(object(frame), node.name), unit, node));
    }
    case "getitem": {
      const object = compileExpr(node.object, unit);
      const key = compileExpr(node.key, unit);
      return guarded(unit, node, (frame) => placed(getItem(object(frame), key(frame)), unit, node));
    }
    case "slice":
      return compileSlice(node, unit);
    case "call":
      return compileCall(node.callee, node.args, unit, node);
    case "filter":
      return compileFilter(node, unit, null);
    case "test":
      return compileTest(node, unit);
    case "list": {
      const items = node.items.map((item) => compileExpr(item, unit));
      return (frame) => items.map((item) => item(frame));
    }
    case "tuple": {
      const items = node.items.map((item) => compileExpr(item, unit));
      return (frame) => tuple(items.map((item) => item(frame)));
    }
    case "dict":
      return compileDict(node, unit);
    default:
      return compileOperator(node, unit);
  }
};

type OperatorNode = Extract<
  Expr,
  { kind: "binary" | "unary" | "not" | "and" | "or" | "compare" | "concat" | "conditional" }
>;

const compileOperator = (node: OperatorNode, unit: Unit): Code => {
  switch (node.kind) {
    case "binary": {
      const left = compileExpr(node.left, unit);
      const right = compileExpr(node.right, unit);
      return guarded(unit, node, (frame) => binary(node.operator, left(frame), right(frame)));
    }
    case "unary": {
      const operand = compileExpr(node.operand, unit);
      const apply = node.operator === "-" ? negate : positive;
      return guarded(unit, node, (frame) => apply(operand(frame)));
    }
    case "not": {
      const operand = compileTruth(node.operand, unit);
      return (frame) => !operand(frame);
    }
    case "and": {
      const left = compileExpr(node.left, unit);
      const right = compileExpr(node.right, unit);
      return guarded(unit, node.left, (frame) => {
        const value = left(frame);
        return truth(value) ? right(frame) : value;
      });
    }
    case "or": {
      const left = compileExpr(node.left, unit);
      const right = compileExpr(node.right, unit);
      return guarded(unit, node.left, (frame) => {
        const value = left(frame);
        return truth(value) ? value : right(frame);
      });
    }
    case "compare":
      return compileCompare(node, unit);
    case "concat": {
      const parts = node.parts.map((part) => compileExpr(part, unit));
      return guarded(unit, node, (frame) => concatenate(parts.map((part) => part(frame))));
    }
    case "conditional":
      return compileConditional(node, unit);
  }
};

/** An expression as a condition. */
export const compileTruth = (node: Expr, unit: Unit): ((frame: Frame) => boolean) => {
  const code = compileExpr(node, unit);
  return guarded(unit, node, (frame) => truth(code(frame)));
};

const compileName = (name: string, unit: Unit, node: Expr): Code => {
  const at = (): Place | null => unit.locate(node.offset, node.length);
  return (frame) => {
    const value = readVariable(frame, name);
    if (value === undefined)
      return new Undefined({ message: `'${name}' is undefined`, variable: name, at: at() });
    return value;
  };
};

/** An attribute that is missing remembers where it was asked for. */
const placed = (value: Obj, unit: Unit, node: Expr): Obj => {
  if (!(value instanceof Undefined) || value.at !== null) return value;
  const { message, variable, candidates, cause, lenient } = value;
  return new Undefined({
    message,
    variable,
    candidates,
    cause,
    lenient,
    at: unit.locate(node.offset, node.length),
  });
};

const compileSlice = (node: Extract<Expr, { kind: "slice" }>, unit: Unit): Code => {
  const object = compileExpr(node.object, unit);
  const [start, stop, step] = [node.start, node.stop, node.step].map((bound) =>
    bound === null ? (): Obj => null : compileExpr(bound, unit),
  );
  if (start === undefined || stop === undefined || step === undefined)
    throw new Error("a slice has three bounds");
  return guarded(unit, node, (frame) => {
    const value = object(frame);
    if (value instanceof Undefined) return value;
    const found = slice(value, start(frame), stop(frame), step(frame));
    return (
      found ?? placed(new Undefined({ message: `'${typeOf(value)} object' has no such slice` }), unit, node)
    );
  });
};

const compileDict = (node: Extract<Expr, { kind: "dict" }>, unit: Unit): Code => {
  const entries = node.entries.map(
    ({ key, value }) => [compileExpr(key, unit), compileExpr(value, unit)] as const,
  );
  return guarded(unit, node, (frame) => {
    const made = new Map<Obj, Obj>();
    for (const [key, value] of entries) store(made, key(frame), value(frame));
    return made;
  });
};

const compileConditional = (node: Extract<Expr, { kind: "conditional" }>, unit: Unit): Code => {
  const test = compileTruth(node.test, unit);
  const then = compileExpr(node.then, unit);
  const otherwise =
    node.otherwise === null
      ? (): Obj =>
          new Undefined({
            message: "the inline if-expression evaluated to false and no else section was defined.",
            at: unit.locate(node.offset, node.length),
            lenient: true,
          })
      : compileExpr(node.otherwise, unit);
  return (frame) => (test(frame) ? then(frame) : otherwise(frame));
};

const compileCompare = (node: Extract<Expr, { kind: "compare" }>, unit: Unit): Code => {
  const first = compileExpr(node.first, unit);
  const rest = node.rest.map(({ operator, operand }) => ({ operator, operand: compileExpr(operand, unit) }));
  return guarded(unit, node, (frame) => {
    let left = first(frame);
    for (const { operator, operand } of rest) {
      const right = operand(frame);
      if (!compares(operator, left, right)) return false;
      left = right;
    }
    return true;
  });
};

const compares = (operator: Comparison, a: Obj, b: Obj): boolean => {
  switch (operator) {
    case "==":
      return equal(a, b);
    case "!=":
      return !equal(a, b);
    case "in":
      return contains(b, a);
    case "not in":
      return !contains(b, a);
    case "<":
      return compare(a, b, operator) < 0;
    case "<=":
      return compare(a, b, operator) <= 0;
    case ">":
      return compare(a, b, operator) > 0;
    case ">=":
      return compare(a, b, operator) >= 0;
  }
};

/** A call's arguments, evaluated. */
export type CompiledArguments = (frame: Frame) => {
  readonly args: readonly Obj[];
  readonly keywords: Keywords;
};

/** Arguments as a function of the scope. */
export const compileArguments = (args: Arguments, unit: Unit): CompiledArguments => {
  const positional = args.positional.map((argument) => compileExpr(argument, unit));
  const keywords = args.keywords.map(({ name, value }) => [name, compileExpr(value, unit)] as const);
  const rest = args.rest === null ? null : compileExpr(args.rest, unit);
  const restKeywords = args.restKeywords === null ? null : compileExpr(args.restKeywords, unit);
  return (frame) => {
    const values = positional.map((code) => code(frame));
    if (rest !== null) values.push(...iterate(rest(frame)));
    if (keywords.length === 0 && restKeywords === null) return { args: values, keywords: NO_KEYWORDS };
    const named = new Map<string, Obj>(keywords.map(([name, code]) => [name, code(frame)]));
    if (restKeywords !== null) addKeywords(named, restKeywords(frame));
    return { args: values, keywords: named };
  };
};

const addKeywords = (named: Map<string, Obj>, extra: Obj): void => {
  if (extra instanceof Undefined) throw new UndefinedUse(extra);
  if (!isMapping(extra))
    throw new PyError("TypeError", `argument after ** must be a mapping, not ${typeOf(extra)}`);
  for (const [key, value] of extra) {
    const name = textOf(key);
    if (name === null) throw new PyError("TypeError", "keywords must be strings");
    if (named.has(name)) throw new PyError("TypeError", `got multiple values for keyword argument '${name}'`);
    named.set(name, value);
  }
};

/** Calls whatever can be called. */
export const callValue = (callee: Obj, args: readonly Obj[], keywords: Keywords): Obj => {
  if (callee instanceof Callable) return callee.call(args, keywords);
  if (callee instanceof Instance && callee.behaviour.call !== undefined)
    return callee.behaviour.call(args, keywords);
  if (callee instanceof Undefined) throw new UndefinedUse(callee);
  throw new PyError("TypeError", `'${typeOf(callee)}' object is not callable`);
};

/** A call; `extra` are keywords that the statement adds (`caller`). */
export const compileCall = (
  callee: Expr,
  args: Arguments,
  unit: Unit,
  node: { offset: number; length: number },
  extra: ((frame: Frame) => readonly [string, Obj]) | null = null,
): Code => {
  const target = compileExpr(callee, unit);
  const evaluate = compileArguments(args, unit);
  return guarded(unit, node, (frame) => {
    const value = target(frame);
    const given = evaluate(frame);
    const keywords = extra === null ? given.keywords : new Map([...given.keywords, extra(frame)]);
    return callValue(value, given.args, keywords);
  });
};

/** A filter; `content` where its input is what a block printed. */
export const compileFilter = (node: Filter, unit: Unit, content: ((frame: Frame) => Obj) | null): Code => {
  const input = compileInput(node, unit, content);
  const evaluate = compileArguments(node.args, unit);
  const at = (): Place | null => unit.locate(node.offset, node.length);
  return guarded(unit, node, (frame) => {
    const value = input(frame);
    const { args, keywords } = evaluate(frame);
    return callFilter(node.name, value, args, keywords, frame.context.run, at);
  });
};

const compileInput = (node: Filter, unit: Unit, content: Code | null): Code => {
  if (node.input !== null) {
    return node.input.kind === "filter"
      ? compileFilter(node.input, unit, content)
      : compileExpr(node.input, unit);
  }
  if (content === null) throw new Error("a filter without an input outside a block");
  return content;
};

const compileTest = (node: Test, unit: Unit): Code => {
  const input = compileExpr(node.input, unit);
  const evaluate = compileArguments(node.args, unit);
  const at = (): Place | null => unit.locate(node.offset, node.length);
  return guarded(unit, node, (frame) => {
    const value = input(frame);
    const { args, keywords } = evaluate(frame);
    return callTest(node.name, value, args, keywords, frame.context.run, at);
  });
};

/** An expression alone, as in `when:`; the second argument turns its value into what is wanted. */
export const compileLoneExpression = (
  node: Expr,
  unit: Unit,
): (<T>(run: Run, use: (value: Obj) => T) => T) => {
  const code = compileExpr(node, unit);
  return (run, use) => {
    const context: Context = {
      run,
      vars: new Map(),
      exported: new Set(),
      blocks: new Map(),
      parent: null,
      outer: run.resolve,
      path: unit.path,
    };
    return guarded(unit, node, (frame) => use(code(frame)))(topFrame(context, createSink()));
  };
};
