import { expect, test } from "vitest";
import { probeTarget } from "../../../src/cli/probe-target.ts";
import { node, VIP } from "../lb/live/nodes.ts";

const owner = (text: string) =>
  node("lb1", { haproxy: { config: [{ path: "/etc/haproxy/haproxy.cfg", text }] } });

test("The site's own pair is asked by HTTP on its virtual address.", () => {
  expect(probeTarget(null, node("lb1"), [VIP])).toEqual({ scheme: "http", host: VIP, port: 80, path: "/" });
});

test.each([
  [
    "frontend a\n mode http\n bind *:8443 ssl crt /c.pem\n",
    { scheme: "https", host: VIP, port: 8443, path: "/" },
  ],
  ["frontend a\n mode tcp\n bind :5432\n", { scheme: "tcp", host: VIP, port: 5432, path: "" }],
  [
    `listen a\n mode tcp\n bind ${VIP}:25\nlisten b\n mode http\n bind ${VIP}:80\n`,
    { scheme: "http", host: VIP, port: 80, path: "/" },
  ],
  ["frontend a\n mode http\n bind 127.0.0.1:8404\n", null],
])("%j is asked at %j.", (text, target) => {
  expect(probeTarget(null, owner(text), [VIP])).toEqual(target);
});

test("What is said wins, and none is nothing.", () => {
  expect(probeTarget("tcp://192.0.2.10:443", node("lb1"), [VIP])).toMatchObject({ scheme: "tcp", port: 443 });
  expect(probeTarget("none", node("lb1"), [VIP])).toBeNull();
});
