import type { Arguments, Call, Expr, Filter } from "./ast.ts";
import type { Token } from "./lexer.ts";
import { type ExpressionContext, parseExpression, parsePrimary, span } from "./parse-expression.ts";
import { readInt } from "./python/number.ts";

/** Attributes, subscripts and calls that follow a value. */
export const parsePostfix = (context: ExpressionContext, start: Expr): Expr => {
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

/** Filters, tests and calls that follow a value. */
export const parseFilterExpression = (context: ExpressionContext, start: Expr): Expr => {
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
