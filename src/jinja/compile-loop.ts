import type { Stmt } from "./ast.ts";
import { compileExpr, compileTruth, guarded } from "./compile-expression.ts";
import { type Collector, compileBody, compileTarget, type Step } from "./compile-template.ts";
import { concat } from "./concat.ts";
import { createSink, type Frame, innerFrame } from "./frame.ts";
import { Callable, Instance, type Obj, PyError, Undefined } from "./objects.ts";
import { equal } from "./python/compare.ts";
import { iterate } from "./python/operators.ts";

/** A for loop with its filter, `else`, `loop` and recursion. */
export const compileFor = (node: Extract<Stmt, { kind: "for" }>, collector: Collector): Step => {
  const { unit } = collector;
  const iterable = compileExpr(node.iterable, unit);
  const test = node.test === null ? null : compileTruth(node.test, unit);
  const assign = compileTarget(node.target, unit);
  const body = compileBody(node.body, collector);
  const otherwise = compileBody(node.otherwise, collector);

  const keep = (frame: Frame, items: readonly Obj[]): readonly Obj[] => {
    if (test === null) return items;
    return items.filter((item) => {
      const inner = innerFrame(frame);
      assign(inner, item);
      return test(inner);
    });
  };

  const runLoop = (frame: Frame, value: Obj, depth: number): void => {
    const items = keep(frame, iterate(value));
    const state: LoopState = { items, index: 0, depth, changed: null };
    const loop = loopObject(state, node.recursive ? (inner) => recurse(frame, inner, depth + 1) : null);
    for (; state.index < items.length; state.index += 1) {
      const inner = innerFrame(frame);
      inner.vars.set("loop", loop);
      assign(inner, items[state.index] ?? null);
      body(inner);
    }
    if (items.length === 0) otherwise(innerFrame(frame));
  };

  const recurse = (frame: Frame, value: Obj, depth: number): Obj => {
    const inner = innerFrame(frame, createSink());
    runLoop(inner, value, depth);
    return concat(inner.sink.parts, frame.context.run.concat);
  };

  return guarded(unit, node.iterable, (frame) => runLoop(frame, iterable(frame), 0));
};

interface LoopState {
  readonly items: readonly Obj[];
  index: number;
  readonly depth: number;
  changed: readonly Obj[] | null;
}

/** The `loop` variable. */
const loopObject = (state: LoopState, recurse: ((value: Obj) => Obj) | null): Instance => {
  const cycle = new Callable("cycle", (args) => {
    if (args.length === 0) throw new PyError("TypeError", "no items for cycling given");
    return args[state.index % args.length] ?? null;
  });
  const changed = new Callable("changed", (args) => {
    const before = state.changed;
    if (
      before !== null &&
      before.length === args.length &&
      before.every((item, at) => equal(item, args[at] ?? null))
    ) {
      return false;
    }
    state.changed = args;
    return true;
  });
  const attribute = (name: string): Obj | undefined => {
    if (name === "cycle") return cycle;
    if (name === "changed") return changed;
    return position(state, name);
  };
  const call = (args: readonly Obj[]): Obj => {
    if (recurse === null) {
      throw new PyError("TypeError", "the loop must have the 'recursive' marker to be called recursively");
    }
    return recurse(args[0] ?? []);
  };
  const print = (): string => `<LoopContext ${state.index + 1}/${state.items.length}>`;
  return new Instance({ type: "LoopContext", attribute, call, print, length: () => state.items.length });
};

const position = ({ items, index, depth }: LoopState, name: string): Obj | undefined => {
  switch (name) {
    case "index":
      return index + 1;
    case "index0":
      return index;
    case "revindex":
      return items.length - index;
    case "revindex0":
      return items.length - index - 1;
    case "first":
      return index === 0;
    case "last":
      return index === items.length - 1;
    case "length":
      return items.length;
    case "depth":
      return depth + 1;
    case "depth0":
      return depth;
    case "previtem":
      return items[index - 1] ?? new Undefined({ message: "there is no previous item" });
    case "nextitem":
      return items[index + 1] ?? new Undefined({ message: "there is no next item" });
    default:
      return undefined;
  }
};
