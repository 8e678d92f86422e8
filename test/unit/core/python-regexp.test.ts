import { expect, test } from "vitest";
import { LbplayError } from "../../../src/core/error.ts";
import { pythonRegExp, pythonReplacement, regexpFault } from "../../../src/core/python-regexp.ts";

/** Each expected value is what Python 3.11 gives for `[m.span() for m in re.finditer(pattern, text, flags)]`. */
const spans = (pattern: string, text: string, flags = ""): readonly (readonly [number, number])[] => {
  const expression = pythonRegExp(pattern, flags);
  return [...text.matchAll(new RegExp(expression.source, `${expression.flags}g`))].map((match) => [
    match.index,
    match.index + match[0].length,
  ]);
};

test.each([
  ["a dollar also matches before the last line feed", "a$", "a\na\n", "", [[2, 3]]],
  [
    "with m a dollar matches at each line's end",
    "a$",
    "a\na\n",
    "m",
    [
      [0, 1],
      [2, 3],
    ],
  ],
  ["a caret matches at the start alone", "^a", "a\na", "", [[0, 1]]],
  ["with m a caret does not match after a carriage return", "^a", "b\ra\na", "m", [[4, 5]]],
  ["\\Z is the very end", "a\\Z", "a\n", "", []],
  ["a dot matches a carriage return", "a.b", "a\rb a\nb", "", [[0, 3]]],
  ["with s a dot matches a line feed", "a.b", "a\nb", "s", [[0, 3]]],
  ["named groups are Python's", "(?P<q>['\"]).*?(?P=q)", "x 'a' y", "", [[2, 5]]],
  ["a first ] in a set is itself", "[]x]+", "a]x]", "", [[1, 4]]],
  ["a set may hold what JavaScript reserves", "[&&|(){}/^-]+", "a&&|(){}/^-b", "", [[1, 11]]],
  ["a negated shorthand in a set", "[^\\W_]+", "_ab_", "", [[1, 3]]],
  ["letters are those of Unicode", "\\w+", "größe", "", [[0, 5]]],
  [
    "or of ASCII with a",
    "\\w+",
    "größe",
    "a",
    [
      [0, 2],
      [4, 5],
    ],
  ],
  ["a word boundary knows Unicode letters", "\\bö", "größe ö", "", [[6, 7]]],
  [
    "a repeat without a lower bound",
    "xa{,2}y",
    "xy xaay xaaay",
    "",
    [
      [0, 2],
      [3, 7],
    ],
  ],
  ["a brace that is no repeat", "a{b}", "a{b}", "", [[0, 4]]],
  ["escaped punctuation", "\\-\\#\\ \\/\\.", "-# /.", "", [[0, 5]]],
  ["octal, hexadecimal and Unicode escapes", "\\x41\\101\\u0041\\012", "AAA\n", "", [[0, 4]]],
  ["inline flags", "(?i)ABC", "abc", "", [[0, 3]]],
  ["a verbose pattern", "(?x) a  # comment )\n b [ ] c", "ab c", "", [[0, 4]]],
  ["a comment in a pattern", "a(?#no)b", "ab", "", [[0, 2]]],
  ["look around", "(?<=a)b(?!c)", "ab abc", "", [[1, 2]]],
  ["a back reference", "(a|b)\\1", "ab bb", "", [[3, 5]]],
])("%s: %s in %j", (_, pattern, text, flags, expected) => {
  expect(spans(pattern, text, flags)).toEqual(expected);
});

test.each([
  ["(", "("],
  ["a++", "possessive"],
  ["(?(1)a|b)", "not supported"],
  ["[a", "not closed"],
  ["\\q", "means nothing"],
  ["a\\", "backslash"],
])("%s is refused with its reason", (pattern, reason) => {
  expect(regexpFault(pattern)).toContain(reason);
});

test.each([
  ["\\1-\\2", "k-v"],
  ["\\g<1>0\\g<name>", "k0v"],
  ["a\\nb\\\\", "a\nb\\"],
  ["\\.", "\\."],
  ["$1 $& $$", "$1 $& $$"],
])("the replacement %j gives %j", (template, expected) => {
  const match = /(k)=(?<name>v)/.exec("k=v");
  expect(match === null ? null : pythonReplacement(template)(match)).toBe(expected);
});

test("a replacement for a group that does not exist is a mistake", () => {
  const match = /(k)/.exec("k");
  expect(() => match !== null && pythonReplacement("\\2")(match)).toThrow(LbplayError);
});
