import { type Obj, tuple } from "../objects.ts";
import { defineMethod } from "./method-arguments.ts";
import type { Method } from "./methods.ts";
import { type Int, int, isNumber, toBigInt, toNumber } from "./number.ts";

const selfInt = (value: Obj): bigint => (isNumber(value) ? toBigInt(value as Int) : 0n); // the table is for ints alone
const selfFloat = (value: Obj): number => (isNumber(value) ? toNumber(value) : 0);

const bitLength = (value: bigint): number => {
  const size = value < 0n ? -value : value;
  return size === 0n ? 0 : size.toString(2).length;
};

/** The methods of a Python int. */
export const intMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  defineMethod(selfInt, "bit_length", [], bitLength),
  defineMethod(
    selfInt,
    "bit_count",
    [],
    (self) => (self < 0n ? -self : self).toString(2).replaceAll("0", "").length,
  ),
  defineMethod(selfInt, "conjugate", [], int),
  defineMethod(selfInt, "as_integer_ratio", [], (self) => tuple([int(self), 1])),
  ["real", { kind: "value", of: (self) => int(selfInt(self)) }],
  ["imag", { kind: "value", of: () => 0 }],
  ["numerator", { kind: "value", of: (self) => int(selfInt(self)) }],
  ["denominator", { kind: "value", of: () => 1 }],
]);

/** The methods of a Python float. */
export const floatMethods: ReadonlyMap<string, Method> = new Map<string, Method>([
  defineMethod(selfFloat, "is_integer", [], (self) => Number.isInteger(self)),
  ["real", { kind: "value", of: (self) => self }],
]);
