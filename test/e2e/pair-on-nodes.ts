import { haproxyConfig } from "../../src/lb/haproxy/read-config.ts";
import { keepalivedConfig } from "../../src/lb/keepalived/read-config.ts";
import { factsProbe } from "../../src/lb/pair/facts-probe.ts";
import type { Pair, PairNode } from "../../src/lb/pair/pair.ts";
import { NO_SETTINGS } from "../../src/lb/pair/settings.ts";
import type { TestLab } from "./lab-fixture.ts";

/** The load balancers of a lab as lint sees them: their configurations, and all that is asked of the nodes. */
export const pairOnNodes = async (lab: TestLab): Promise<Pair> => ({
  name: "lab",
  nodes: await Promise.all(["lb1", "lb2"].map((name) => nodeOf(lab, name))),
  settings: NO_SETTINGS,
});

const nodeOf = async (lab: TestLab, name: string): Promise<PairNode> => {
  const source = async (path: string) => [
    { path: `${name}:${path}`, text: await lab.output(name, `cat ${path}`) },
  ];
  const haproxy = haproxyConfig(await source("/etc/haproxy/haproxy.cfg"));
  const keepalived = keepalivedConfig(await source("/etc/keepalived/keepalived.conf"));
  const probe = factsProbe({ haproxy, keepalived }, Date.now);
  const answers: Parameters<typeof probe.parse>[0][number][] = [];
  for (const script of probe.reads) {
    const { code, stdout, stderr } = await lab.exec(name, `LC_ALL=C\nexport LC_ALL\n${script}`);
    answers.push({ code, stdout: Buffer.from(stdout), stderr: Buffer.from(stderr) });
  }
  return { name, haproxy, keepalived, facts: probe.parse(answers) };
};
