/**
 * SHA-256 and SHA-512 (FIPS 180-4) for the hundreds of thousands of short messages that a slow password hash is made of:
 * node:crypto needs several microseconds for each, whatever its length. The compression is WebAssembly, whose 64-bit
 * words JavaScript lacks, put together here from the standard's formulas.
 */
export interface Sha2 {
  /** Where the messages are. */
  readonly memory: Uint8Array;
  /** Hashes `blocks` padded blocks at one place of the memory, and writes the digest to another. */
  readonly digest: (at: number, blocks: number, to: number) => void;
}

/** One of the two hashes: what tells them apart. */
interface Variant {
  readonly bits: 32 | 64;
  readonly rounds: number;
  /** Rotations; the last one of a schedule's sigma is a shift. */
  readonly bigA: readonly [number, number, number];
  readonly bigE: readonly [number, number, number];
  readonly small0: readonly [number, number, number];
  readonly small1: readonly [number, number, number];
}

const VARIANTS: Readonly<Record<"sha256" | "sha512", Variant>> = {
  sha256: {
    bits: 32,
    rounds: 64,
    bigA: [2, 13, 22],
    bigE: [6, 11, 25],
    small0: [7, 18, 3],
    small1: [17, 19, 10],
  },
  sha512: {
    bits: 64,
    rounds: 80,
    bigA: [28, 34, 39],
    bigE: [14, 18, 41],
    small0: [1, 8, 7],
    small1: [19, 61, 6],
  },
};

/** A hash with a memory of at least so many bytes for messages. */
export const createSha2 = (kind: "sha256" | "sha512", bytes: number): Sha2 => {
  const pages = Math.ceil(bytes / PAGE);
  const module = new WebAssembly.Module(moduleBytes(VARIANTS[kind], pages));
  const { memory, digest } = new WebAssembly.Instance(module).exports;
  return { memory: new Uint8Array(memory.buffer), digest };
};

/** The types of Node lack it. The exports are those of `moduleBytes`. */
declare const WebAssembly: {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (
    module: object,
  ) => { readonly exports: { readonly memory: { readonly buffer: ArrayBuffer } } & Pick<Sha2, "digest"> };
};

const PAGE = 65_536;

/** A message with its padding, in whole blocks. */
export const padded = (kind: "sha256" | "sha512", message: Uint8Array): Buffer => {
  const block = kind === "sha256" ? 64 : 128;
  const blocks = Math.ceil((message.length + 1 + block / 8) / block);
  const whole = Buffer.alloc(blocks * block);
  whole.set(message);
  whole[message.length] = 0x80;
  whole.writeBigUInt64BE(BigInt(message.length) * 8n, whole.length - 8);
  return whole;
};

type Code = readonly number[];

const unsigned = (value: number): Code =>
  value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >>> 7)];

const signed = (value: bigint): Code => {
  const rest = value >> 7n;
  const low = Number(value & 127n);
  const done = (rest === 0n && (low & 64) === 0) || (rest === -1n && (low & 64) !== 0);
  return done ? [low] : [low | 128, ...signed(rest)];
};

const section = (id: number, body: Code): Code => [id, ...unsigned(body.length), ...body];

const text = (name: string): Code => [name.length, ...Buffer.from(name, "latin1")];

const I32 = 0x7f;
const I64 = 0x7e;

/** digest(at: i32, blocks: i32, to: i32), its words in locals: 8 of the state, 8 at work, 16 of the schedule, 2 spare. */
const moduleBytes = (variant: Variant, pages: number): Buffer => {
  const word = variant.bits === 64 ? I64 : I32;
  const body = [1, ...unsigned(34), word, ...digestCode(variant), 0x0b];
  return Buffer.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 3, I32, I32, I32, 0]),
    ...section(3, [1, 0]),
    ...section(5, [1, 0, ...unsigned(pages)]),
    ...section(7, [2, ...text("memory"), 2, 0, ...text("digest"), 0, 0]),
    ...section(10, [1, ...unsigned(body.length), ...body]),
  ]);
};

const AT = 0;
const BLOCKS = 1;
const TO = 2;
const STATE = 3;
const WORK = 11;
const SCHEDULE = 19;
const SPARE = 35;

const get = (local: number): Code => [0x20, ...unsigned(local)];
const set = (local: number): Code => [0x21, ...unsigned(local)];

const digestCode = (variant: Variant): Code => {
  const ops = operations(variant.bits);
  const size = variant.bits / 8;
  const words = Array.from({ length: 8 }, (_, index) => index);
  return [
    ...words.flatMap((index) => [
      ...ops.constant(root(PRIMES[index] ?? 0, 2, variant.bits)),
      ...set(STATE + index),
    ]),
    ...[0x03, 0x40],
    ...Array.from({ length: 16 }, (_, index) => [
      ...get(AT),
      ...ops.load(index * size),
      ...ops.swapped(SPARE),
      ...set(SCHEDULE + index),
    ]).flat(),
    ...words.flatMap((index) => [...get(STATE + index), ...set(WORK + index)]),
    ...Array.from({ length: variant.rounds }, (_, round) => roundCode(variant, round)).flat(),
    ...words.flatMap((index) => [
      ...get(STATE + index),
      ...get(WORK + index),
      ...ops.add,
      ...set(STATE + index),
    ]),
    ...get(AT),
    ...[0x41, ...signed(BigInt(size * 16)), 0x6a],
    ...set(AT),
    ...get(BLOCKS),
    ...[0x41, 1, 0x6b, 0x22, BLOCKS],
    ...[0x0d, 0, 0x0b],
    ...words.flatMap((index) => [
      ...get(TO),
      ...get(STATE + index),
      ...ops.swapped(SPARE),
      ...ops.store(index * size),
    ]),
  ];
};

/** One round; its eight words are those of the round before, turned by one place. */
const roundCode = (variant: Variant, round: number): Code => {
  const ops = operations(variant.bits);
  const local = (index: number): number => WORK + ((((index - round) % 8) + 8) % 8);
  const [a, b, c, d, e, f, g, h] = [0, 1, 2, 3, 4, 5, 6, 7].map(local) as readonly number[] as readonly [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const slot = (index: number): number => SCHEDULE + (index % 16);
  const schedule =
    round < 16
      ? []
      : [
          ...get(slot(round)),
          ...ops.sigma(slot(round + 1), variant.small0),
          ...ops.add,
          ...get(slot(round + 9)),
          ...ops.add,
          ...ops.sigma(slot(round + 14), variant.small1),
          ...ops.add,
          ...set(slot(round)),
        ];
  return [
    ...schedule,
    // h + Σ1(e) + Ch(e, f, g) + K + W
    ...get(h),
    ...ops.turned(e, variant.bigE),
    ...ops.add,
    ...[...get(g), ...get(e), ...get(f), ...get(g), ...ops.xor, ...ops.and, ...ops.xor],
    ...ops.add,
    ...ops.constant(root(PRIMES[round] ?? 0, 3, variant.bits)),
    ...ops.add,
    ...get(slot(round)),
    ...ops.add,
    ...set(SPARE),
    ...[...get(d), ...get(SPARE), ...ops.add, ...set(d)],
    // Σ0(a) + Maj(a, b, c)
    ...get(SPARE),
    ...ops.turned(a, variant.bigA),
    ...ops.add,
    ...[...get(a), ...get(b), ...ops.and, ...get(c), ...get(a), ...get(b), ...ops.or, ...ops.and, ...ops.or],
    ...ops.add,
    ...set(h),
  ];
};

/** Instructions on words of a size. */
const operations = (bits: 32 | 64) => {
  const wide = bits === 64;
  const constant = (value: bigint): Code => [wide ? 0x42 : 0x41, ...signed(BigInt.asIntN(bits, value))];
  const [add, and, or, xor, left, right, rotateLeft, rotateRight] = (wide
    ? [0x7c, 0x83, 0x84, 0x85, 0x86, 0x88, 0x89, 0x8a]
    : [0x6a, 0x71, 0x72, 0x73, 0x74, 0x76, 0x77, 0x78]
  ).map((code) => [code]) as unknown as readonly [Code, Code, Code, Code, Code, Code, Code, Code];
  const by = (amount: number, operation: Code): Code => [...constant(BigInt(amount)), ...operation];
  const rotated = (local: number, amount: number): Code => [...get(local), ...by(amount, rotateRight)];
  /** Swaps neighbours of so many bits. */
  const neighbours = (spare: number, amount: number, mask: bigint): Code => [
    ...set(spare),
    ...[...get(spare), ...by(amount, right), ...constant(mask), ...and],
    ...[...get(spare), ...constant(mask), ...and, ...by(amount, left)],
    ...or,
  ];
  return {
    constant,
    add,
    and,
    or,
    xor,
    load: (offset: number): Code => [wide ? 0x29 : 0x28, 0, ...unsigned(offset)],
    store: (offset: number): Code => [wide ? 0x37 : 0x36, 0, ...unsigned(offset)],
    turned: (local: number, [x, y, z]: Variant["bigA"]): Code => [
      ...[...rotated(local, x), ...rotated(local, y), ...xor],
      ...[...rotated(local, z), ...xor],
    ],
    sigma: (local: number, [x, y, shift]: Variant["small0"]): Code => [
      ...[...rotated(local, x), ...rotated(local, y), ...xor],
      ...[...get(local), ...by(shift, right), ...xor],
    ],
    /** Big-endian to little-endian and back. */
    swapped: (spare: number): Code => [
      ...neighbours(spare, 8, 0x00ff00ff00ff00ffn),
      ...(wide ? neighbours(spare, 16, 0x0000ffff0000ffffn) : []),
      ...by(wide ? 32 : 16, rotateLeft),
    ],
  };
};

/** The first bits behind the point of a prime's square or cube root: the constants of both hashes, cut from 64 bits. */
const root = (prime: number, degree: 2 | 3, bits: 32 | 64): bigint => {
  const power = BigInt(degree);
  const target = BigInt(prime) << (64n * power);
  let low = 0n;
  let high = 1n << 70n;
  while (high - low > 1n) {
    const middle = (low + high) >> 1n;
    if (middle ** power <= target) low = middle;
    else high = middle;
  }
  return BigInt.asUintN(64, low) >> BigInt(64 - bits);
};

const PRIMES: readonly number[] = Array.from({ length: 410 }, (_, number) => number).filter(
  (number) =>
    number > 1 &&
    !Array.from({ length: 20 }, (_, index) => index + 2).some((d) => d < number && number % d === 0),
);
