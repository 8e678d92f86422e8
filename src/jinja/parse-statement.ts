import { suggest } from "../core/suggest.ts";
import type { Call, Expr, OutputPart, Signature, Stmt, Target } from "./ast.ts";
import type { JinjaSettings } from "./environment.ts";
import { type Locate, type Token, tokenize, tokenizeExpression } from "./lexer.ts";
import { type ExpressionContext, parseExpression, parseTuple } from "./parse-expression.ts";
import { parseFilters } from "./parse-postfix.ts";
import { createTokenStream, type TokenStream } from "./token-stream.ts";

/** What the statement parser carries along. */
interface ParseContext {
  readonly stream: TokenStream;
  /** For the code of `{% %}`. */
  readonly code: ExpressionContext;
  /** For the code of `{{ }}`. */
  readonly print: ExpressionContext;
  /** Names that would end one of the blocks around, innermost last, with the tag that opened it. */
  readonly open: { readonly ends: readonly string[]; readonly tag: Token }[];
  readonly newline: string;
}

/** A template's statements. */
export const parseTemplate = (text: string, settings: JinjaSettings, locate: Locate): readonly Stmt[] => {
  const stream = createTokenStream(tokenize(text, settings, locate), locate, settings);
  const context: ParseContext = {
    stream,
    code: { stream, rawBackslashes: false },
    print: { stream, rawBackslashes: settings.rawBackslashes },
    open: [],
    newline: settings.newlineSequence,
  };
  return parseBody(context, null).body;
};

/** A bare expression. */
export const parseBareExpression = (text: string, settings: JinjaSettings, locate: Locate): Expr => {
  const stream = createTokenStream(tokenizeExpression(text, settings, locate), locate, settings);
  const expression = parseExpression({ stream, rawBackslashes: false });
  if (!stream.is("end")) throw stream.fail(`unexpected '${stream.current().text}' after the expression`);
  return expression;
};

/** Statements up to one of the end tags (whose name it gives, the rest of that tag not yet read), or to the end. */
const parseBody = (
  context: ParseContext,
  ends: readonly string[] | null,
  opened: Token | null = null,
): { body: Stmt[]; end: string } => {
  const { stream } = context;
  const body: Stmt[] = [];
  let parts: OutputPart[] = [];
  const flush = (): void => {
    if (parts.length > 0) body.push({ kind: "output", parts });
    parts = [];
  };
  if (ends !== null && opened !== null) context.open.push({ ends, tag: opened });
  for (;;) {
    if (stream.is("data")) {
      parts.push({ kind: "data", text: withNewlines(stream.next().text, context.newline) });
    } else if (stream.skip("variable-begin")) {
      parts.push({ kind: "print", value: parseTuple(context.print) });
      stream.expect("variable-end");
    } else if (stream.skip("block-begin")) {
      flush();
      const name = stream.current();
      if (ends !== null && name.kind === "name" && ends.includes(name.text)) {
        stream.next();
        if (opened !== null) context.open.pop();
        return { body, end: name.text };
      }
      parseStatement(context, body);
      stream.expect("block-end");
    } else {
      if (ends !== null) throw neverClosed(context, ends, opened);
      flush();
      return { body, end: "" };
    }
  }
};

const withNewlines = (text: string, newline: string): string =>
  newline === "\n" ? text : text.replaceAll("\n", newline);

const neverClosed = ({ stream }: ParseContext, ends: readonly string[], opened: Token | null): Error =>
  stream.fail(
    `the '${opened?.text ?? "block"}' block is never closed`,
    opened ?? stream.current(),
    `Close it with '{% ${ends.at(-1)} %}'.`,
  );

type Parser = (context: ParseContext, tag: Token) => Stmt | readonly Stmt[];

const parseStatement = (context: ParseContext, body: Stmt[]): void => {
  const { stream } = context;
  const tag = stream.current();
  if (tag.kind !== "name") throw stream.fail("a tag name is expected after '{%'", tag);
  const parser = STATEMENTS.get(tag.text);
  if (parser === undefined) throw unknownTag(context, tag);
  stream.next();
  const parsed = parser(context, tag);
  if ("kind" in parsed) body.push(parsed);
  else body.push(...parsed);
};

const unknownTag = ({ stream, open }: ParseContext, tag: Token): Error => {
  const innermost = open.at(-1);
  if (/^(end|else|elif)/.test(tag.text)) {
    if (innermost === undefined)
      return stream.fail(`'${tag.text}' closes nothing: no block is open here`, tag);
    const wanted = innermost.ends.map((end) => `'${end}'`).join(" or ");
    return stream.fail(
      `unexpected '${tag.text}': the '${innermost.tag.text}' block here wants ${wanted}`,
      tag,
    );
  }
  const extension: Readonly<Record<string, string>> = {
    do: "Ansible does not enable 'do'; use '{% set _ = … %}'.",
    break: "Ansible does not enable loop controls; filter the loop with '{% for … if … %}'.",
    continue: "Ansible does not enable loop controls; filter the loop with '{% for … if … %}'.",
  };
  const meant = suggest(tag.text, STATEMENTS.keys());
  const hint = extension[tag.text] ?? (meant === null ? null : `Did you mean '${meant}'?`);
  return stream.fail(`unknown tag '${tag.text}'`, tag, hint);
};

const where = (tag: Token): { offset: number; length: number } => ({
  offset: tag.offset,
  length: tag.text.length,
});

/** The body of a block after its opening tag, closing tag included up to its name. */
const blockBody = (
  context: ParseContext,
  tag: Token,
  ends: readonly string[],
): { body: Stmt[]; end: string } => {
  context.stream.skip("operator", ":");
  context.stream.expect("block-end");
  return parseBody(context, ends, tag);
};

const parseFor: Parser = (context, tag) => {
  const { stream, code } = context;
  const target = parseTarget(context, ["in"]);
  stream.expect("name", "in");
  const iterable = parseTuple(code, { withConditional: false, endNames: ["recursive"] });
  const test = stream.skip("name", "if") ? parseExpression(code) : null;
  const recursive = stream.skip("name", "recursive");
  const { body, end } = blockBody(context, tag, ["endfor", "else"]);
  const otherwise = end === "else" ? blockBody(context, tag, ["endfor"]).body : [];
  return { kind: "for", target, iterable, test, recursive, body, otherwise, ...where(tag) };
};

const parseIf: Parser = (context, tag) => {
  const { code } = context;
  const branches: { test: Expr; body: Stmt[] }[] = [];
  for (;;) {
    const test = parseTuple(code, { withConditional: false });
    const { body, end } = blockBody(context, tag, ["elif", "else", "endif"]);
    branches.push({ test, body });
    if (end === "elif") continue;
    const otherwise = end === "else" ? blockBody(context, tag, ["endif"]).body : [];
    return { kind: "if", branches, otherwise, ...where(tag) };
  }
};

const parseSet: Parser = (context, tag) => {
  const { stream, code } = context;
  const target = parseTarget(context, [], true);
  if (stream.skip("operator", "=")) return { kind: "set", target, value: parseTuple(code), ...where(tag) };
  const filter = parseFilters(code, null, false);
  const { body } = blockBody(context, tag, ["endset"]);
  return { kind: "set-block", target, filter, body, ...where(tag) };
};

const parseWith: Parser = (context, tag) => {
  const { stream, code } = context;
  const bindings: { target: Target; value: Expr }[] = [];
  while (!stream.is("block-end")) {
    if (bindings.length > 0) stream.expect("operator", ",");
    const target = parseTarget(context, [], false, false);
    stream.expect("operator", "=");
    bindings.push({ target, value: parseExpression(code) });
  }
  const { body } = blockBody(context, tag, ["endwith"]);
  return { kind: "with", bindings, body, ...where(tag) };
};

/** Escaping is off in Ansible and output is never escaped, so the tag only makes a scope. */
const parseAutoescape: Parser = (context, tag) => {
  parseExpression(context.code);
  const { body } = blockBody(context, tag, ["endautoescape"]);
  return { kind: "scope", body, ...where(tag) };
};

const parseBlock: Parser = (context, tag) => {
  const { stream } = context;
  const name = stream.expect("name").text;
  const scoped = stream.skip("name", "scoped");
  const required = stream.skip("name", "required");
  if (stream.is("operator", "-")) {
    throw stream.fail(
      "a block's name must be a valid identifier: '-' is not",
      undefined,
      "Use an underscore.",
    );
  }
  const { body } = blockBody(context, tag, ["endblock"]);
  stream.skip("name", name);
  return { kind: "block", name, scoped, required, body, ...where(tag) };
};

const parsePrint: Parser = (context) => {
  const { stream, code } = context;
  const parts: OutputPart[] = [];
  while (!stream.is("block-end")) {
    if (parts.length > 0) stream.expect("operator", ",");
    parts.push({ kind: "print", value: parseExpression(code) });
  }
  return { kind: "output", parts };
};

const parseSignature = (context: ParseContext): Signature => {
  const { stream, code } = context;
  const parameters: string[] = [];
  const defaults: Expr[] = [];
  stream.expect("operator", "(");
  while (!stream.is("operator", ")")) {
    if (parameters.length > 0) stream.expect("operator", ",");
    const name = stream.expect("name");
    parameters.push(name.text);
    if (stream.skip("operator", "=")) defaults.push(parseExpression(code));
    else if (defaults.length > 0)
      throw stream.fail("a parameter without a default follows one with a default", name);
  }
  stream.expect("operator", ")");
  return { parameters, defaults };
};

const parseMacro: Parser = (context, tag) => {
  const name = context.stream.expect("name").text;
  const signature = parseSignature(context);
  const { body } = blockBody(context, tag, ["endmacro"]);
  return { kind: "macro", name, signature, body, ...where(tag) };
};

const parseCallBlock: Parser = (context, tag) => {
  const { stream, code } = context;
  const signature = stream.is("operator", "(") ? parseSignature(context) : { parameters: [], defaults: [] };
  const start = stream.current();
  const call = parseExpression(code);
  if (call.kind !== "call") throw stream.fail("a call block wants a call, such as 'name()'", start);
  const { body } = blockBody(context, tag, ["endcall"]);
  return { kind: "call-block", call: call satisfies Call, signature, body, ...where(tag) };
};

const parseFilterBlock: Parser = (context, tag) => {
  const filter = parseFilters(context.code, null, true);
  if (filter === null) throw context.stream.fail("a filter block wants a filter's name");
  const { body } = blockBody(context, tag, ["endfilter"]);
  return { kind: "filter-block", filter, body, ...where(tag) };
};

const parseExtends: Parser = (context, tag) => ({
  kind: "extends",
  template: parseExpression(context.code),
  ...where(tag),
});

/** `with context` / `without context`, or what goes without saying. */
const parseContextWord = ({ stream }: ParseContext, otherwise: boolean): boolean => {
  const next = stream.peek();
  if (next.kind !== "name" || next.text !== "context") return otherwise;
  const word = stream.current();
  if (word.kind !== "name" || (word.text !== "with" && word.text !== "without")) return otherwise;
  stream.next();
  stream.next();
  return word.text === "with";
};

const parseInclude: Parser = (context, tag) => {
  const { stream, code } = context;
  const template = parseExpression(code);
  let ignoreMissing = false;
  if (stream.is("name", "ignore") && stream.peek().text === "missing") {
    stream.next();
    stream.next();
    ignoreMissing = true;
  }
  return {
    kind: "include",
    template,
    ignoreMissing,
    withContext: parseContextWord(context, true),
    ...where(tag),
  };
};

const parseImport: Parser = (context, tag) => {
  const { stream, code } = context;
  const template = parseExpression(code);
  stream.expect("name", "as");
  const target = stream.expect("name").text;
  return { kind: "import", template, target, withContext: parseContextWord(context, false), ...where(tag) };
};

const parseFromImport: Parser = (context, tag) => {
  const { stream, code } = context;
  const template = parseExpression(code);
  stream.expect("name", "import");
  const names: { name: string; alias: string }[] = [];
  let withContext = false;
  for (;;) {
    if (names.length > 0) stream.expect("operator", ",");
    if (stream.current().kind !== "name") break;
    const before = stream.current();
    withContext = parseContextWord(context, false);
    if (stream.current() !== before) break;
    const name = stream.expect("name");
    if (name.text.startsWith("_"))
      throw stream.fail("names that begin with an underscore cannot be imported", name);
    const alias = stream.skip("name", "as") ? stream.expect("name").text : name.text;
    names.push({ name: name.text, alias });
    const word = stream.current();
    withContext = parseContextWord(context, false);
    if (stream.current() !== word || !stream.is("operator", ",")) break;
  }
  if (names.length === 0) throw stream.fail("expected the names to import");
  return { kind: "from-import", template, names, withContext, ...where(tag) };
};

const RESERVED: ReadonlySet<string> = new Set(["true", "false", "none", "True", "False", "None"]);

const parseTarget = (
  context: ParseContext,
  endNames: readonly string[],
  withNamespace = false,
  withTuple = true,
): Target => {
  const { stream } = context;
  if (withNamespace && stream.peek().text === ".") {
    const name = stream.expect("name");
    stream.expect("operator", ".");
    const attribute = stream.expect("name");
    const length = attribute.offset + attribute.text.length - name.offset;
    return { kind: "namespace", name: name.text, attribute: attribute.text, offset: name.offset, length };
  }
  const items: Target[] = [];
  let isTuple = false;
  for (;;) {
    const token = stream.current();
    const ends =
      token.kind === "block-end" || (token.kind === "operator" && (token.text === "=" || token.text === ")"));
    if (items.length > 0 && (ends || (token.kind === "name" && endNames.includes(token.text)))) break;
    items.push(parseTargetItem(context));
    if (!withTuple || !stream.skip("operator", ",")) break;
    isTuple = true;
  }
  const [only] = items;
  return !isTuple && only !== undefined ? only : { kind: "tuple", items };
};

const parseTargetItem = (context: ParseContext): Target => {
  const { stream } = context;
  if (stream.skip("operator", "(")) {
    const inner = parseTarget(context, []);
    stream.expect("operator", ")");
    return inner;
  }
  const name = stream.expect("name");
  if (RESERVED.has(name.text)) throw stream.fail(`cannot assign to '${name.text}'`, name);
  return { kind: "name", name: name.text, ...where(name) };
};

const STATEMENTS: ReadonlyMap<string, Parser> = new Map([
  ["for", parseFor],
  ["if", parseIf],
  ["set", parseSet],
  ["with", parseWith],
  ["autoescape", parseAutoescape],
  ["block", parseBlock],
  ["print", parsePrint],
  ["macro", parseMacro],
  ["call", parseCallBlock],
  ["filter", parseFilterBlock],
  ["extends", parseExtends],
  ["include", parseInclude],
  ["import", parseImport],
  ["from", parseFromImport],
]);
