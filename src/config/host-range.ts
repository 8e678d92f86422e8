import { isIPv6 } from "node:net";

/** A host pattern of an inventory taken apart; `problem` where a range makes no sense. */
export type ExpandedHosts =
  | { readonly kind: "hosts"; readonly names: readonly string[]; readonly port: number | null }
  | { readonly kind: "problem"; readonly message: string };

/** More hosts than this in one pattern are a slip of the keyboard. */
const MOST_HOSTS = 100_000;

/** `web[01:03].example.com:2222` as its names and the port. */
export const expandHosts = (pattern: string): ExpandedHosts => {
  const { host, port } = parseAddress(pattern) ?? { host: pattern, port: null };
  const names: string[] = [];
  const problem = expandInto(host, names);
  return problem === null ? { kind: "hosts", names, port } : { kind: "problem", message: problem };
};

const RANGE = String.raw`\[(?:[a-z]:[a-z]|[0-9]+:[0-9]+)(?::[0-9]+)?\]`;
const LABEL = String.raw`(?:[\p{L}\p{N}_]|${RANGE})(?:[\p{L}\p{N}_-]|${RANGE})*(?<![_-])`;
const HOSTNAME = new RegExp(String.raw`^${LABEL}(?:\.${LABEL})*$`, "iu");
const IPV6_RANGE =
  /^(?:[0-9a-f]{0,4}|\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\])(?::(?:[0-9a-f]{0,4}|\[[0-9a-f]+:[0-9a-f]+(?::[0-9]+)?\])){2,7}$/i;

/** A host (name or address, ranges allowed) and its port, or null where it is not one: then it is taken as it is. */
export const parseAddress = (
  text: string,
): { readonly host: string; readonly port: number | null } | null => {
  const bracketed = /^\[(.+)\]:([0-9]+)$/.exec(text);
  const match = bracketed ?? /^((?:[^:[\]]|\[[^\]]*\])*):([0-9]+)$/.exec(text);
  const host = match?.[1] ?? text;
  const addresses = host.includes("[") && IPV6_RANGE.test(host);
  if (!HOSTNAME.test(host) && !isIPv6(host) && !addresses) return null;
  return { host, port: match === null ? null : Number(match[2]) };
};

const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

const expandInto = (pattern: string, names: string[]): string | null => {
  const open = pattern.indexOf("[");
  if (open === -1) {
    names.push(pattern);
    return names.length > MOST_HOSTS ? `expands to more than ${MOST_HOSTS} hosts` : null;
  }
  const close = pattern.indexOf("]");
  if (close < open) return "a range needs its closing ]";
  const bounds = pattern.slice(open + 1, close).split(":");
  const sequence = sequenceOf(bounds);
  if (typeof sequence === "string") return sequence;
  for (const item of sequence) {
    const problem = expandInto(pattern.slice(0, open) + item + pattern.slice(close + 1), names);
    if (problem !== null) return problem;
  }
  return null;
};

/** The members of `begin:end[:step]`, or what is wrong with it. */
const sequenceOf = (bounds: readonly string[]): readonly string[] | string => {
  const [begin = "", end = "", stepText = "1"] = bounds;
  if (bounds.length < 2 || bounds.length > 3) return "a range is [begin:end] or [begin:end:step]";
  if (end === "") return "a range needs its end";
  const first = begin === "" ? "0" : begin;
  const padded = first.length > 1 && first.startsWith("0");
  if (padded && first.length !== end.length)
    return "begin and end of a range with leading zeros need the same length";
  if (!/^[0-9]+$/.test(stepText) || Number(stepText) === 0) return "the step of a range is a positive number";
  const step = Number(stepText);
  const [from, to] = [LETTERS.indexOf(first), LETTERS.indexOf(end)];
  if (from !== -1 && to !== -1) {
    if (from > to) return "a range begins before it ends";
    return [...LETTERS.slice(from, to + 1)].filter((_, index) => index % step === 0);
  }
  if (!/^[0-9]+$/.test(first) || !/^[0-9]+$/.test(end))
    return "a range goes between two numbers or two letters";
  const [low, high] = [Number(first), Number(end)];
  if (low > high) return "a range begins before it ends";
  if ((high - low) / step > MOST_HOSTS) return `expands to more than ${MOST_HOSTS} hosts`;
  const sequence: string[] = [];
  for (let number = low; number <= high; number += step)
    sequence.push(padded ? String(number).padStart(first.length, "0") : String(number));
  return sequence;
};
