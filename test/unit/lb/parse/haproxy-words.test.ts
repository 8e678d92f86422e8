import { describe, expect, test } from "vitest";
import { parseHaproxy } from "../../../../src/lb/haproxy/parse.ts";

const parsed = (text: string) => parseHaproxy({ path: "haproxy.cfg", text });

const wordsOf = (line: string): readonly string[] =>
  parsed(`${line}\n`).preamble[0]?.words.map(({ text }) => text) ?? [];

const problemsOf = (text: string) =>
  parsed(text).problems.map(
    ({ at, message, severity }) => `${severity} ${at.line}:${at.column}+${at.length} ${message}`,
  );

describe("words", () => {
  test.each([
    ["log\t127.0.0.1   local0  ", ["log", "127.0.0.1", "local0"]],
    ["a # b", ["a"]],
    ["a#b c", ["a"]],
    ["a \\# b", ["a", "#", "b"]],
    ["a '#' \"#\"", ["a", "#", "#"]],
    ["a b\\ c", ["a", "b c"]],
    ["a \"b c\"'d e'f", ["a", "b cd ef"]],
    ["a '\\n$X\"' ", ["a", '\\n$X"']],
    ['a "\\n\'\\x41\\"\\\\"', ["a", "\n'A\"\\"]],
    ['a \\d\\1 "\\d"', ["a", "\\d\\1", "\\d"]],
    ['a \\$b "\\$b"', ["a", "\\$b", "$b"]],
    ['a $HOME "$HOME/${X}" "${X-a b}" "${X[*]}"', ["a", "$HOME", "$HOME/${X}", "${X-a b}", "${X[*]}"]],
    ['"$.LINE" "${.FILE}"', ["$.LINE", "${.FILE}"]],
    ["a \u00e9 \\xe9", ["a", "\u00e9", "\u00e9"]],
    ["a\\\tb", ["a\\", "b"]],
    ["a\r", ["a"]],
    ["\ra \rb \r", ["a", "b"]],
  ])("%j", (line, words) => {
    expect(wordsOf(line)).toEqual(words);
    expect(problemsOf(`${line}\n`)).toEqual([]);
  });

  test("have their place and keep how they are written", () => {
    expect(parsed("x\n\tbind \"a b\"'c' d\n").preamble[1]?.words[1]).toMatchObject({
      text: "a bc",
      raw: "\"a b\"'c'",
      at: { line: 2, column: 7, length: 8 },
    });
  });
});

describe("problems", () => {
  test.each([
    ['a "b c', 'error 1:3+4 the quote " that opens here is not closed in this line'],
    ["a 'b\\'", null],
    [
      "a \\x4",
      "error 1:3+4 \\x is followed by two hexadecimal digits, as in \\x20; write \\\\x for a backslash and an x",
    ],
    [
      'a "$1"',
      "error 1:4+3 a variable's name begins with a letter or an underscore; for a dollar sign write \\$ or use '…' instead of \"…\"",
    ],
    ['a "${X" b', "error 1:4+6 the brace of the variable that opens here is not closed"],
    [
      'a "${.X}"',
      "error 1:4+6 a variable's name begins with a letter or an underscore; for a dollar sign write \\$ or use '…' instead of \"…\"",
    ],
    [
      "a \\",
      "warning 1:3+1 a backslash at the end does not continue the line: HAProxy takes it as a character",
    ],
    [
      'a "" b',
      "warning 1:3+2 an empty word ends the line: HAProxy ignores what follows, and from 3.3 on refuses it",
    ],
    ["a\rb", "warning 1:2+2 a carriage return ends the line: HAProxy ignores what follows"],
    ["a\0b", "error 1:2+2 a NUL byte ends the line: HAProxy refuses the file"],
    [
      Array.from({ length: 65 }, (_, index) => index % 10).join(" "),
      "error 1:129+1 more than 64 words in a line: HAProxy refuses it",
    ],
  ])("%j", (line, problem) => {
    expect(problemsOf(`${line}\n`)).toEqual(problem === null ? [] : [problem]);
  });

  test("a file without its last line feed", () => {
    expect(problemsOf("global\n a")).toEqual([
      "error 2:3+1 the last line does not end with a line feed: HAProxy takes the file for truncated",
    ]);
    expect(problemsOf("")).toEqual([]);
  });
});

describe("lines", () => {
  const syntax = parsed(
    "# top\r\n\nglobal\n  daemon # yes\ndefaults from base\nfrontend web from base\n\nbackend\n",
  );

  test("stand in the section before them", () => {
    expect(syntax.preamble.map(({ number, comment }) => [number, comment])).toEqual([
      [1, " top"],
      [2, null],
    ]);
    expect(
      syntax.sections.map(({ keyword, name, header, lines }) => [
        keyword,
        name?.text ?? null,
        header.number,
        lines.map(({ number }) => number),
      ]),
    ).toEqual([
      ["global", null, 3, [4]],
      ["defaults", null, 5, []],
      ["frontend", "web", 6, [7]],
      ["backend", null, 8, []],
    ]);
  });

  test("keep their comments and line endings", () => {
    expect(syntax.sections[0]?.lines[0]).toMatchObject({ raw: "  daemon # yes\n", comment: " yes" });
    expect(syntax.preamble[0]?.raw).toBe("# top\r\n");
  });
});
