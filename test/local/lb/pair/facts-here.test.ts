import { spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { describe, expect, test } from "vitest";
import type { Probe } from "../../../../src/core/probe.ts";
import { joinReads } from "../../../../src/engine/batch.ts";
import { haproxyConfig } from "../../../../src/lb/haproxy/read-config.ts";
import { certificateFacts } from "../../../../src/lb/pair/facts-certificates.ts";
import { fileFacts } from "../../../../src/lb/pair/facts-files.ts";
import { networkFacts } from "../../../../src/lb/pair/facts-network.ts";
import { factsProbe } from "../../../../src/lb/pair/facts-probe.ts";
import { factsWanted } from "../../../../src/lb/pair/facts-wanted.ts";
import { SHELLS, testDirectory } from "../../../unit/tasks/local-node.ts";

// The scripts are run on this machine, by each shell that a node may have.

const ask = <T>(probe: Probe<T>, [command = "sh", ...words]: readonly string[]) => {
  const batch = joinReads(probe.reads, "f00dfeed");
  const ran = spawnSync(command, [...words, "-c", batch.script], { env: { ...process.env, LC_ALL: "C" } });
  const answers = batch.split(ran.stdout, ran.stderr).map((answer) => {
    if (answer === null) throw new Error("a read got no answer");
    return answer;
  });
  return { said: Buffer.concat([ran.stdout, ran.stderr]).toString("utf8"), facts: probe.parse(answers) };
};

const wantedOf = (text: string) =>
  factsWanted({ haproxy: haproxyConfig([{ path: "haproxy.cfg", text }]), keepalived: null });

const pem = (name: string): string =>
  readFileSync(new URL(`../../../fixtures/tls/${name}`, import.meta.url), "utf8");

describe.each(SHELLS.map((shell) => ({ shell, name: shell.join(" ") })))("under $name", ({ shell }) => {
  test("bundles tell their certificates and of their keys nothing but the public half", () => {
    const directory = testDirectory();
    mkdirSync(`${directory}/it's certs`);
    writeFileSync(`${directory}/it's certs/site.pem`, pem("leaf.crt") + pem("leaf.key"));
    writeFileSync(`${directory}/it's certs/apart.pem`, pem("leaf.crt"));
    writeFileSync(`${directory}/it's certs/apart.pem.key`, pem("leaf.key"));
    writeFileSync(`${directory}/listed.pem`, pem("leaf.crt") + pem("leaf.encrypted.key"));
    writeFileSync(`${directory}/list`, "# certificates\nlisted.pem [alpn h2] www.example.com\n");
    const probe = certificateFacts(
      wantedOf(
        `global\n    crt-base ${directory}\nfrontend web\n    bind :443 ssl crt "it's certs" crt ${directory}/missing.pem crt-list ${directory}/list\n`,
      ),
    );
    const { said, facts } = ask(probe, shell);
    expect(said).not.toMatch(/PRIVATE/);
    expect(facts.directories).toEqual(
      new Map([[`${directory}/it's certs`, ["apart.pem", "apart.pem.key", "site.pem"]]]),
    );
    const paths = [
      `${directory}/it's certs/apart.pem`,
      `${directory}/it's certs/site.pem`,
      `${directory}/listed.pem`,
    ];
    expect([...(facts.certificates?.keys() ?? [])]).toEqual(paths);
    const spki = facts.certificates?.get(paths[0] ?? "")?.[0]?.spki;
    expect(spki).toMatch(/^[0-9a-f]{64}$/);
    expect(facts.keys).toEqual(
      new Map([
        [paths[0], { file: `${paths[0]}.key`, encrypted: false, spki }],
        [paths[1], { file: paths[1], encrypted: false, spki }],
        [paths[2], { file: paths[2], encrypted: true, spki: null }],
      ]),
    );
  });

  test("files tell mode, owner and digest, also those that are not there", () => {
    const directory = testDirectory();
    writeFileSync(`${directory}/503.http`, "content");
    chmodSync(`${directory}/503.http`, 0o640);
    const { facts } = ask(
      fileFacts(
        wantedOf(
          `defaults\n    errorfile 503 ${directory}/503.http\n    errorfile 502 ${directory}/none\nglobal\n    chroot ${directory}\nfrontend web\n    bind :80\n`,
        ),
      ),
      shell,
    );
    expect(facts.files?.get(`${directory}/none`)).toBeNull();
    expect(facts.files?.get(directory)).toMatchObject({ kind: "directory", digest: null });
    expect(facts.files?.get(`${directory}/503.http`)).toMatchObject({
      kind: "file",
      mode: 0o640,
      digest: "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73",
      text: null,
    });
    const hosts = facts.files?.get("/etc/hosts");
    expect(hosts?.text).toBe(readFileSync("/etc/hosts", "utf8"));
    expect(hosts?.mode).toBe(statSync("/etc/hosts").mode & 0o7777);
  });

  test("servers tell whether they accept a connection", async () => {
    const server = createServer((socket) => socket.end());
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    try {
      const wanted = wantedOf("global\n");
      const servers = [port, 1].map((one) => ({ address: "127.0.0.1", port: one }));
      const { facts } = ask(networkFacts({ ...wanted, servers }), shell);
      expect(facts.reachable).toEqual(
        new Map([
          [`127.0.0.1:${port}`, true],
          ["127.0.0.1:1", false],
        ]),
      );
    } finally {
      server.close();
    }
  });

  test("the whole look leaves nothing on the error output and knows what every machine knows", () => {
    const { facts } = ask(factsProbe({ haproxy: null, keepalived: null }, Date.now), shell);
    expect(Math.abs(facts.clockOffset ?? Number.POSITIVE_INFINITY)).toBeLessThan(60);
    expect(facts.sysctl?.get("net.core.somaxconn")).toBe(
      readFileSync("/proc/sys/net/core/somaxconn", "utf8").trim(),
    );
    expect(facts.memory).toBeGreaterThan(1024 ** 2);
    expect(facts.users).toContain("root");
  });
});
