import type { Place } from "../core/error.ts";
import type { Value } from "../core/value.ts";

/** Everything that an expression can hold while a template runs: plain data and what only lives inside. */
export type Obj =
  | Value
  | Undefined
  | Text
  | Range
  | DictView
  | Callable
  | Instance
  | readonly Obj[]
  | ReadonlyMap<Obj, Obj>;

/** A list that a template may change. */
export type MutableList = Obj[];

/** A dict that a template may change. */
export type MutableDict = Map<Obj, Obj>;

/** A Python tuple: a list in every respect but how it prints and that it cannot be changed. */
export class Tuple extends Array<Obj> {
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }
}

/** A pair that groupby gives: its items also answer to `grouper` and `list`. */
export class GroupTuple extends Tuple {}

/** A tuple of these items (the Array constructor would take one number for a length). */
export const tuple = (items: Iterable<Obj>): Tuple => {
  const made = new Tuple();
  for (const item of items) made.push(item);
  return made;
};

/** A variable or attribute that is not there: it may be tested and given a default, any other use is an error. */
export class Undefined {
  readonly kind = "undefined";
  readonly message: string;
  /** The variable's name, where the variable itself is missing: for "did you mean". */
  readonly variable: string | null;
  /** The names or keys that were there instead. */
  readonly candidates: (() => Iterable<string>) | null;
  readonly at: Place | null;
  readonly cause: unknown;
  /** True for what an `if` without `else` gives: it prints as nothing. */
  readonly lenient: boolean;

  constructor(missing: {
    message: string;
    variable?: string | null;
    candidates?: (() => Iterable<string>) | null;
    at?: Place | null;
    cause?: unknown;
    lenient?: boolean;
  }) {
    this.message = missing.message;
    this.lenient = missing.lenient ?? false;
    this.variable = missing.variable ?? null;
    this.candidates = missing.candidates ?? null;
    this.at = missing.at ?? null;
    this.cause = missing.cause;
  }
}

/** A string with a history: marked safe for HTML, or kept from being read as a literal (Ansible's `to_json`). */
export class Text {
  readonly kind = "text";
  readonly flavour: "markup" | "native";
  readonly text: string;

  constructor(flavour: "markup" | "native", text: string) {
    this.flavour = flavour;
    this.text = text;
  }
}

/** Python's range(). */
export class Range {
  readonly kind = "range";
  readonly start: number;
  readonly stop: number;
  readonly step: number;

  constructor(start: number, stop: number, step: number) {
    this.start = start;
    this.stop = stop;
    this.step = step;
  }

  get length(): number {
    return Math.max(0, Math.ceil((this.stop - this.start) / this.step));
  }
}

/** What `keys()`, `values()` and `items()` of a dict give. */
export class DictView {
  readonly kind = "view";
  readonly of: "keys" | "values" | "items";
  readonly dict: ReadonlyMap<Obj, Obj>;

  constructor(of: "keys" | "values" | "items", dict: ReadonlyMap<Obj, Obj>) {
    this.of = of;
    this.dict = dict;
  }
}

/** Keyword arguments of a call. */
export type Keywords = ReadonlyMap<string, Obj>;

/** Something a template can call: a macro, a global function, a method. */
export class Callable {
  readonly kind = "callable";
  readonly name: string;
  readonly call: (args: readonly Obj[], keywords: Keywords) => Obj;

  constructor(name: string, call: (args: readonly Obj[], keywords: Keywords) => Obj) {
    this.name = name;
    this.call = call;
  }
}

/** What an object of our own (`loop`, a namespace, a module, a date) shows to a template, and nothing else of it. */
export interface InstanceBehaviour {
  /** Python's name of the type, for messages and `type_debug`. */
  readonly type: string;
  readonly attribute: (name: string) => Obj | undefined;
  readonly print: () => string;
  readonly call?: (args: readonly Obj[], keywords: Keywords) => Obj;
  readonly iterate?: () => Iterable<Obj>;
  readonly length?: () => number;
  /** Set by `{% set ns.name = … %}`; only namespaces have it. */
  readonly assign?: (name: string, value: Obj) => void;
  /** Items by key, where `object[key]` gives anything. */
  readonly item?: (key: Obj) => Obj | undefined;
  /** A number that orders and subtracts instances of the same type (dates). */
  readonly order?: number;
}

/** An object of our own inside a template. */
export class Instance {
  readonly kind = "instance";
  readonly behaviour: InstanceBehaviour;

  constructor(behaviour: InstanceBehaviour) {
    this.behaviour = behaviour;
  }
}

/** What went wrong in Python's terms; becomes an LbplayError with a place where the template's code is known. */
export class PyError extends Error {
  override readonly name: PyErrorName;

  constructor(name: PyErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

/** The Python exceptions whose kind decides what happens next (a filter's fallback, a test's answer). */
export type PyErrorName =
  | "TypeError"
  | "ValueError"
  | "KeyError"
  | "IndexError"
  | "AttributeError"
  | "ZeroDivisionError"
  | "OverflowError"
  | "FilterError"
  | "Refused";

/** Use of an Undefined where a value is needed. */
export class UndefinedUse extends Error {
  override readonly name = "UndefinedUse";
  readonly missing: Undefined;

  constructor(missing: Undefined) {
    super(missing.message);
    this.missing = missing;
  }
}

/** The characters of a string of either sort, or null for anything else. */
export const textOf = (value: Obj): string | null =>
  typeof value === "string" ? value : value instanceof Text ? value.text : null;

/** True for a Python str. */
export const isText = (value: Obj): value is string | Text =>
  typeof value === "string" || value instanceof Text;

/** True for lists and tuples. */
export const isSequence = (value: Obj): value is readonly Obj[] => Array.isArray(value);

/** True for dicts. */
export const isMapping = (value: Obj): value is ReadonlyMap<Obj, Obj> => value instanceof Map;
