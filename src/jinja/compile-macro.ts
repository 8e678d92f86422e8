import type { Signature, Stmt } from "./ast.ts";
import { compileExpr } from "./compile-expression.ts";
import { type Collector, compileBody } from "./compile-template.ts";
import { concat } from "./concat.ts";
import { createSink, type Frame, innerFrame } from "./frame.ts";
import { Instance, type Keywords, type Obj, PyError, tuple, Undefined } from "./objects.ts";
import { mentions } from "./variables.ts";

/** A macro, or the body of a call block (`name` null), as a function of the scope it is defined in. */
export const compileMacro = (
  name: string | null,
  signature: Signature,
  statements: readonly Stmt[],
  collector: Collector,
): ((frame: Frame) => Obj) => {
  const body = compileBody(statements, collector);
  const defaults = signature.defaults.map((value) => compileExpr(value, collector.unit));
  const uses = mentions(statements, ["caller", "kwargs", "varargs"]);
  const { parameters } = signature;
  const firstDefault = parameters.length - defaults.length;
  const label = name ?? "caller";

  const bind = (inner: Frame, args: readonly Obj[], keywords: Keywords): void => {
    const rest = new Map(keywords);
    for (const [index, parameter] of parameters.entries()) {
      // None is given, too: only undefined is not.
      const given = index < args.length ? args[index] : takeKeyword(rest, parameter);
      const value = given === undefined ? defaults[index - firstDefault]?.(inner) : given;
      inner.vars.set(parameter, value === undefined ? missing(parameter) : value);
    }
    const caller = takeKeyword(rest, "caller");
    if (uses.has("caller") && !parameters.includes("caller")) {
      inner.vars.set(
        "caller",
        caller === undefined ? new Undefined({ message: "No caller defined" }) : caller,
      );
    } else if (caller !== undefined && !parameters.includes("caller")) {
      rest.set("caller", caller);
    }
    const extra = args.slice(parameters.length);
    if (uses.has("kwargs")) inner.vars.set("kwargs", rest);
    else refuseKeywords(label, rest);
    if (uses.has("varargs")) inner.vars.set("varargs", tuple(extra));
    else if (extra.length > 0) {
      throw new PyError("TypeError", `macro '${label}' takes not more than ${parameters.length} argument(s)`);
    }
  };

  return (frame) => {
    const call = (args: readonly Obj[], keywords: Keywords): Obj => {
      const inner = innerFrame(frame, createSink());
      const { calls } = frame.context.run;
      if (calls.value >= DEEPEST_CALL)
        throw new PyError("OverflowError", "the template calls itself without end");
      calls.value += 1;
      try {
        bind(inner, args, keywords);
        body(inner);
      } finally {
        calls.value -= 1;
      }
      return concat(inner.sink.parts, frame.context.run.concat);
    };
    return new Instance({
      type: "Macro",
      attribute: (attribute) => macroAttribute(attribute, name, parameters, uses),
      call,
      print: () => `<Macro ${name === null ? "anonymous" : `'${name}'`}>`,
    });
  };
};

/** Macros deeper inside each other than this can only be an endless recursion; Python stops at about as many. */
const DEEPEST_CALL = 300;

const takeKeyword = (rest: Map<string, Obj>, name: string): Obj | undefined => {
  const value = rest.get(name);
  rest.delete(name);
  return value;
};

const missing = (parameter: string): Undefined =>
  new Undefined({ message: `parameter '${parameter}' was not provided`, variable: null });

const refuseKeywords = (label: string, rest: Keywords): void => {
  if (rest.size === 0) return;
  if (rest.has("caller")) {
    throw new PyError("TypeError", `macro '${label}' takes no caller`);
  }
  throw new PyError("TypeError", `macro '${label}' takes no keyword argument '${[...rest.keys()][0]}'`);
};

const macroAttribute = (
  attribute: string,
  name: string | null,
  parameters: readonly string[],
  uses: ReadonlySet<string>,
): Obj | undefined => {
  switch (attribute) {
    case "name":
      return name;
    case "arguments":
      return tuple(parameters);
    case "catch_kwargs":
      return uses.has("kwargs");
    case "catch_varargs":
      return uses.has("varargs");
    case "caller":
      return uses.has("caller");
    default:
      return undefined;
  }
};
