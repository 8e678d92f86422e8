import { PyFloat, type Value } from "./value.ts";

/** A float in Python's sense: integral ones stay recognisable as floats. */
export const pythonFloat = (value: number): Value => (Number.isInteger(value) ? new PyFloat(value) : value);

/** An int in Python's sense: a number where it is exact, else a bigint. */
export const pythonInt = (value: bigint): Value =>
  value >= BigInt(Number.MIN_SAFE_INTEGER) && value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : value;
