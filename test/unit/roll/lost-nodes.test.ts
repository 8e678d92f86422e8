import { expect, test } from "vitest";
import { LbplayError } from "../../../src/core/error.ts";
import { TransportError } from "../../../src/core/transport.ts";
import { NO_SETTINGS } from "../../../src/lb/pair/settings.ts";
import { noteText, parseNote } from "../../../src/roll/note.ts";
import { onNode } from "../../../src/roll/on-node.ts";
import { RollFailure } from "../../../src/roll/parts.ts";
import { createRoller } from "../../../src/roll/roller.ts";
import { runPlaybook } from "../engine/playbook-run.ts";

test("a pair of which no node is reached is told as any other hosts are", async () => {
  const nowhere = "ansible_connection: ssh\nansible_host: 127.0.0.1\nansible_port: 1\n";
  const roller = createRoller(
    [{ name: "lb", hosts: ["a", "b"], settings: NO_SETTINGS }],
    { allowUnfit: false, maxOutageMs: null, noLint: null, proveFailover: false },
    { openContinuity: async () => null, now: Date.now, sleep: async () => undefined },
  );
  const { report, lines } = await runPlaybook({
    hosts: ["a", "b"],
    files: { "host_vars/a.yml": nowhere, "host_vars/b.yml": nowhere },
    context: { roller },
    playbook: "- hosts: all\n  gather_facts: false\n  tasks:\n    - command: 'true'\n",
  });
  expect(report).toMatchObject({ unreachable: true, changed: false });
  expect(lines).toContain("a: command -> unreachable");
});

const failing = (error: unknown): Promise<unknown> =>
  onNode("lb1", () => Promise.reject(error)).catch((thrown: unknown) => thrown);

test("a node that is lost, or has gone back by itself, ends the roll and not lbplay", async () => {
  const lost = await failing(new TransportError({ fault: "lost", message: "no route to host" }));
  expect(lost).toMatchObject({ host: "lb1", message: "it was lost: no route to host" });
  const back = await failing(new LbplayError({ code: "E_WENT_BACK", message: "lb1 went back" }));
  expect(back).toBeInstanceOf(RollFailure);
});

test("what is no fault of the node is not taken for one", async () => {
  const interrupted = new LbplayError({ code: "E_INTERRUPTED", message: "stopped" });
  expect(await failing(interrupted)).toBe(interrupted);
});

test("the note of a journal is read as it was written, and one that is no such note is none", () => {
  expect(parseNote(noteText("stop standby"))).toEqual({ order: "stop standby", undo: null });
  expect(parseNote(noteText("handover", "echo 0 >'/run/drain'"))).toEqual({
    order: "handover",
    undo: "echo 0 >'/run/drain'",
  });
  for (const text of ["", "run 4711", "null", '{"order":"sideways"}']) expect(parseNote(text)).toBe(null);
});
