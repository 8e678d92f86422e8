import fc from "fast-check";
import { expect, test } from "vitest";
import { parseHaproxy, printHaproxy } from "../../../../src/lb/haproxy/parse.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import { parseKeepalived, printKeepalived } from "../../../../src/lb/keepalived/parse.ts";
import { keepalivedConfig } from "../../../../src/lb/keepalived/read-config.ts";
import { renderCases } from "../render-case.ts";
import { anyText, HAPROXY_PIECES, KEEPALIVED_PIECES } from "./texts.ts";

const RUNS = { numRuns: 2000 };

test("any text at all is read as a haproxy.cfg, and printed as it was", () => {
  fc.assert(
    fc.property(anyText(HAPROXY_PIECES), (text) => {
      const source = { path: "haproxy.cfg", text };
      expect(printHaproxy(parseHaproxy(source))).toBe(text);
      expect(() => haproxyConfig([source])).not.toThrow();
    }),
    RUNS,
  );
});

test("a line that begins with a carriage return and is refused further on is read to its end", () => {
  const source = { path: "haproxy.cfg", text: "\r\\x4 rest\nglobal\n" };
  expect(
    parseHaproxy(source)
      .problems.map(({ message }) => message)
      .join(),
  ).toContain("hexadecimal");
  expect(printHaproxy(parseHaproxy(source))).toBe(source.text);
});

test("definitions and repetitions that would make a text without end are told", () => {
  const text = `$A=${"x ".repeat(9000)}\n~SEQ(I, 1, 50000) $A $A\n`;
  const { problems, statements } = keepalivedConfig([{ path: "keepalived.conf", text }], "lb1");
  expect(problems.length).toBeGreaterThan(0);
  expect(statements.length).toBeLessThan(1000);
});

test("any text at all is read as a keepalived.conf, and printed as it was", () => {
  fc.assert(
    fc.property(anyText(KEEPALIVED_PIECES), (text) => {
      const source = { path: "keepalived.conf", text };
      expect(printKeepalived(parseKeepalived(source))).toBe(text);
      expect(() => keepalivedConfig([source], "lb1")).not.toThrow();
    }),
    RUNS,
  );
});

test.each(["haproxy", "keepalived"] as const)("what is rendered for %s is read without a problem", (kind) => {
  const texts = renderCases(kind).flatMap(({ file }) => file ?? []);
  expect(texts.length).toBeGreaterThan(9);
  for (const text of texts) {
    const source = { path: "rendered", text };
    const { problems } = kind === "haproxy" ? haproxyConfig([source]) : keepalivedConfig([source]);
    expect(problems).toEqual([]);
    expect(
      kind === "haproxy" ? printHaproxy(parseHaproxy(source)) : printKeepalived(parseKeepalived(source)),
    ).toBe(text);
  }
});
