import { expect, test } from "vitest";
import { createJsonLinesSink } from "../../../src/report/json-lines.ts";
import { result } from "./events.ts";

test("Every event is one line of JSON, whatever its texts contain.", () => {
  const written: string[] = [];
  const sink = createJsonLinesSink((text) => written.push(text));
  const events = [result({ msg: "two\nlines\u2028" }), result({ host: "lb2" })];
  for (const event of events) sink(event);
  expect(written.map((line) => line.split("\n").length)).toEqual([2, 2]);
  expect(written.map((line) => JSON.parse(line))).toEqual(events);
});
