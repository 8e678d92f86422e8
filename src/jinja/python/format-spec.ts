import { floatText } from "../../core/python-text.ts";
import { type Obj, PyError, textOf } from "../objects.ts";
import { fixedText, isFloat, isNumber, toBigInt, toNumber } from "./number.ts";
import { str } from "./print.ts";
import { characters, textLength } from "./text.ts";
import { typeOf } from "./type.ts";

/** The parsed mini-language of `format()` and f-strings: `[[fill]align][sign][#][0][width][,][.precision][type]`. */
interface Spec {
  readonly fill: string;
  readonly align: string;
  readonly sign: string;
  readonly alternate: boolean;
  readonly width: number;
  readonly grouping: string;
  readonly precision: number | null;
  readonly type: string;
}

const SPEC = /^(?:(.)?([<>=^]))?([-+ ])?(z)?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/su;

const parse = (spec: string): Spec => {
  const match = SPEC.exec(spec);
  if (match === null) throw new PyError("ValueError", "Invalid format specifier");
  const [, fill, align, sign, , alternate, zero, width, grouping, precision, type] = match;
  return {
    fill: fill ?? (zero === undefined ? " " : "0"),
    align: align ?? (zero === undefined ? "" : "="),
    sign: sign ?? "-",
    alternate: alternate !== undefined,
    width: width === undefined ? 0 : Number(width),
    grouping: grouping ?? "",
    precision: precision === undefined ? null : Number(precision),
    type: type ?? "",
  };
};

/** Python's format(value, spec). */
export const formatValue = (value: Obj, spec: string): string => {
  if (spec === "") return str(value);
  const wanted = parse(spec);
  if (isNumber(value) && (typeof value !== "boolean" || wanted.type !== ""))
    return formatNumber(value, wanted);
  const text = textOf(value);
  if (text === null && typeof value !== "boolean") {
    throw new PyError("TypeError", `unsupported format string passed to ${typeOf(value)}.__format__`);
  }
  if (wanted.type !== "" && wanted.type !== "s") {
    throw new PyError(
      "ValueError",
      `Unknown format code '${wanted.type}' for object of type '${typeOf(value)}'`,
    );
  }
  const shown = text ?? str(value);
  const cut = wanted.precision === null ? shown : characters(shown).slice(0, wanted.precision).join("");
  return pad("", cut, { ...wanted, align: wanted.align === "" || wanted.align === "=" ? "<" : wanted.align });
};

const formatNumber = (value: Parameters<typeof toNumber>[0], spec: Spec): string => {
  const body =
    isFloat(value) || /^[eEfFgG%]$/.test(spec.type) ? floatBody(toNumber(value), spec) : intBody(value, spec);
  const negative = body.startsWith("-");
  const sign = negative ? "-" : spec.sign === "-" ? "" : spec.sign;
  const digits = negative ? body.slice(1) : body;
  return pad(sign, group(digits, spec), { ...spec, align: spec.align === "" ? ">" : spec.align });
};

const BASES: Readonly<Record<string, readonly [number, string]>> = {
  b: [2, "0b"],
  o: [8, "0o"],
  x: [16, "0x"],
  X: [16, "0X"],
};

const intBody = (value: Parameters<typeof toNumber>[0], spec: Spec): string => {
  const exact = toBigInt(value as bigint | number | boolean); // floats went the other way
  if (spec.type === "c") return String.fromCodePoint(Number(exact));
  if (spec.precision !== null)
    throw new PyError("ValueError", "Precision not allowed in integer format specifier");
  if (spec.type === "s") throw new PyError("ValueError", "Unknown format code 's' for object of type 'int'");
  const base = BASES[spec.type];
  if (base === undefined) return exact.toString();
  const digits = (exact < 0n ? -exact : exact).toString(base[0]);
  const shown = spec.type === "X" ? digits.toUpperCase() : digits;
  return `${exact < 0n ? "-" : ""}${spec.alternate ? base[1] : ""}${shown}`;
};

const floatBody = (value: number, spec: Spec): string => {
  switch (spec.type) {
    case "f":
    case "F":
      return fixedText(value, spec.precision ?? 6);
    case "%":
      return `${fixedText(value * 100, spec.precision ?? 6)}%`;
    case "e":
    case "E":
      return cased(exponential(value, spec.precision ?? 6), spec.type);
    case "g":
    case "G":
    case "n":
      return cased(general(value, spec.precision ?? 6, spec.alternate), spec.type);
    case "":
      return spec.precision === null ? floatText(value) : shortest(value, spec.precision);
    default:
      throw new PyError("ValueError", `Unknown format code '${spec.type}' for object of type 'float'`);
  }
};

const cased = (text: string, type: string): string =>
  type === type.toUpperCase() ? text.toUpperCase() : text;

/** `%e`: an exponent of at least two digits. */
export const exponential = (value: number, precision: number): string => {
  if (!Number.isFinite(value)) return floatText(value);
  return value.toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, "e$10$2");
};

/** `%g`: plain or exponential, whichever is shorter, no zeros at the end unless `keep`. */
export const general = (value: number, precision: number, keep = false): string => {
  if (!Number.isFinite(value)) return floatText(value);
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const digits = precision === 0 ? 1 : precision;
  const exponent = Number(value.toExponential(digits - 1).split("e")[1]);
  const plain = exponent < -4 || exponent >= digits;
  const text = plain ? exponential(value, digits - 1) : fixedText(value, digits - 1 - exponent);
  if (keep || !text.includes(".")) return text;
  return text.replace(/\.?0+(e|$)/, "$1");
};

/** A float with a precision but no type: like `g`, but always recognisable as a float. */
const shortest = (value: number, precision: number): string => {
  const text = general(value, precision);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
};

const group = (digits: string, spec: Spec): string => {
  if (spec.grouping === "") return digits;
  const size = /^[boxX]$/.test(spec.type) ? 4 : 3;
  const match = /^([0-9a-fA-F]+)(.*)$/.exec(digits);
  if (match === null) return digits;
  const whole = match[1] ?? "";
  const parts: string[] = [];
  for (let end = whole.length; end > 0; end -= size) parts.unshift(whole.slice(Math.max(0, end - size), end));
  return parts.join(spec.grouping) + (match[2] ?? "");
};

const pad = (sign: string, body: string, spec: Spec): string => {
  const gap = spec.width - textLength(sign) - textLength(body);
  if (gap <= 0) return sign + body;
  switch (spec.align) {
    case "<":
      return sign + body + spec.fill.repeat(gap);
    case "^":
      return spec.fill.repeat(Math.floor(gap / 2)) + sign + body + spec.fill.repeat(Math.ceil(gap / 2));
    case "=":
      return sign + spec.fill.repeat(gap) + body;
    default:
      return spec.fill.repeat(gap) + sign + body;
  }
};
