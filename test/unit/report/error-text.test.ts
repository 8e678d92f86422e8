import { expect, test } from "vitest";
import { LbplayError, LbplayErrors, type SourceText } from "../../../src/core/error.ts";
import { TransportError } from "../../../src/core/transport.ts";
import { errorText } from "../../../src/report/error-text.ts";
import { createPalette } from "../../../src/report/palette.ts";

const palette = createPalette(false);

const source: SourceText = {
  path: "playbooks/site.yaml",
  text: "- hosts: lbs\n  tasks:\n    - name: Write\n\ttempalte:\n        src: a.j2\n",
};

const mistake = (line: number, column: number, length: number, hint: string | null = null): LbplayError =>
  new LbplayError({
    code: "E_UNKNOWN_MODULE",
    message: 'no module is called "tempalte"',
    at: { source, line, column, length },
    hint,
  });

test("A mistake is shown with its place, the lines around it and what to do, tabs keeping the marks in place.", () => {
  expect(errorText(mistake(4, 2, 8, "did you mean template?"), palette)).toBe(
    `playbooks/site.yaml:4:2: error: no module is called "tempalte" [E_UNKNOWN_MODULE]
    2 |   tasks:
    3 |     - name: Write
  > 4 | \ttempalte:
      | \t^^^^^^^^
    5 |         src: a.j2
  hint: did you mean template?
`,
  );
});

test("At the first and the last line the frame ends with the file.", () => {
  expect(errorText(mistake(1, 10, 3), palette)).toBe(
    `playbooks/site.yaml:1:10: error: no module is called "tempalte" [E_UNKNOWN_MODULE]
  > 1 | - hosts: lbs
      |          ^^^
    2 |   tasks:
    3 |     - name: Write
`,
  );
  expect(
    errorText(mistake(5, 9, 99), palette)
      ?.split("\n")
      .slice(-3),
  ).toEqual(["  > 5 |         src: a.j2", "      |         ^^^^^^^^^", ""]);
});

test("A long line is cut around the place, and the marks still stand under it.", () => {
  const text = `${"a".repeat(200)}BAD${"b".repeat(200)}\n`;
  const at = { source: { path: "x.yaml", text }, line: 1, column: 201, length: 3 };
  const lines = errorText(new LbplayError({ code: "E_X", message: "m", at }), palette)?.split("\n") ?? [];
  const [framed = "", marks = ""] = lines.slice(1);
  expect(framed.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("BAD");
  expect(framed.length).toBeLessThan(140);
});

test("Several mistakes are sorted by place within their file and counted; places that lie outside are no crash.", () => {
  const outside = new LbplayError({
    code: "E_X",
    message: "beyond",
    at: { source, line: 90, column: 1, length: 1 },
  });
  const placeless = new LbplayError({ code: "E_NO_INVENTORY", message: "no inventory" });
  const text = errorText(new LbplayErrors([placeless, outside, mistake(2, 3, 5)]), palette);
  expect(text?.split("\n").filter((line) => line.includes("error"))).toEqual([
    "error: no inventory [E_NO_INVENTORY]",
    'playbooks/site.yaml:2:3: error: no module is called "tempalte" [E_UNKNOWN_MODULE]',
    "playbooks/site.yaml:90:1: error: beyond [E_X]",
    "3 errors",
  ]);
});

test("A lost node is told with what to do, and a bug is not made to look like a mistake.", () => {
  const lost = new TransportError({
    fault: "refused",
    message: "lb1:22 refused the connection",
    hint: "is sshd running?",
  });
  expect(errorText(lost, palette)).toBe(
    "error: lb1:22 refused the connection [refused]\n  hint: is sshd running?\n",
  );
  expect(errorText(new Error("undefined is not a function"), palette)).toBe(null);
});
