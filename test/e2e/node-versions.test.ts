import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { must } from "../../src/lab/command.ts";
import { SITE_PACKAGES, STATE_ROOT, withLab } from "./lab-fixture.ts";
import { changedTasks, runEvents } from "./lbplay.ts";

/** The oldest Node that package.json allows, and the lines that users have besides the one the other tests run on. */
const VERSIONS = ["20.12", "22", "24"] as const;

const lab = withLab({ name: "versions", nodes: ["lb1", "lb2", "web1", "web2"], packages: SITE_PACKAGES });

const site = (maxconn: number): readonly string[] => [
  ...["playbooks/site.yaml", "-i", "inventory/lab", "-i", lab.inventoryFile(), "--limit", "lb"],
  ...["-e", JSON.stringify({ haproxy_global: { maxconn } })],
];

/** Node of a version, from npm's registry; kept beside the lab's images. */
const nodeOf = async (version: string): Promise<string> => {
  const directory = join(STATE_ROOT, "node", version);
  const name = `node-${process.platform}-${process.arch}`;
  const program = join(directory, "node_modules", name, "bin", "node");
  const present = await access(program).then(
    () => true,
    () => false,
  );
  if (present) return program;
  await mkdir(directory, { recursive: true });
  await must(["npm", "install", "--prefix", directory, "--no-audit", "--no-fund", `${name}@${version}`]);
  return program;
};

describe("lbplay", () => {
  beforeAll(async () => {
    const first = await runEvents(site(999));
    expect({ code: first.code, stderr: first.stderr }, first.stdout.slice(-2000)).toEqual({
      code: 0,
      stderr: "",
    });
  });

  test.each(VERSIONS)("runs on Node %s", async (version) => {
    const node = await nodeOf(version);
    expect(await must([node, "--version"])).toMatch(new RegExp(`^v${version.replace(".", "\\.")}\\.`));
    const same = await runEvents([...site(999), "--check"], { node });
    expect({ code: same.code, changed: changedTasks(same.events) }, same.stderr).toEqual({
      code: 0,
      changed: [],
    });
    const maxconn = 1000 + Number.parseInt(version, 10);
    const changed = ["lb1", "lb2"].flatMap((host) =>
      ["Configure HAProxy", "Let HAProxy read its configuration again"].map(
        (task) => `${host}: haproxy : ${task}`,
      ),
    );
    const promised = await runEvents([...site(maxconn), "--check"], { node });
    expect(changedTasks(promised.events).toSorted()).toEqual(changed);
    const done = await runEvents(site(maxconn), { node });
    expect({ code: done.code, changed: changedTasks(done.events).toSorted() }, done.stderr).toEqual({
      code: 0,
      changed,
    });
    expect(await lab.output("lb2", "cat /etc/haproxy/haproxy.cfg")).toMatch(
      new RegExp(`maxconn +${maxconn}\n`),
    );
    await runEvents(site(999));
  });
});
