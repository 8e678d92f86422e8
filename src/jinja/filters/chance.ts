import { isSequence, type Obj, PyError, textOf, Undefined, UndefinedUse } from "../objects.ts";
import { int, isFloat, isNumber, toBigInt } from "../python/number.ts";
import { at, iterable, length, truth } from "../python/operators.ts";
import { plainRandom, type Random, seededRandom } from "../python/random.ts";
import { typeOf } from "../python/type.ts";
import { type Definition, define, type FilterTools } from "./define.ts";

const given = (value: Obj | undefined): Obj => value ?? null;

const generator = (seed: Obj | undefined, tools: FilterTools): Random =>
  seed === undefined || seed === null ? plainRandom(tools.host.random) : seededRandom(seed);

const random = define("random", ["start", "step", "seed"], (value, [start, step, seed], tools) => {
  if (value instanceof Undefined) throw new UndefinedUse(value);
  const source = generator(seed, tools);
  if (isNumber(value) && !isFloat(value)) {
    const from = start === undefined || !truth(start) ? 0n : toBigInt(wholeOf(start));
    const by = step === undefined || !truth(step) ? 1n : toBigInt(wholeOf(step));
    const width = toBigInt(wholeOf(value)) - from;
    const count = by > 0n ? (width + by - 1n) / by : (width + by + 1n) / by;
    if (count <= 0n) throw new PyError("ValueError", "empty range for randrange()");
    return int(from + by * source.below(count));
  }
  if ((start !== undefined && truth(start)) || (step !== undefined && truth(step))) {
    throw new PyError("FilterError", "start and step can only be used with integer values");
  }
  if (textOf(value) === null && !isSequence(value)) {
    throw new PyError("FilterError", "random can only be used on sequences and integers");
  }
  if (length(value) === 0) throw new PyError("IndexError", "Cannot choose from an empty sequence");
  return at(value, Number(source.below(BigInt(length(value))))) ?? null;
});

const wholeOf = (value: Obj): number | bigint => {
  if (isNumber(value) && !isFloat(value))
    return typeof value === "boolean" ? Number(value) : (value as number | bigint); // floats are out
  throw new PyError("TypeError", `'${typeOf(value)}' object cannot be interpreted as an integer`);
};

const shuffle = define("shuffle", ["seed"], (value, [seed], tools) => {
  const found = value instanceof Undefined ? null : iterable(value);
  if (found === null) return value;
  const items = [...found];
  const source = generator(seed !== undefined && truth(seed) ? seed : undefined, tools);
  for (let index = items.length - 1; index > 0; index -= 1) {
    const other = Number(source.below(BigInt(index + 1)));
    const item = given(items[index]);
    items[index] = given(items[other]);
    items[other] = item;
  }
  return items;
});

/** Ansible's filters that choose by chance; with a seed, as Python's Random chooses. */
export const chanceFilters: readonly Definition[] = [random, shuffle];
