import { expect, test } from "vitest";
import { parseCommandLine } from "../../../src/cli/args.ts";
import { LbplayError } from "../../../src/core/error.ts";

const parse = (line: string) => parseCommandLine(line.split(" ").filter((word) => word !== ""));

test("status looks once, at all pairs, unless told otherwise.", () => {
  expect(parse("status -i inventory")).toMatchObject({
    kind: "status",
    options: {
      pair: null,
      watchSeconds: null,
      output: "plain",
      live: { inventories: ["inventory"], connection: { become: true } },
    },
  });
  expect(parse("status -i x lb --watch")).toMatchObject({ options: { pair: "lb", watchSeconds: 2 } });
  expect(parse("status -i x --watch 10 --output json")).toMatchObject({
    options: { watchSeconds: 10, output: "json" },
  });
});

test("switchover asks before it moves, and takes its times with units.", () => {
  expect(parse("switchover -i x")).toMatchObject({
    kind: "switchover",
    options: {
      pair: null,
      to: null,
      back: false,
      maxOutageMs: null,
      probe: null,
      probeFrom: null,
      check: false,
      yes: false,
      breakLock: false,
    },
  });
  expect(
    parse(
      "switchover -i x lb --to lb2 --back --max-outage 500ms --probe tcp://192.0.2.10:443 --probe-from client -y",
    ),
  ).toMatchObject({
    options: {
      pair: "lb",
      to: "lb2",
      back: true,
      maxOutageMs: 500,
      probe: "tcp://192.0.2.10:443",
      probeFrom: "client",
      yes: true,
    },
  });
  expect(parse("switchover -i x --probe none --max-outage 2s")).toMatchObject({
    options: { probe: "none", maxOutageMs: 2000 },
  });
});

test("maintenance is for a node, or for a server of a backend.", () => {
  expect(parse("maintenance on lb1 -i x --reason memory")).toMatchObject({
    kind: "maintenance",
    options: { work: { kind: "node", action: "on", node: "lb1" }, reason: "memory" },
  });
  expect(parse("maintenance drain app/web1 -i x")).toMatchObject({
    options: { work: { kind: "server", action: "drain", backend: "app", server: "web1" }, reason: null },
  });
});

test.each([
  ["switchover -i x --max-outage 500", /Expected a time with its unit/],
  ["switchover -i x --probe ftp://x/", /Expected http:/],
  ["status -i x --watch 0", /whole number from 1/],
  ["maintenance away lb1 -i x", /maintenance has no action away/],
  ["maintenance drain web1 -i x", /drain needs a server, found web1/],
  ["maintenance drain a/b;shutdown -i x", /drain needs a server/],
  ["maintenance on -i x", /missing required argument 'what'/],
])("%s is refused.", (line, message) => {
  try {
    parse(line);
  } catch (error) {
    expect(error).toBeInstanceOf(LbplayError);
    expect((error as LbplayError).message).toMatch(message);
    return;
  }
  expect.unreachable("it was understood");
});

test.each(["status", "switchover", "maintenance"])("%s --help has examples.", (command) => {
  const shown = parse(`${command} --help`);
  expect(shown.kind === "show" && shown.text).toContain(`lbplay ${command} `);
  expect(shown.kind === "show" && shown.text).toContain("Examples:");
});
