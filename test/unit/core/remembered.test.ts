import { expect, test } from "vitest";
import { remembered } from "../../../src/core/remembered.ts";

test("what was worked out for a thing is kept, also where it came to nothing", () => {
  const asked: object[] = [];
  const sizeOf = remembered((list: readonly number[]) => {
    asked.push(list);
    return list.length === 0 ? undefined : list.length;
  });
  const [empty, pair, equal] = [[], [1, 2], [1, 2]];
  expect([empty, pair, equal, pair, empty].map(sizeOf)).toEqual([undefined, 2, 2, 2, undefined]);
  expect(asked).toEqual([empty, pair, equal]);
});
