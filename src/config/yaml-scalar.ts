import { pythonFloat, pythonInt } from "../core/python-number.ts";
import type { Value } from "../core/value.ts";

/** What a plain (unquoted) scalar means; `problem` where YAML 1.1 gives it a type that it cannot have (a 13th month). */
export type Resolved =
  | { readonly kind: "value"; readonly value: Value }
  | { readonly kind: "merge" }
  | { readonly kind: "problem"; readonly message: string };

const BOOL = /^(?:yes|Yes|YES|no|No|NO|true|True|TRUE|false|False|FALSE|on|On|ON|off|Off|OFF)$/;
const TRUTH = /^(?:yes|true|on)$/i;
const FLOAT =
  /^(?:[-+]?[0-9][0-9_]*\.[0-9_]*(?:[eE][-+][0-9]+)?|\.[0-9][0-9_]*(?:[eE][-+][0-9]+)?|[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+\.[0-9_]*|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;
const INT =
  /^(?:[-+]?0b[0-1_]+|[-+]?0[0-7_]+|[-+]?(?:0|[1-9][0-9_]*)|[-+]?0x[0-9a-fA-F_]+|[-+]?[1-9][0-9_]*(?::[0-5]?[0-9])+)$/;
const NULL = /^(?:~|null|Null|NULL|)$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const TIMESTAMP =
  /^([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[Tt]|[ \t]+)([0-9]{1,2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]*))?(?:[ \t]*(?:(Z)|([-+])([0-9]{1,2})(?::([0-9]{2}))?))?$/;

/** A plain scalar as PyYAML's SafeLoader resolves it (YAML 1.1): `yes` is true, `0644` is 420, `1:30` is 90. */
export const resolvePlain = (text: string): Resolved => {
  if (BOOL.test(text)) return { kind: "value", value: TRUTH.test(text) };
  if (NULL.test(text)) return { kind: "value", value: null };
  if (text === "<<") return { kind: "merge" };
  if (text === "=") return { kind: "problem", message: "a lone = is a special value of YAML 1.1" };
  const first = text.charCodeAt(0);
  const numeric = (first >= 48 && first <= 57) || text[0] === "-" || text[0] === "+" || text[0] === ".";
  if (!numeric) return { kind: "value", value: text };
  if (FLOAT.test(text)) return { kind: "value", value: readFloat(text) };
  if (INT.test(text)) return readInt(text);
  if (DATE.test(text) || TIMESTAMP.test(text)) return readTimestamp(text);
  return { kind: "value", value: text };
};

/** True for a text that YAML 1.1 can read as an int, as `!!int` asks. */
export const isIntText = (text: string): boolean => INT.test(text);

/** True for a text that YAML 1.1 can read as a float, as `!!float` asks. */
export const isFloatText = (text: string): boolean => FLOAT.test(text) || /^[-+]?[0-9][0-9_]*$/.test(text);

/** A YAML 1.1 float's text (underscores, sexagesimal, .inf) as a value. */
export const readFloat = (text: string): Value => {
  const plain = text.replaceAll("_", "").toLowerCase();
  const negative = plain.startsWith("-");
  const body = plain.replace(/^[-+]/, "");
  if (body === ".inf") return negative ? -Infinity : Infinity;
  if (body === ".nan") return Number.NaN;
  const magnitude = body.includes(":")
    ? body.split(":").reduce((sum, part) => sum * 60 + Number(part), 0)
    : Number(body);
  return pythonFloat(negative ? -magnitude : magnitude);
};

/** A YAML 1.1 int's text (0644, 0x1F, 0b11, 1_000, 1:30) as a value. */
export const readInt = (text: string): Resolved => {
  const plain = text.replaceAll("_", "");
  const negative = plain.startsWith("-");
  const body = plain.replace(/^[-+]/, "");
  const magnitude = magnitudeOf(body);
  if (magnitude === null)
    return { kind: "problem", message: `${text} looks like a number but has no digits` };
  return { kind: "value", value: pythonInt(negative ? -magnitude : magnitude) };
};

const magnitudeOf = (body: string): bigint | null => {
  if (body === "0") return 0n;
  if (body === "" || body === "0b" || body === "0x") return null;
  if (body.startsWith("0b") || body.startsWith("0x")) return BigInt(body);
  if (body.startsWith("0")) return BigInt(`0o${body.slice(1)}`);
  if (body.includes(":")) return body.split(":").reduce((sum, part) => sum * 60n + BigInt(part), 0n);
  return BigInt(body);
};

/** Dates have no type of their own here: they are the text that Python prints for them. */
const readTimestamp = (text: string): Resolved => {
  const stamp = TIMESTAMP.exec(text);
  const [year = "", month = "", day = ""] = stamp === null ? text.split("-") : stamp.slice(1, 4);
  if (!isDay(Number(year), Number(month), Number(day)))
    return { kind: "problem", message: `${text} looks like a date, but there is no such day` };
  const date = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  if (stamp === null) return { kind: "value", value: date };
  const [hour = "", minute = "", second = "", fraction = ""] = stamp.slice(4, 8);
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second) > 59)
    return { kind: "problem", message: `${text} looks like a time, but there is no such time` };
  const micro = fraction.slice(0, 6).padEnd(6, "0");
  const time = `${hour.padStart(2, "0")}:${minute}:${second}${micro === "000000" ? "" : `.${micro}`}`;
  return { kind: "value", value: `${date} ${time}${zoneOf(stamp)}` };
};

const zoneOf = (stamp: RegExpExecArray): string => {
  if (stamp[8] === "Z") return "+00:00";
  if (stamp[9] === undefined) return "";
  const hours = (stamp[10] ?? "").padStart(2, "0");
  const minutes = stamp[11] ?? "00";
  return hours === "00" && minutes === "00" ? "+00:00" : `${stamp[9]}${hours}:${minutes}`;
};

const isDay = (year: number, month: number, day: number): boolean => {
  if (year < 1 || month < 1 || month > 12 || day < 1) return false;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
};
