import { isDict, isList, PyFloat, type Value } from "./value.ts";

/** Python's repr of a float: shortest digits, exponent from 1e16 and below 1e-4. */
export const floatText = (value: number): string => {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  if (value === 0) return Object.is(value, -0) ? "-0.0" : "0.0";
  const [digits = "", exponentText = "0"] = value.toExponential().split("e");
  const exponent = Number(exponentText);
  if (exponent >= 16 || exponent < -4) {
    const magnitude = String(Math.abs(exponent)).padStart(2, "0");
    return `${digits}e${exponent < 0 ? "-" : "+"}${magnitude}`;
  }
  const plain = fixed(digits, exponent);
  return plain.includes(".") ? plain : `${plain}.0`;
};

/** Digits of the form d.ddd with their exponent as a plain decimal. */
const fixed = (digits: string, exponent: number): string => {
  const sign = digits.startsWith("-") ? "-" : "";
  const bare = digits.replace("-", "").replace(".", "");
  if (exponent < 0) return `${sign}0.${"0".repeat(-exponent - 1)}${bare}`;
  const whole = bare.slice(0, exponent + 1).padEnd(exponent + 1, "0");
  const rest = bare.slice(exponent + 1);
  return rest === "" ? `${sign}${whole}` : `${sign}${whole}.${rest}`;
};

const ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\" };

/** What Python's str.isprintable refuses, beyond ASCII. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/u;

/** Python's repr of a str: single quotes unless only double ones avoid escapes. */
export const textRepr = (text: string): string => {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  if (/^[ !#-&(-[\]-~]*$/.test(text)) return `${quote}${text}${quote}`;
  let out = quote;
  for (const character of text) out += escaped(character, quote);
  return out + quote;
};

const escaped = (character: string, quote: string): string => {
  if (character === quote) return `\\${character}`;
  const known = ESCAPES[character];
  if (known !== undefined) return known;
  if (character >= " " && character <= "~") return character;
  const code = character.codePointAt(0) ?? 0;
  if (code >= 0x7f && code !== 0xad && !UNPRINTABLE.test(character) && code !== 0x7f) return character;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, "0")}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, "0")}`;
  return `\\U${code.toString(16).padStart(8, "0")}`;
};

/** Python's str() of plain data. */
export const valueText = (value: Value): string => (typeof value === "string" ? value : valueRepr(value));

/** Python's repr() of plain data. */
const valueRepr = (value: Value): string => {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value === "string") return textRepr(value);
  if (value instanceof PyFloat) return floatText(value.value);
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : floatText(value);
  if (typeof value === "bigint") return String(value);
  if (isList<Value>(value)) return `[${value.map(valueRepr).join(", ")}]`;
  return `{${[...value].map(([key, item]) => `${valueRepr(key)}: ${valueRepr(item)}`).join(", ")}}`;
};

/** The name of a value's Python class. */
export const classOf = (value: Value): string => {
  if (value === null) return "NoneType";
  if (typeof value === "boolean") return "bool";
  if (typeof value === "string") return "str";
  if (typeof value === "bigint") return "int";
  if (typeof value === "number") return Number.isInteger(value) ? "int" : "float";
  if (value instanceof PyFloat) return "float";
  return isList(value) ? "list" : "dict";
};

/** Python's == on plain data: 1, 1.0 and True are equal. */
export const sameValue = (a: Value, b: Value): boolean => {
  if (a === b) return true;
  if (isList<Value>(a))
    return isList<Value>(b) && a.length === b.length && a.every((item, at) => sameValue(item, b[at] ?? null));
  if (isDict<Value>(a))
    return (
      isDict<Value>(b) &&
      a.size === b.size &&
      [...a].every(([key, item]) => b.has(key) && sameValue(item, b.get(key) ?? null))
    );
  const left = numeric(a);
  return left !== null && left === numeric(b);
};

const numeric = (value: Value): number | bigint | null =>
  typeof value === "boolean"
    ? Number(value)
    : value instanceof PyFloat
      ? value.value
      : typeof value === "number" || typeof value === "bigint"
        ? value
        : null;
