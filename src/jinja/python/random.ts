import { createHash } from "node:crypto";
import { type Obj, PyError, textOf } from "../objects.ts";
import { isFloat, isNumber, toBigInt } from "./number.ts";
import { typeOf } from "./type.ts";

/** Whole numbers below a bound. */
export interface Random {
  readonly below: (bound: bigint) => bigint;
}

const SIZE = 624;
const MIDDLE = 397;

/** Python's Random(seed): the Mersenne Twister, seeded as version 2 seeds strings and ints. */
export const seededRandom = (seed: Obj): Random => {
  const words = keyWords(seedNumber(seed));
  const state = initByArray(words);
  let position = SIZE;
  const next = (): number => {
    if (position >= SIZE) {
      twist(state);
      position = 0;
    }
    const word = temper(state[position] ?? 0);
    position += 1;
    return word;
  };
  return { below: (bound) => below(bound, (bits) => randomBits(bits, next)) };
};

/** Whole numbers from a source of fractions from 0 up to but not including 1. */
export const plainRandom = (random: () => number): Random => {
  const below = (bound: bigint): bigint => {
    if (bound <= 0n) throw new PyError("ValueError", "empty range for randrange()");
    let fraction = 0n;
    let size = 1n;
    while (size < bound << 32n) {
      fraction = (fraction << 32n) | BigInt(Math.floor(random() * 2 ** 32));
      size <<= 32n;
    }
    return (fraction * bound) / size;
  };
  return { below };
};

const seedNumber = (seed: Obj): bigint => {
  const text = textOf(seed);
  if (text !== null) {
    const bytes = Buffer.from(text, "utf8");
    return fromBytes(Buffer.concat([bytes, createHash("sha512").update(bytes).digest()]));
  }
  if (isNumber(seed) && !isFloat(seed)) {
    const exact = toBigInt(seed as number | bigint | boolean); // floats are taken out
    return exact < 0n ? -exact : exact;
  }
  throw new PyError("TypeError", `a seed is a string or an int, not ${typeOf(seed)}`);
};

const fromBytes = (bytes: Buffer): bigint => (bytes.length === 0 ? 0n : BigInt(`0x${bytes.toString("hex")}`));

const keyWords = (value: bigint): readonly number[] => {
  const words: number[] = [];
  for (let rest = value; rest > 0n; rest >>= 32n) words.push(Number(rest & 0xffffffffn));
  return words.length === 0 ? [0] : words;
};

const initByArray = (key: readonly number[]): Uint32Array => {
  const state = new Uint32Array(SIZE);
  state[0] = 19650218;
  for (let index = 1; index < SIZE; index += 1) {
    const before = state[index - 1] ?? 0;
    state[index] = Math.imul(1812433253, before ^ (before >>> 30)) + index;
  }
  let at = 1;
  let word = 0;
  const mix = (factor: number): number => {
    const before = state[at - 1] ?? 0;
    return (state[at] ?? 0) ^ Math.imul(before ^ (before >>> 30), factor);
  };
  const advance = (): void => {
    at += 1;
    if (at < SIZE) return;
    state[0] = state[SIZE - 1] ?? 0;
    at = 1;
  };
  for (let left = Math.max(SIZE, key.length); left > 0; left -= 1) {
    state[at] = mix(1664525) + (key[word] ?? 0) + word;
    advance();
    word = (word + 1) % key.length;
  }
  for (let left = SIZE - 1; left > 0; left -= 1) {
    state[at] = mix(1566083941) - at;
    advance();
  }
  state[0] = 0x80000000;
  return state;
};

const twist = (state: Uint32Array): void => {
  for (let index = 0; index < SIZE; index += 1) {
    const mixed = ((state[index] ?? 0) & 0x80000000) | ((state[(index + 1) % SIZE] ?? 0) & 0x7fffffff);
    const other = state[(index + MIDDLE) % SIZE] ?? 0;
    state[index] = other ^ (mixed >>> 1) ^ ((mixed & 1) === 0 ? 0 : 0x9908b0df);
  }
};

const temper = (word: number): number => {
  let out = word;
  out ^= out >>> 11;
  out ^= (out << 7) & 0x9d2c5680;
  out ^= (out << 15) & 0xefc60000;
  return (out ^ (out >>> 18)) >>> 0;
};

const randomBits = (bits: number, next: () => number): bigint => {
  let value = 0n;
  for (let done = 0; done < bits; done += 32) {
    const left = bits - done;
    const word = left < 32 ? next() >>> (32 - left) : next();
    value |= BigInt(word) << BigInt(done);
  }
  return value;
};

const below = (bound: bigint, bits: (count: number) => bigint): bigint => {
  if (bound <= 0n) throw new PyError("ValueError", "empty range for randrange()");
  const count = bound.toString(2).length;
  let value = bits(count);
  while (value >= bound) value = bits(count);
  return value;
};
