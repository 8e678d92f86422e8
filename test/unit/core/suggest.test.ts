import { expect, test } from "vitest";
import { suggest } from "../../../src/core/suggest.ts";

test.each([
  ["haproxy_prot", ["haproxy_port", "haproxy_user"], "haproxy_port"],
  ["Haproxy-Port", ["haproxy_port"], "haproxy_port"],
  ["tempalte", ["template", "file"], "template"],
  ["ports", ["port", "porch"], "port"],
  ["x", ["completely", "different"], null],
  ["ab", ["yz"], null],
  ["name", [], null],
  ["same", ["same"], null],
])("%s among %j means %s", (name, candidates, expected) => {
  expect(suggest(name, candidates)).toBe(expected);
});
