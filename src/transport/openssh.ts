import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Secret } from "../core/secret.ts";
import { type HostKeyChecking, TransportError } from "../core/transport.ts";
import type { Channel, Link } from "./channel.ts";
import { logFault } from "./openssh-fault.ts";
import { processChannel } from "./process-channel.ts";

/** What the system's ssh is told; the rest it finds in its own configuration. */
export interface OpensshTarget {
  /** `user@host:port`: for messages. */
  readonly label: string;
  readonly host: string;
  readonly port: number | null;
  /** The login user as ssh would resolve it. */
  readonly user: string;
  readonly password: Secret | null;
  readonly privateKeyFile: string | null;
  readonly passphrase: Secret | null;
  readonly knownHostsFiles: readonly string[] | null;
  readonly hostKeyChecking: HostKeyChecking;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly nonce: () => string;
}

/**
 * Connects with the system's ssh. One master process holds the connection (its session only waits for its input to
 * end), and each command is a cheap client of it over a private socket.
 */
export const createOpensshLink = async (target: OpensshTarget): Promise<Link> => {
  const place = tmpdir().length > LONGEST_PLACE ? "/tmp" : tmpdir();
  const directory = await mkdtemp(join(place, "lbplay-"));
  const removeDirectory = (): Promise<void> => rm(directory, { recursive: true, force: true });
  try {
    const master = await startMaster(target, directory);
    return createLink(target, join(directory, "s"), master, removeDirectory);
  } catch (error) {
    await removeDirectory();
    throw error;
  }
};

/** The path of a socket may have some hundred characters, of which names below the directory take forty. */
const LONGEST_PLACE = 60;

interface Master {
  readonly channel: Channel;
  /** What ssh has written to standard error so far. */
  readonly log: () => string;
}

const createLink = (
  target: OpensshTarget,
  socket: string,
  master: Master,
  removeDirectory: () => Promise<void>,
): Link => {
  const channels = new Set<Channel>();
  let fault: Error | null = null;
  void master.channel.ended.then(() => {
    fault = new Error(master.log().trim().split("\n").at(-1) || "ssh has ended");
  });
  const open = async (command: string): Promise<Channel> => {
    if (fault !== null) throw logFault(target, master.log());
    const words = ["-T", "-S", socket, ...CLIENT_ONLY];
    const child = spawnSsh([...words, "--", target.host, command], target.environment);
    const channel = await processChannel(child, "terminate");
    channels.add(channel);
    void channel.ended.then(() => channels.delete(channel));
    return channel;
  };
  const close = async (): Promise<void> => {
    for (const channel of channels) channel.destroy();
    master.channel.destroy();
    await Promise.all([master.channel, ...channels].map((channel) => channel.ended));
    await removeDirectory();
  };
  return { label: target.label, user: target.user, open, fault: () => fault, close };
};

/** Without its master ssh would connect anew, with none of our options: it must fail instead. */
const CLIENT_ONLY = [
  "-F",
  "none",
  "-o",
  "ControlMaster=no",
  "-o",
  "ProxyCommand=false",
  "-o",
  "LogLevel=ERROR",
];

const startMaster = async (target: OpensshTarget, directory: string): Promise<Master> => {
  const ready = target.nonce();
  const askpass = await askpassEnvironment(target, directory);
  const words = masterWords(target, join(directory, "s"), askpass !== null);
  const command = `echo ${ready}; exec cat >/dev/null`;
  const child = spawnSsh([...words, "--", target.host, command], { ...target.environment, ...askpass });
  const channel = await processChannel(child, "terminate").catch((error: unknown) => {
    throw new TransportError({
      fault: "unsupported",
      message: `${target.label}: the ssh program cannot be started`,
      hint: "install openssh-client, or set ansible_connection: ssh",
      cause: error,
    });
  });
  let log = "";
  channel.stderr.on("data", (bytes: Buffer) => {
    log = (log + bytes.toString("utf8")).slice(-LOG_KEPT);
  });
  await awaitReady({ target, channel, ready, log: () => log });
  return { channel, log: () => log };
};

/** Characters of ssh's messages that are kept. */
const LOG_KEPT = 8_000;

/** A process group of its own, so that Ctrl-C reaches only us, and no terminal for ssh to ask on. */
const spawnSsh = (
  words: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): ChildProcessWithoutNullStreams =>
  spawn("ssh", words, { detached: true, stdio: ["pipe", "pipe", "pipe"], env: { ...environment } });

const masterWords = (target: OpensshTarget, socket: string, asks: boolean): readonly string[] => {
  const option = (name: string, value: string): readonly string[] => ["-o", `${name}=${value}`];
  const seconds = String(Math.max(1, Math.ceil(target.timeoutMs / 1000)));
  return [
    "-T",
    ...option("ControlMaster", "yes"),
    ...option("ControlPath", socket),
    ...option("ControlPersist", "no"),
    ...option("ConnectTimeout", seconds),
    ...option("ServerAliveInterval", "10"),
    ...option("ServerAliveCountMax", "3"),
    ...(asks ? option("NumberOfPasswordPrompts", "1") : option("BatchMode", "yes")),
    ...(asks && target.password === null ? KEYS_ONLY : []),
    ...(target.port === null ? [] : ["-p", String(target.port)]),
    "-l",
    target.user,
    ...(target.privateKeyFile === null ? [] : ["-i", target.privateKeyFile]),
    ...knownHostsWords(target.knownHostsFiles),
    ...checkingWords(target.hostKeyChecking),
    ...target.args,
  ];
};

/** A passphrase alone is no answer to a question for a password. */
const KEYS_ONLY = ["-o", "PasswordAuthentication=no", "-o", "KbdInteractiveAuthentication=no"];

const knownHostsWords = (files: readonly string[] | null): readonly string[] =>
  files === null ? [] : ["-o", `UserKnownHostsFile=${files.map((file) => `"${file}"`).join(" ")}`];

/** strict is left to the configuration: `ask`, ssh's default, refuses where nobody can be asked. */
const checkingWords = (checking: HostKeyChecking): readonly string[] => {
  if (checking === "strict") return [];
  return ["-o", `StrictHostKeyChecking=${checking === "off" ? "no" : "accept-new"}`];
};

/** Answers ssh's questions for a password or passphrase, and no other (such as whether to trust a host). */
const ASKPASS = `#!/bin/sh
case $1 in
*assphrase*) printf '%s\\n' "$LBPLAY_PASSPHRASE" ;;
*assword*) printf '%s\\n' "$LBPLAY_PASSWORD" ;;
*) exit 1 ;;
esac
`;

/** The secrets travel in the environment of the one ssh process, which only its user can read. */
const askpassEnvironment = async (
  { password, passphrase }: OpensshTarget,
  directory: string,
): Promise<Readonly<Record<string, string>> | null> => {
  if (password === null && passphrase === null) return null;
  const program = join(directory, "askpass");
  await writeFile(program, ASKPASS, { mode: 0o700 });
  return {
    SSH_ASKPASS: program,
    SSH_ASKPASS_REQUIRE: "force",
    DISPLAY: ":0",
    LBPLAY_PASSWORD: password === null ? "" : password.reveal(),
    LBPLAY_PASSPHRASE: passphrase === null ? "" : passphrase.reveal(),
  };
};

/** The time limit holds for the TCP connection, which ssh itself watches, and again for handshake and login. */
const STEPS = 2;

interface Waiting extends Master {
  readonly target: OpensshTarget;
  readonly ready: string;
}

const awaitReady = ({ target, channel, ready, log }: Waiting): Promise<void> =>
  new Promise((resolve, reject) => {
    let said = "";
    const timer = setTimeout(() => {
      channel.destroy();
      reject(logFault(target, `${log()}\nConnection timed out`));
    }, STEPS * target.timeoutMs);
    channel.stdout.on("data", (bytes: Buffer) => {
      said = (said + bytes.toString("latin1")).slice(-LOG_KEPT);
      if (!said.includes(ready)) return;
      clearTimeout(timer);
      resolve();
    });
    void channel.ended.then(() => {
      clearTimeout(timer);
      reject(logFault(target, log()));
    });
  });
