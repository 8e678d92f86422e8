import { type LbplayError, LbplayErrors, type Place } from "../core/error.ts";
import type { Arguments, Expr, Filter, OutputPart, Signature, Stmt, Target } from "./ast.ts";
import { isFilter, isTest, unknownFilter, unknownTest } from "./call.ts";
import { GLOBAL_NAMES } from "./globals.ts";
import type { Locate } from "./lexer.ts";

/** A variable that has to come from outside. */
export interface FreeVariable {
  readonly name: string;
  /** The attributes read from it that are known beforehand: `ansible_facts.distribution` gives `["distribution"]`. */
  readonly path: readonly string[];
  /** Worked out when it is asked for, which for nearly all variables never happens. */
  readonly at: Place | null;
  /** True where every use stands behind `is defined`, `default()` or a condition on it. */
  readonly guarded: boolean;
}

/** A filter, test or lookup plugin that is used, and where. */
export interface NameUse {
  readonly name: string;
  /** Worked out when it is asked for. */
  readonly at: Place | null;
}

/** What a template or an expression needs. */
export interface Uses {
  readonly variables: readonly FreeVariable[];
  readonly filters: readonly NameUse[];
  readonly tests: readonly NameUse[];
  readonly lookups: readonly NameUse[];
}

/** What a template needs. */
export const usesOfTemplate = (statements: readonly Stmt[], locate: Locate): Uses => {
  const walk = createWalk(locate);
  walkBody(statements, walk, { bound: new Set(), guarded: new Set() });
  return walk.result();
};

/** What an expression needs. */
export const usesOfExpression = (expression: Expr, locate: Locate): Uses => {
  const walk = createWalk(locate);
  walkExpr(expression, walk, { bound: new Set(), guarded: new Set() });
  return walk.result();
};

/** Throws for filters and tests that do not exist, unless the template asks beforehand (`'x' is filter`). */
export const checkNames = (uses: Uses): void => {
  const asks = uses.tests.some(({ name }) => name === "filter" || name === "test");
  if (asks) return;
  const errors: LbplayError[] = [
    ...uses.filters.filter(({ name }) => !isFilter(name)).map(({ name, at }) => unknownFilter(name, at)),
    ...uses.tests.filter(({ name }) => !isTest(name)).map(({ name, at }) => unknownTest(name, at)),
  ];
  const [first] = errors;
  if (errors.length > 1) throw new LbplayErrors(errors);
  if (first !== undefined) throw first;
};

/** Which of some special names a macro's body reads. */
export const mentions = (statements: readonly Stmt[], names: readonly string[]): ReadonlySet<string> => {
  const { variables } = usesOfTemplate(statements, () => null);
  return new Set(names.filter((name) => variables.some((variable) => variable.name === name)));
};

/** The names that are bound by the template at a point, and those that are known to be defined there. */
interface Known {
  readonly bound: Set<string>;
  readonly guarded: ReadonlySet<string>;
}

interface Walk {
  readonly read: (
    name: string,
    path: readonly string[],
    node: { offset: number; length: number },
    known: Known,
  ) => void;
  readonly note: (
    kind: "filters" | "tests" | "lookups",
    name: string,
    node: { offset: number; length: number },
  ) => void;
  readonly result: () => Uses;
}

const createWalk = (locate: Locate): Walk => {
  const variables = new Map<string, FreeVariable>();
  const notes = { filters: [] as NameUse[], tests: [] as NameUse[], lookups: [] as NameUse[] };
  const read: Walk["read"] = (name, path, node, known) => {
    if (known.bound.has(name) || name === "loop" || name === "self" || name === "super") return;
    if (GLOBAL_NAMES.includes(name)) return;
    const key = [name, ...path].join("\0");
    const guarded = isGuarded([name, ...path], known.guarded);
    const before = variables.get(key);
    if (before !== undefined && (guarded || !before.guarded)) return;
    variables.set(key, {
      name,
      path,
      get at() {
        return locate(node.offset, node.length);
      },
      guarded,
    });
  };
  const note: Walk["note"] = (kind, name, node) => {
    notes[kind].push({
      name,
      get at() {
        return locate(node.offset, node.length);
      },
    });
  };
  return { read, note, result: () => ({ variables: [...variables.values()], ...notes }) };
};

/** A path is guarded if it or what it is part of was tested. */
const isGuarded = (path: readonly string[], guarded: ReadonlySet<string>): boolean =>
  path.some((_, index) => guarded.has(path.slice(0, index + 1).join(".")));

const walkBody = (statements: readonly Stmt[], walk: Walk, known: Known): void => {
  for (const statement of statements) walkStatement(statement, walk, known);
};

const inner = (known: Known, names: Iterable<string> = []): Known => ({
  bound: new Set([...known.bound, ...names]),
  guarded: known.guarded,
});

const withGuards = (known: Known, guards: Iterable<string>): Known => ({
  bound: known.bound,
  guarded: new Set([...known.guarded, ...guards]),
});

const walkStatement = (node: Stmt, walk: Walk, known: Known): void => {
  switch (node.kind) {
    case "output":
      for (const part of node.parts) walkPart(part, walk, known);
      return;
    case "for":
      walkFor(node, walk, known);
      return;
    case "if":
      walkIf(node, walk, known);
      return;
    case "set":
      walkExpr(node.value, walk, known);
      bind(node.target, walk, known);
      return;
    case "set-block":
      walkBody(node.body, walk, inner(known));
      if (node.filter !== null) walkExpr(node.filter, walk, known);
      bind(node.target, walk, known);
      return;
    case "macro":
      known.bound.add(node.name);
      walkMacro(node.signature, node.body, walk, known);
      return;
    case "call-block":
      walkExpr(node.call, walk, known);
      walkMacro(node.signature, node.body, walk, known);
      return;
    case "filter-block":
      walkBody(node.body, walk, inner(known));
      walkExpr(node.filter, walk, known);
      return;
    case "with": {
      const body = inner(known);
      for (const { target, value } of node.bindings) {
        walkExpr(value, walk, known);
        bind(target, walk, body);
      }
      walkBody(node.body, walk, body);
      return;
    }
    case "scope":
    case "block":
      walkBody(node.body, walk, inner(known));
      return;
    case "extends":
    case "include":
      walkExpr(node.template, walk, known);
      return;
    case "import":
      walkExpr(node.template, walk, known);
      known.bound.add(node.target);
      return;
    case "from-import":
      walkExpr(node.template, walk, known);
      for (const { alias } of node.names) known.bound.add(alias);
  }
};

const walkPart = (part: OutputPart, walk: Walk, known: Known): void => {
  if (part.kind === "print") walkExpr(part.value, walk, known);
};

const targetNames = (target: Target): readonly string[] => {
  if (target.kind === "tuple") return target.items.flatMap(targetNames);
  return target.kind === "name" ? [target.name] : [];
};

const bind = (target: Target, walk: Walk, known: Known): void => {
  if (target.kind === "namespace") walk.read(target.name, [], target, known);
  for (const name of targetNames(target)) known.bound.add(name);
};

const walkFor = (node: Extract<Stmt, { kind: "for" }>, walk: Walk, known: Known): void => {
  walkExpr(node.iterable, walk, known);
  const body = inner(known, targetNames(node.target));
  if (node.test !== null) walkExpr(node.test, walk, body);
  walkBody(node.body, walk, node.test === null ? body : withGuards(body, whenTrue(node.test)));
  walkBody(node.otherwise, walk, inner(known));
};

/** What a branch sets is bound afterwards: whether it really ran is not known here. */
const walkIf = (node: Extract<Stmt, { kind: "if" }>, walk: Walk, known: Known): void => {
  let current = known;
  for (const { test, body } of node.branches) {
    walkExpr(test, walk, current);
    walkBody(body, walk, withGuards(current, whenTrue(test)));
    current = withGuards(current, whenFalse(test));
  }
  walkBody(node.otherwise, walk, current);
};

const walkMacro = (signature: Signature, body: readonly Stmt[], walk: Walk, known: Known): void => {
  const scope = inner(known, signature.parameters);
  for (const value of signature.defaults) walkExpr(value, walk, scope);
  walkBody(body, walk, scope);
};

/** The variables that are certainly defined where an expression is true. */
const whenTrue = (test: Expr): readonly string[] => {
  if (test.kind === "test") {
    const path = pathOf(test.input);
    return path !== null && test.name !== "undefined" ? [path.join(".")] : [];
  }
  if (test.kind === "not") return whenFalse(test.operand);
  if (test.kind === "and") return [...whenTrue(test.left), ...whenTrue(test.right)];
  return [];
};

/** The variables that are certainly defined where an expression is false. */
const whenFalse = (test: Expr): readonly string[] => {
  if (test.kind === "test" && test.name === "undefined") {
    const path = pathOf(test.input);
    return path === null ? [] : [path.join(".")];
  }
  if (test.kind === "not") return whenTrue(test.operand);
  if (test.kind === "or") return [...whenFalse(test.left), ...whenFalse(test.right)];
  return [];
};

/** `a.b['c']` as names, or null for what is no such chain. */
const pathOf = (node: Expr): readonly string[] | null => {
  if (node.kind === "name") return [node.name];
  if (node.kind !== "getattr" && node.kind !== "getitem") return null;
  const object = pathOf(node.object);
  if (object === null) return null;
  if (node.kind === "getattr") return [...object, node.name];
  return node.key.kind === "const" && typeof node.key.value === "string" ? [...object, node.key.value] : null;
};

const walkExpr = (node: Expr, walk: Walk, known: Known): void => {
  switch (node.kind) {
    case "const":
      return;
    case "name":
      walk.read(node.name, [], node, known);
      return;
    case "getattr":
    case "getitem":
      walkAccess(node, walk, known);
      return;
    case "call":
      walkCall(node, walk, known);
      return;
    case "filter":
      walkFilter(node, walk, known);
      return;
    case "test":
      walk.note("tests", node.name, node);
      walkInput(node.input, node.name === "defined" || node.name === "undefined", walk, known);
      walkArguments(node.args, walk, known);
      return;
    case "and":
      walkExpr(node.left, walk, known);
      walkExpr(node.right, walk, withGuards(known, whenTrue(node.left)));
      return;
    case "or":
      walkExpr(node.left, walk, known);
      walkExpr(node.right, walk, withGuards(known, whenFalse(node.left)));
      return;
    case "conditional":
      walkExpr(node.test, walk, known);
      walkExpr(node.then, walk, withGuards(known, whenTrue(node.test)));
      if (node.otherwise !== null) walkExpr(node.otherwise, walk, withGuards(known, whenFalse(node.test)));
      return;
    default:
      for (const part of partsOf(node)) walkExpr(part, walk, known);
  }
};

type Compound = Exclude<
  Expr,
  {
    kind:
      | "const"
      | "name"
      | "getattr"
      | "getitem"
      | "call"
      | "filter"
      | "test"
      | "and"
      | "or"
      | "conditional";
  }
>;

const partsOf = (node: Compound): readonly Expr[] => {
  switch (node.kind) {
    case "slice":
      return [node.object, node.start, node.stop, node.step].filter((part) => part !== null);
    case "binary":
      return [node.left, node.right];
    case "unary":
    case "not":
      return [node.operand];
    case "compare":
      return [node.first, ...node.rest.map(({ operand }) => operand)];
    case "concat":
      return node.parts;
    case "list":
    case "tuple":
      return node.items;
    case "dict":
      return node.entries.flatMap(({ key, value }) => [key, value]);
  }
};

const walkAccess = (node: Extract<Expr, { kind: "getattr" | "getitem" }>, walk: Walk, known: Known): void => {
  const path = pathOf(node);
  const [name, ...rest] = path ?? [];
  if (name !== undefined) {
    walk.read(name, rest, node, known);
    return;
  }
  walkExpr(node.object, walk, known);
  if (node.kind === "getitem") walkExpr(node.key, walk, known);
};

/** The value before `is defined` or `|default()` may be missing. */
const walkInput = (input: Expr, tested: boolean, walk: Walk, known: Known): void => {
  const path = tested ? pathOf(input) : null;
  walkExpr(input, walk, path === null ? known : withGuards(known, [path.join(".")]));
};

const walkArguments = (args: Arguments, walk: Walk, known: Known): void => {
  for (const argument of args.positional) walkExpr(argument, walk, known);
  for (const { value } of args.keywords) walkExpr(value, walk, known);
  if (args.rest !== null) walkExpr(args.rest, walk, known);
  if (args.restKeywords !== null) walkExpr(args.restKeywords, walk, known);
};

/** A method's name is no attribute that a variable has to have. */
const walkCall = (node: Extract<Expr, { kind: "call" }>, walk: Walk, known: Known): void => {
  const { callee, args } = node;
  if (callee.kind === "name" && ["lookup", "query", "q"].includes(callee.name)) {
    const [plugin] = args.positional;
    if (plugin?.kind === "const" && typeof plugin.value === "string")
      walk.note("lookups", plugin.value, plugin);
  }
  walkExpr(callee.kind === "getattr" ? callee.object : callee, walk, known);
  walkArguments(args, walk, known);
};

/** Filters that name a filter (`map`) or a test (`select`) in an argument, and in which. */
const NAMING: ReadonlyMap<string, { readonly kind: "filters" | "tests"; readonly argument: number }> =
  new Map([
    ["map", { kind: "filters", argument: 0 }],
    ["select", { kind: "tests", argument: 0 }],
    ["reject", { kind: "tests", argument: 0 }],
    ["selectattr", { kind: "tests", argument: 1 }],
    ["rejectattr", { kind: "tests", argument: 1 }],
  ]);

const walkFilter = (node: Filter, walk: Walk, known: Known): void => {
  walk.note("filters", node.name, node);
  const naming = NAMING.get(node.name);
  const named = naming === undefined ? undefined : node.args.positional[naming.argument];
  if (naming !== undefined && named?.kind === "const" && typeof named.value === "string") {
    walk.note(naming.kind, named.value, named);
  }
  if (node.input !== null)
    walkInput(node.input, /^(?:ansible\.builtin\.)?(?:default|d)$/.test(node.name), walk, known);
  walkArguments(node.args, walk, known);
};
