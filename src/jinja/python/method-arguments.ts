import { type Keywords, type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import type { Method } from "./methods.ts";
import { toIndex } from "./number.ts";
import { typeOf } from "./type.ts";

/** The arguments of a method by position, under their Python names. */
export type MethodArguments = readonly (Obj | undefined)[];

/** A method that takes so many arguments, which may be named; `!` marks required ones. */
export const defineMethod = <T>(
  self: (value: Obj) => T,
  name: string,
  parameters: readonly string[],
  body: (self: T, given: MethodArguments) => Obj,
): readonly [string, Method] => {
  const names = parameters.map((parameter) => parameter.replace("!", ""));
  const required = parameters.filter((parameter) => parameter.endsWith("!")).length;
  const call = (value: Obj, args: readonly Obj[], keywords: Keywords): Obj => {
    if (args.length > names.length) {
      throw new PyError(
        "TypeError",
        `${name}() takes at most ${names.length} arguments (${args.length} given)`,
      );
    }
    const given: (Obj | undefined)[] = names.map((parameter, index) =>
      index < args.length ? args[index] : keywords.get(parameter),
    );
    for (const keyword of keywords.keys()) {
      if (!names.includes(keyword)) {
        throw new PyError("TypeError", `${name}() got an unexpected keyword argument '${keyword}'`);
      }
    }
    for (const value of given) if (value instanceof Undefined) throw new UndefinedUse(value);
    if (given.slice(0, required).some((value) => value === undefined)) {
      throw new PyError("TypeError", `${name}() takes at least ${required} argument(s)`);
    }
    return body(self(value), given);
  };
  return [name, { kind: "call", call }];
};

/** An argument that must be a string. */
export const needText = (value: Obj | undefined, what: string): string => {
  const text = value === undefined ? null : textOf(value);
  if (text === null) throw new PyError("TypeError", `${what} must be str, not ${typeOf(value ?? null)}`);
  return text;
};

/** An optional string: null where it is None or was not given. */
export const optionalText = (value: Obj | undefined, what: string): string | null =>
  value === undefined || value === null ? null : needText(value, what);

/** An optional int. */
export const optionalInt = (value: Obj | undefined, otherwise: number): number =>
  value === undefined || value === null ? otherwise : toIndex(value, `'${typeOf(value)}' object`);
