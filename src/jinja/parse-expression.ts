import type { Value } from "../core/value.ts";
import type { Arguments, Call, Comparison, Expr, Filter } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { stringValue } from "./literal-text.ts";
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

const span = (context: ExpressionContext, offset: number): { offset: number; length: number } => ({
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

const parsePrimary = (context: ExpressionContext): Expr => {
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

const parsePostfix = (context: ExpressionContext, start: Expr): Expr => {
  const { stream } = context;
  let node = start;
  for (;;) {
    if (stream.is("operator", ".")) node = parseAttribute(context, node);
    else if (stream.is("operator", "[")) node = parseSubscript(context, node);
    else if (stream.is("operator", "(")) node = parseCall(context, node);
    else return node;
  }
};

const parseAttribute = (context: ExpressionContext, object: Expr): Expr => {
  const { stream } = context;
  stream.expect("operator", ".");
  const token = stream.next();
  if (token.kind === "name")
    return { kind: "getattr", object, name: token.text, ...span(context, object.offset) };
  if (token.kind !== "integer")
    throw stream.fail(`expected a name or a number after '.', found '${token.text}'`, token);
  const key: Expr = {
    kind: "const",
    value: readInt(token.text, 0) ?? 0,
    offset: token.offset,
    length: token.text.length,
  };
  return { kind: "getitem", object, key, ...span(context, object.offset) };
};

const parseSubscript = (context: ExpressionContext, object: Expr): Expr => {
  const { stream } = context;
  stream.expect("operator", "[");
  const bounds: (Expr | null)[] = [];
  const items: Expr[] = [];
  let colons = 0;
  let commas = 0;
  while (!stream.is("operator", "]")) {
    if (stream.skip("operator", ":")) {
      if (bounds.length === colons) bounds.push(null);
      colons += 1;
    } else if (stream.skip("operator", ",")) {
      commas += 1;
    } else {
      const part = parseExpression(context);
      bounds.push(part);
      items.push(part);
    }
  }
  stream.expect("operator", "]");
  const where = span(context, object.offset);
  if (colons > 0) {
    const [begin = null, stop = null, step = null] = bounds;
    return { kind: "slice", object, start: begin, stop, step, ...where };
  }
  const [only] = items;
  if (only === undefined) throw stream.fail("expected a subscript between '[' and ']'");
  const key: Expr = commas === 0 ? only : { kind: "tuple", items, ...where };
  return { kind: "getitem", object, key, ...where };
};

/** A call's arguments with their parentheses. */
export const parseArguments = (context: ExpressionContext): Arguments => {
  const { stream } = context;
  const opening = stream.expect("operator", "(");
  const positional: Expr[] = [];
  const keywords: { name: string; value: Expr }[] = [];
  let rest: Expr | null = null;
  let restKeywords: Expr | null = null;
  let first = true;
  while (!stream.is("operator", ")")) {
    if (!first) {
      stream.expect("operator", ",");
      if (stream.is("operator", ")")) break;
    }
    first = false;
    if (stream.skip("operator", "*")) {
      rest = parseExpression(context);
    } else if (stream.skip("operator", "**")) {
      restKeywords = parseExpression(context);
    } else if (stream.is("name") && stream.peek().kind === "operator" && stream.peek().text === "=") {
      const name = stream.next().text;
      stream.next();
      keywords.push({ name, value: parseExpression(context) });
    } else {
      if (keywords.length > 0 || rest !== null || restKeywords !== null) {
        throw stream.fail("an argument without a name must not follow one with a name", opening);
      }
      positional.push(parseExpression(context));
    }
  }
  stream.expect("operator", ")");
  return { positional, keywords, rest, restKeywords };
};

const NO_ARGUMENTS: Arguments = { positional: [], keywords: [], rest: null, restKeywords: null };

const parseCall = (context: ExpressionContext, callee: Expr): Call => {
  const args = parseArguments(context);
  return { kind: "call", callee, args, ...span(context, callee.offset) };
};

const parseFilterExpression = (context: ExpressionContext, start: Expr): Expr => {
  const { stream } = context;
  let node = start;
  for (;;) {
    if (stream.is("operator", "|")) node = parseFilters(context, node, false) ?? node;
    else if (stream.is("name", "is")) node = parseTest(context, node);
    else if (stream.is("operator", "(")) node = parseCall(context, node);
    else return node;
  }
};

const dottedName = ({ stream }: ExpressionContext): Token => {
  const token = stream.expect("name");
  let name = token.text;
  while (stream.skip("operator", ".")) name += `.${stream.expect("name").text}`;
  return { ...token, text: name };
};

/** `|name(…)|…`; `inline` where the first filter stands without its bar, as in a filter block. */
export const parseFilters = (
  context: ExpressionContext,
  input: Expr | null,
  inline: boolean,
): Filter | null => {
  const { stream } = context;
  let node = input;
  let filter: Filter | null = null;
  let bare = inline;
  while (bare || stream.is("operator", "|")) {
    if (!bare) stream.next();
    bare = false;
    const name = dottedName(context);
    const args = stream.is("operator", "(") ? parseArguments(context) : NO_ARGUMENTS;
    filter = {
      kind: "filter",
      input: node,
      name: name.text,
      args,
      offset: name.offset,
      length: name.text.length,
    };
    node = filter;
  }
  return filter;
};

const parseTest = (context: ExpressionContext, input: Expr): Expr => {
  const { stream } = context;
  stream.expect("name", "is");
  const negated = stream.skip("name", "not");
  const name = dottedName(context);
  const args = testArguments(context);
  const node: Expr = {
    kind: "test",
    input,
    name: name.text,
    args,
    offset: name.offset,
    length: name.text.length,
  };
  return negated ? { kind: "not", operand: node, ...span(context, input.offset) } : node;
};

const testArguments = (context: ExpressionContext): Arguments => {
  const { stream } = context;
  if (stream.is("operator", "(")) return parseArguments(context);
  const token = stream.current();
  const opens = token.kind === "operator" && (token.text === "[" || token.text === "{");
  const isOperand =
    opens ||
    token.kind === "name" ||
    token.kind === "string" ||
    token.kind === "integer" ||
    token.kind === "float";
  if (!isOperand) return NO_ARGUMENTS;
  if (token.kind === "name") {
    if (token.text === "else" || token.text === "or" || token.text === "and") return NO_ARGUMENTS;
    if (token.text === "is") throw stream.fail("tests cannot be chained with 'is'", token);
  }
  const argument = parsePostfix(context, parsePrimary(context));
  return { positional: [argument], keywords: [], rest: null, restKeywords: null };
};
