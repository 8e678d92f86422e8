import { writeFile } from "node:fs/promises";
import { homedir, userInfo } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  parseJumps,
  plainSettings,
  resolveOptions,
  type SshOptions,
} from "../../../src/transport/ssh-options.ts";
import { withDirectory } from "./nodes.ts";

const PATH = process.env.PATH;

const resolveWith = (
  config: string,
  environment: Readonly<Record<string, string>> = {},
): Promise<SshOptions> =>
  withDirectory(async (directory) => {
    const file = join(directory, "config");
    await writeFile(file, config, { mode: 0o600 });
    const question = { host: "lb1", port: null, user: null, args: ["-F", file] };
    return await resolveOptions({ ...question, environment: { PATH, ...environment } });
  });

describe("ssh's configuration", () => {
  it("gives what ssh would use", async () => {
    const config = `Host lb1
  HostName 10.0.0.11
  Port 2222
  User deploy
  HostKeyAlias front
  IdentityFile ~/keys/%r@%h:%p
  IdentitiesOnly yes
  IdentityAgent ~/agent.sock
  ForwardAgent yes
  UserKnownHostsFile /a/known /b/known
  GlobalKnownHostsFile none
  StrictHostKeyChecking accept-new
  ProxyJump one,bob@two:2200
  AddressFamily inet
`;
    expect(await resolveWith(config)).toEqual({
      host: "10.0.0.11",
      port: 2222,
      user: "deploy",
      keyAlias: "front",
      identityFiles: [`${homedir()}/keys/deploy@10.0.0.11:2222`],
      identitiesOnly: true,
      agent: `${homedir()}/agent.sock`,
      forwardAgent: true,
      certificateFiles: [],
      knownHostsFiles: ["/a/known", "/b/known"],
      checking: "accept-new",
      jumps: [
        { host: "one", port: null, user: null },
        { host: "two", port: 2200, user: "bob" },
      ],
      proxyCommand: null,
      addressFamily: 4,
    });
  });

  it.each([
    ["", { SSH_AUTH_SOCK: "/run/agent" }, "/run/agent"],
    ["", {}, null],
    ["IdentityAgent none", { SSH_AUTH_SOCK: "/run/agent" }, null],
    ["IdentityAgent SSH_AUTH_SOCK", { SSH_AUTH_SOCK: "/run/agent" }, "/run/agent"],
    ["IdentityAgent $OTHER_SOCK", { OTHER_SOCK: "/run/other" }, "/run/other"],
  ])("finds the agent with %j and %j", async (line, environment, agent) => {
    expect((await resolveWith(`Host *\n${line}\n`, environment)).agent).toBe(agent);
  });

  it.each([
    ["no", "off"],
    ["off", "off"],
    ["yes", "strict"],
    ["ask", "strict"],
    ["accept-new", "accept-new"],
  ])("reads StrictHostKeyChecking %s as %s", async (value, checking) => {
    expect((await resolveWith(`StrictHostKeyChecking ${value}\n`)).checking).toBe(checking);
  });

  it("does without an ssh program where no ssh argument needs it", async () => {
    const question = { host: "lb1", port: 2200, user: null, environment: { PATH: "/nonexistent" } };
    const found = await resolveOptions({ ...question, args: [] });
    expect([found.host, found.port, found.user]).toEqual(["lb1", 2200, userInfo().username]);
    await expect(resolveOptions({ ...question, args: ["-C"] })).rejects.toMatchObject({
      fault: "unsupported",
      hint: "install openssh-client",
    });
  });

  it("passes on what ssh says of a mistake", async () => {
    await expect(resolveWith("Host lb1\n  Prot 22\n")).rejects.toMatchObject({
      fault: "unsupported",
      message: expect.stringContaining("Bad configuration option: prot"),
    });
  });
});

describe("ProxyJump", () => {
  it.each([
    ["bastion", [{ host: "bastion", port: null, user: null }]],
    ["bob@bastion:2200", [{ host: "bastion", port: 2200, user: "bob" }]],
    ["bob@corp@bastion", [{ host: "bastion", port: null, user: "bob@corp" }]],
    ["[2001:db8::1]:22", [{ host: "2001:db8::1", port: 22, user: null }]],
    ["ssh://bob@bastion:2200", [{ host: "bastion", port: 2200, user: "bob" }]],
    [
      "a,b:1",
      [
        { host: "a", port: null, user: null },
        { host: "b", port: 1, user: null },
      ],
    ],
    [null, []],
  ])("reads %j", (value, hops) => {
    expect(parseJumps(value)).toEqual(hops);
  });
});

describe("arguments of every day", () => {
  const ask = (args: readonly string[]) =>
    resolveOptions({ host: "lb1", port: 2222, user: "ann", args, environment: { PATH } });

  it.each([
    [[]],
    [["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]],
    [["-oStrictHostKeyChecking=yes", "-o", "userknownhostsfile=~/hosts", "-o", "UserKnownHostsFile=/other"]],
    [["-o", "StrictHostKeyChecking=accept-new", "-o", "IdentitiesOnly=yes", "-o", "ConnectTimeout=5"]],
    [["-o", "ControlMaster=auto", "-o", "ControlPersist=60s", "-o", "LogLevel=ERROR"]],
    [["-o", "StrictHostKeyChecking=ask", "-o", "UserKnownHostsFile=none"]],
  ])("%j mean without ssh what they mean to it", async (args) => {
    expect(plainSettings(args)).not.toBe(null);
    // A configuration file that is named is one that ssh is asked about.
    const asked = await ask([...args, "-F", "/dev/null"]);
    const { identityFiles, ...own } = await ask(args);
    expect(asked).toMatchObject(own);
    // ssh's own list has kinds of keys that only ssh can use, or that nobody uses any more.
    expect(asked.identityFiles).toEqual(expect.arrayContaining([...identityFiles]));
  });

  it.each([
    [["-o", "StrictHostKeyChecking=perhaps"]],
    [["-o", "ProxyJump=bastion"]],
    [["-o", 'UserKnownHostsFile="/a b"']],
    [["-o", "UserKnownHostsFile=/a /b"]],
    [["-J", "bastion"]],
    [["-o"]],
    [["-v"]],
  ])("are not those: %j", (args) => {
    expect(plainSettings(args)).toBe(null);
  });
});
