import type { Value } from "../core/value.ts";
import type { Comparison, Expr } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { stringValue } from "./literal-text.ts";
import { parseFilterExpression, parsePostfix } from "./parse-postfix.ts";
import type { Operator } from "./python/arithmetic.ts";
import { float, readInt } from "./python/number.ts";
import type { TokenStream } from "./token-stream.ts";

/** What the expression parser has to know beyond the tokens. */
export interface ExpressionContext {
  readonly stream: TokenStream;
  /** True inside `{{ }}` of a string of a YAML file: Ansible takes backslashes there as they are. */
  readonly rawBackslashes: boolean;
}

/** An expression, with `if … else` unless told otherwise. */
export const parseExpression = (context: ExpressionContext, withConditional = true): Expr =>
  withConditional ? parseConditional(context) : parseOr(context);

/** From an offset to where the last token ended. */
export const span = (context: ExpressionContext, offset: number): { offset: number; length: number } => ({
  offset,
  length: Math.max(1, context.stream.end() - offset),
});

const parseConditional = (context: ExpressionContext): Expr => {
  const { stream } = context;
  const { offset } = stream.current();
  let then = parseOr(context);
  while (stream.skip("name", "if")) {
    const test = parseOr(context);
    const otherwise = stream.skip("name", "else") ? parseConditional(context) : null;
    then = { kind: "conditional", test, then, otherwise, ...span(context, offset) };
  }
  return then;
};

const parseOr = (context: ExpressionContext): Expr => {
  const { offset } = context.stream.current();
  let left = parseAnd(context);
  while (context.stream.skip("name", "or")) {
    const right = parseAnd(context);
    left = { kind: "or", left, right, ...span(context, offset) };
  }
  return left;
};

const parseAnd = (context: ExpressionContext): Expr => {
  const { offset } = context.stream.current();
  let left = parseNot(context);
  while (context.stream.skip("name", "and")) {
    const right = parseNot(context);
    left = { kind: "and", left, right, ...span(context, offset) };
  }
  return left;
};

const parseNot = (context: ExpressionContext): Expr => {
  const { offset } = context.stream.current();
  if (!context.stream.skip("name", "not")) return parseCompare(context);
  const operand = parseNot(context);
  return { kind: "not", operand, ...span(context, offset) };
};

const COMPARISONS: ReadonlySet<string> = new Set(["==", "!=", "<", "<=", ">", ">="]);

const parseCompare = (context: ExpressionContext): Expr => {
  const { offset } = context.stream.current();
  const first = parseSum(context);
  const rest: { operator: Comparison; operand: Expr }[] = [];
  for (;;) {
    const operator = takeComparison(context);
    if (operator === null) break;
    rest.push({ operator, operand: parseSum(context) });
  }
  return rest.length === 0 ? first : { kind: "compare", first, rest, ...span(context, offset) };
};

const takeComparison = ({ stream }: ExpressionContext): Comparison | null => {
  const token = stream.current();
  if (token.kind === "operator" && COMPARISONS.has(token.text)) return stream.next().text as Comparison; // just looked up
  if (stream.skip("name", "in")) return "in";
  if (stream.is("name", "not") && stream.peek().kind === "name" && stream.peek().text === "in") {
    stream.next();
    stream.next();
    return "not in";
  }
  return null;
};

/** A chain of operators of one rank, grouped from the left. */
const chain =
  (operators: readonly Operator[], operand: (context: ExpressionContext) => Expr) =>
  (context: ExpressionContext): Expr => {
    const { stream } = context;
    const { offset } = stream.current();
    let left = operand(context);
    for (;;) {
      const operator = operators.find((candidate) => stream.is("operator", candidate));
      if (operator === undefined) return left;
      stream.next();
      const right = operand(context);
      left = { kind: "binary", operator, left, right, ...span(context, offset) };
    }
  };

const parseConcat = (context: ExpressionContext): Expr => {
  const { offset } = context.stream.current();
  const parts = [parseProduct(context)];
  while (context.stream.skip("operator", "~")) parts.push(parseProduct(context));
  const [only] = parts;
  return parts.length === 1 && only !== undefined
    ? only
    : { kind: "concat", parts, ...span(context, offset) };
};

const parseUnary = (context: ExpressionContext, withFilter = true): Expr => {
  const { stream } = context;
  const { offset } = stream.current();
  let node: Expr;
  const sign = stream.is("operator", "-") ? "-" : stream.is("operator", "+") ? "+" : null;
  if (sign !== null) {
    stream.next();
    const operand = parseUnary(context, false);
    node = { kind: "unary", operator: sign, operand, ...span(context, offset) };
  } else {
    node = parsePrimary(context);
  }
  node = parsePostfix(context, node);
  return withFilter ? parseFilterExpression(context, node) : node;
};

const parseSum = chain(["+", "-"], parseConcat);
const parsePower = chain(["**"], (context) => parseUnary(context));
const parseProduct = chain(["*", "/", "//", "%"], parsePower);

const CONSTANTS: Readonly<Record<string, Value>> = {
  true: true,
  True: true,
  false: false,
  False: false,
  none: null,
  None: null,
};

/** A name, a literal, or something in brackets. */
export const parsePrimary = (context: ExpressionContext): Expr => {
  const { stream } = context;
  const token = stream.current();
  const { offset } = token;
  switch (token.kind) {
    case "name": {
      stream.next();
      if (Object.hasOwn(CONSTANTS, token.text)) {
        return { kind: "const", value: CONSTANTS[token.text] ?? null, ...span(context, offset) };
      }
      return { kind: "name", name: token.text, ...span(context, offset) };
    }
    case "string": {
      let value = "";
      while (stream.is("string")) value += stringValue(stream.next().text, context.rawBackslashes);
      return { kind: "const", value, ...span(context, offset) };
    }
    case "integer":
      stream.next();
      return { kind: "const", value: readInt(token.text, 0) ?? 0, ...span(context, offset) };
    case "float":
      stream.next();
      return {
        kind: "const",
        value: float(Number(token.text.replaceAll("_", ""))),
        ...span(context, offset),
      };
    case "operator":
      return parseBracketed(context, token);
    default:
      throw unexpected(context, token);
  }
};

const unexpected = ({ stream }: ExpressionContext, token: Token): Error => {
  if (token.kind === "end") return stream.fail("expected an expression, found its end", token);
  if (token.kind === "block-end" || token.kind === "variable-end") {
    return stream.fail(
      `expected an expression, got the end of the ${token.kind === "block-end" ? "statement" : "print statement"}`,
      token,
    );
  }
  return stream.fail(`unexpected '${token.text}'`, token);
};

const parseBracketed = (context: ExpressionContext, token: Token): Expr => {
  const { stream } = context;
  const { offset } = token;
  if (stream.skip("operator", "(")) {
    const inner = parseTuple(context, { explicitParentheses: true });
    stream.expect("operator", ")");
    return inner.kind === "tuple" ? { ...inner, ...span(context, offset) } : inner;
  }
  if (stream.skip("operator", "[")) {
    const items = parseItems(context, "]", () => parseExpression(context));
    return { kind: "list", items, ...span(context, offset) };
  }
  if (stream.skip("operator", "{")) {
    const entries = parseItems(context, "}", () => {
      const key = parseExpression(context);
      stream.expect("operator", ":");
      return { key, value: parseExpression(context) };
    });
    return { kind: "dict", entries, ...span(context, offset) };
  }
  throw unexpected(context, token);
};

/** Items between commas up to the closing bracket, which is taken; one comma may trail. */
const parseItems = <T>({ stream }: ExpressionContext, closing: string, item: () => T): T[] => {
  const items: T[] = [];
  while (!stream.is("operator", closing)) {
    if (items.length > 0) stream.expect("operator", ",");
    if (stream.is("operator", closing)) break;
    items.push(item());
  }
  stream.expect("operator", closing);
  return items;
};

/** How a tuple may look where it stands. */
export interface TupleForm {
  readonly withConditional?: boolean;
  readonly explicitParentheses?: boolean;
  /** Names that end the tuple (`recursive`). */
  readonly endNames?: readonly string[];
}

/** One expression, or several with commas between, which make a tuple. */
export const parseTuple = (context: ExpressionContext, form: TupleForm = {}): Expr => {
  const { stream } = context;
  const { offset } = stream.current();
  const items: Expr[] = [];
  let isTuple = false;
  for (;;) {
    if (items.length > 0) stream.expect("operator", ",");
    if (isTupleEnd(stream, form.endNames ?? [])) break;
    items.push(parseExpression(context, form.withConditional ?? true));
    if (stream.is("operator", ",")) isTuple = true;
    else break;
  }
  const [only] = items;
  if (!isTuple) {
    if (only !== undefined) return only;
    if (form.explicitParentheses !== true) throw unexpected(context, stream.current());
  }
  return { kind: "tuple", items, ...span(context, offset) };
};

const isTupleEnd = (stream: TokenStream, endNames: readonly string[]): boolean => {
  const token = stream.current();
  if (token.kind === "variable-end" || token.kind === "block-end" || token.kind === "end") return true;
  if (token.kind === "operator" && token.text === ")") return true;
  return token.kind === "name" && endNames.includes(token.text);
};
