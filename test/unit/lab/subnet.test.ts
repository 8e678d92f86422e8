import { expect, test } from "vitest";
import { candidates, parseRoutes } from "../../../src/lab/subnet.ts";

const ROUTES = `default via 192.0.2.1 dev eth0
192.0.2.0/24 dev eth0 proto kernel scope link src 192.0.2.2
10.64.0.0/16 via 192.0.2.9 dev eth0
10.200.1.7 dev tun0
broadcast 10.65.3.255 dev br0 table local proto kernel scope link src 10.65.3.1
local 127.0.0.0/8 dev lo table local
`;

test("Routes are read with their prefix, single hosts and typed ones too, the default route not", () => {
  const bits = parseRoutes(ROUTES).map((route) => route.bits);
  expect(bits).toEqual([24, 16, 32, 32, 8]);
  expect(parseRoutes("10.0.0.1 dev x\n")).toEqual([{ first: 10 * 2 ** 24 + 1, bits: 32 }]);
});

test("Every network of the range is offered once, except those that a route covers or lies in", () => {
  const all = [...candidates([], 12345)];
  expect(new Set(all).size).toBe(64 * 256);
  expect(all.length).toBe(64 * 256);
  const free = new Set(candidates(parseRoutes(ROUTES), 12345));
  expect(free.size).toBe(64 * 256 - 256 - 1);
  expect([free.has("4005"), free.has("4103"), free.has("4104")]).toEqual([false, false, true]);
  expect([...candidates(parseRoutes("10.0.0.0/8 dev vpn"), 0)]).toEqual([]);
});

test("Two seeds start at different networks", () => {
  expect(candidates([], 1).next().value).not.toBe(candidates([], 2).next().value);
});
