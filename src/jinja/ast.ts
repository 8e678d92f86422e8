import type { Value } from "../core/value.ts";
import type { Operator } from "./python/arithmetic.ts";

/** Where a node stands in the template's text. */
interface Node {
  readonly offset: number;
  readonly length: number;
}

/** A literal. */
export interface Const extends Node {
  readonly kind: "const";
  readonly value: Value;
}
/** A variable being read. */
export interface Name extends Node {
  readonly kind: "name";
  readonly name: string;
}
/** `a.b` */
export interface Getattr extends Node {
  readonly kind: "getattr";
  readonly object: Expr;
  readonly name: string;
}
/** `a[b]` */
export interface Getitem extends Node {
  readonly kind: "getitem";
  readonly object: Expr;
  readonly key: Expr;
}
/** `a[b:c:d]` */
export interface Slice extends Node {
  readonly kind: "slice";
  readonly object: Expr;
  readonly start: Expr | null;
  readonly stop: Expr | null;
  readonly step: Expr | null;
}
/** The arguments of a call, a filter or a test. */
export interface Arguments {
  readonly positional: readonly Expr[];
  readonly keywords: readonly { readonly name: string; readonly value: Expr }[];
  /** `*list` */
  readonly rest: Expr | null;
  /** `**dict` */
  readonly restKeywords: Expr | null;
}
/** `f(…)` */
export interface Call extends Node {
  readonly kind: "call";
  readonly callee: Expr;
  readonly args: Arguments;
}
/** `input|name(…)`; input is null for the content of a filter block or a set block. */
export interface Filter extends Node {
  readonly kind: "filter";
  readonly input: Expr | null;
  readonly name: string;
  readonly args: Arguments;
}
/** `input is name(…)` */
export interface Test extends Node {
  readonly kind: "test";
  readonly input: Expr;
  readonly name: string;
  readonly args: Arguments;
}
/** An arithmetic operator. */
export interface Binary extends Node {
  readonly kind: "binary";
  readonly operator: Operator;
  readonly left: Expr;
  readonly right: Expr;
}
/** `+a`, `-a` */
export interface Unary extends Node {
  readonly kind: "unary";
  readonly operator: "+" | "-";
  readonly operand: Expr;
}
/** `not a` */
export interface Not extends Node {
  readonly kind: "not";
  readonly operand: Expr;
}
/** `a and b`, `a or b` */
export interface Logic extends Node {
  readonly kind: "and" | "or";
  readonly left: Expr;
  readonly right: Expr;
}
/** What a comparison may be. */
export type Comparison = "==" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "not in";
/** `a < b < c` */
export interface Compare extends Node {
  readonly kind: "compare";
  readonly first: Expr;
  readonly rest: readonly { readonly operator: Comparison; readonly operand: Expr }[];
}
/** `a ~ b ~ c` */
export interface Concat extends Node {
  readonly kind: "concat";
  readonly parts: readonly Expr[];
}
/** `a if b else c` */
export interface Conditional extends Node {
  readonly kind: "conditional";
  readonly test: Expr;
  readonly then: Expr;
  readonly otherwise: Expr | null;
}
/** `[…]` or `(…)` */
export interface ListLiteral extends Node {
  readonly kind: "list" | "tuple";
  readonly items: readonly Expr[];
}
/** `{…}` */
export interface DictLiteral extends Node {
  readonly kind: "dict";
  readonly entries: readonly { readonly key: Expr; readonly value: Expr }[];
}

/** Any expression. */
export type Expr =
  | Const
  | Name
  | Getattr
  | Getitem
  | Slice
  | Call
  | Filter
  | Test
  | Binary
  | Unary
  | Not
  | Logic
  | Compare
  | Concat
  | Conditional
  | ListLiteral
  | DictLiteral;

/** What can be assigned to: a name, several names, or an attribute of a namespace. */
export type Target =
  | { readonly kind: "name"; readonly name: string; readonly offset: number; readonly length: number }
  | { readonly kind: "tuple"; readonly items: readonly Target[] }
  | {
      readonly kind: "namespace";
      readonly name: string;
      readonly attribute: string;
      readonly offset: number;
      readonly length: number;
    };

/** Text as it stands, or an expression to print. */
export type OutputPart =
  | { readonly kind: "data"; readonly text: string }
  | { readonly kind: "print"; readonly value: Expr };

/** A macro's or call block's parameters. */
export interface Signature {
  readonly parameters: readonly string[];
  /** Defaults of the last parameters. */
  readonly defaults: readonly Expr[];
}

/** Any statement. */
export type Stmt =
  | { readonly kind: "output"; readonly parts: readonly OutputPart[] }
  | (Node & {
      readonly kind: "for";
      readonly target: Target;
      readonly iterable: Expr;
      readonly test: Expr | null;
      readonly recursive: boolean;
      readonly body: readonly Stmt[];
      readonly otherwise: readonly Stmt[];
    })
  | (Node & {
      readonly kind: "if";
      readonly branches: readonly { readonly test: Expr; readonly body: readonly Stmt[] }[];
      readonly otherwise: readonly Stmt[];
    })
  | (Node & { readonly kind: "set"; readonly target: Target; readonly value: Expr })
  | (Node & {
      readonly kind: "set-block";
      readonly target: Target;
      readonly filter: Filter | null;
      readonly body: readonly Stmt[];
    })
  | (Node & {
      readonly kind: "macro";
      readonly name: string;
      readonly signature: Signature;
      readonly body: readonly Stmt[];
    })
  | (Node & {
      readonly kind: "call-block";
      readonly call: Call;
      readonly signature: Signature;
      readonly body: readonly Stmt[];
    })
  | (Node & { readonly kind: "filter-block"; readonly filter: Filter; readonly body: readonly Stmt[] })
  | (Node & {
      readonly kind: "with";
      readonly bindings: readonly { readonly target: Target; readonly value: Expr }[];
      readonly body: readonly Stmt[];
    })
  | (Node & { readonly kind: "scope"; readonly body: readonly Stmt[] })
  | (Node & {
      readonly kind: "block";
      readonly name: string;
      readonly scoped: boolean;
      readonly required: boolean;
      readonly body: readonly Stmt[];
    })
  | (Node & { readonly kind: "extends"; readonly template: Expr })
  | (Node & {
      readonly kind: "include";
      readonly template: Expr;
      readonly ignoreMissing: boolean;
      readonly withContext: boolean;
    })
  | (Node & {
      readonly kind: "import";
      readonly template: Expr;
      readonly target: string;
      readonly withContext: boolean;
    })
  | (Node & {
      readonly kind: "from-import";
      readonly template: Expr;
      readonly names: readonly { readonly name: string; readonly alias: string }[];
      readonly withContext: boolean;
    });
