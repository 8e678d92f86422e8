import { execFile } from "node:child_process";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type HostKeyChecking, TransportError } from "../core/transport.ts";
import { type CurrentUser, currentUser } from "../core/user.ts";

/** How to reach one host, as ssh itself would after reading its configuration. */
export interface SshOptions {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  /** The name in known_hosts: HostKeyAlias, or the host. */
  readonly keyAlias: string | null;
  readonly identityFiles: readonly string[];
  /** Only keys of `identityFiles`, although an agent may hold more. */
  readonly identitiesOnly: boolean;
  /** Socket of the agent; null where there is none. */
  readonly agent: string | null;
  /** Lend the agent to the node. */
  readonly forwardAgent: boolean;
  readonly certificateFiles: readonly string[];
  readonly knownHostsFiles: readonly string[];
  readonly checking: HostKeyChecking;
  readonly jumps: readonly Hop[];
  readonly proxyCommand: string | null;
  readonly addressFamily: 0 | 4 | 6;
}

/** One bastion of ProxyJump. */
export interface Hop {
  readonly host: string;
  readonly port: number | null;
  readonly user: string | null;
}

/** What is known before ssh's configuration is read; what is given here wins over it. */
export interface SshQuestion extends Hop {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * The answer of `ssh -G`; ssh's defaults where there is no ssh. It is not asked, which would take a process for each host,
 * where no configuration could matter and the arguments are those of every day.
 */
export const resolveOptions = async (question: SshQuestion): Promise<SshOptions> => {
  const plain = plainSettings(question.args);
  if (plain !== null && !(await configured(question.environment))) return toOptions(question, plain);
  return toOptions(question, await askSsh(question));
};

type Settings = ReadonlyMap<string, readonly string[]>;

const askSsh = ({ host, port, user, args, environment }: SshQuestion): Promise<Settings> =>
  new Promise((resolve, reject) => {
    const given = [...(port === null ? [] : ["-p", String(port)]), ...(user === null ? [] : ["-l", user])];
    const env = { ...environment };
    execFile("ssh", ["-G", ...given, ...args, "--", host], { env }, (error, stdout, stderr) => {
      if (error === null) return resolve(parseSettings(stdout));
      if (error.code === "ENOENT" && args.length === 0) return resolve(new Map());
      reject(
        new TransportError({
          fault: "unsupported",
          message:
            error.code === "ENOENT"
              ? `${host}: its ssh arguments need the ssh program, which is not installed: ${args.join(" ")}`
              : `${host}: ssh does not accept its configuration: ${stderr.trim()}`,
          hint:
            error.code === "ENOENT"
              ? "install openssh-client"
              : "mend ~/.ssh/config or ansible_ssh_common_args",
          cause: error,
        }),
      );
    });
  });

/** Options that `ssh -G` would say back as they are given, or that mean nothing here. */
const PLAIN = new Set([
  "connecttimeout",
  "controlmaster",
  "controlpath",
  "controlpersist",
  "identitiesonly",
  "loglevel",
  "preferredauthentications",
  "serveralivecountmax",
  "serveraliveinterval",
  "stricthostkeychecking",
  "userknownhostsfile",
]);

/** What ssh accepts where it accepts not everything; a mistake is ssh's to tell. */
const CHOICES: ReadonlyMap<string, RegExp> = new Map([
  ["identitiesonly", /^(yes|no)$/],
  ["stricthostkeychecking", /^(yes|no|off|ask|accept-new)$/],
]);

/** The settings of arguments that are nothing but such options, as `-o Name=value`; null where they are something else. */
export const plainSettings = (args: readonly string[]): Settings | null => {
  const settings = new Map<string, readonly string[]>();
  const words = args.flatMap((arg) =>
    arg.startsWith("-o") && arg.length > 2 ? ["-o", arg.slice(2)] : [arg],
  );
  for (let index = 0; index < words.length; index += 2) {
    const [, name = "", value = ""] = /^(\w+)=([\w./:@%~+-]+)$/.exec(words[index + 1] ?? "") ?? [];
    const key = name.toLowerCase();
    if (words[index] !== "-o" || !PLAIN.has(key) || !(CHOICES.get(key)?.test(value) ?? true)) return null;
    // Of an option that is given twice the first counts.
    if (!settings.has(key)) settings.set(key, [value]);
  }
  return settings;
};

const parseSettings = (text: string): Settings => {
  const settings = new Map<string, string[]>();
  for (const line of text.split("\n")) {
    const space = line.indexOf(" ");
    if (space < 0) continue;
    const key = line.slice(0, space);
    settings.set(key, [...(settings.get(key) ?? []), line.slice(space + 1)]);
  }
  return settings;
};

const DEFAULT_IDENTITIES = ["id_rsa", "id_ecdsa", "id_ed25519"];

const toOptions = (question: SshQuestion, settings: Settings): SshOptions => {
  const one = (key: string): string | null => {
    const value = settings.get(key)?.[0] ?? null;
    return value === "none" ? null : value;
  };
  const words = (key: string): readonly string[] | null => {
    const value = settings.get(key)?.[0] ?? null;
    return value === "none" ? [] : (value?.split(" ") ?? null);
  };
  const me = currentUser(question.environment);
  const directory = join(me.homedir, ".ssh");
  const host = one("hostname") ?? question.host;
  const port = Number(one("port") ?? question.port ?? 22);
  const user = one("user") ?? question.user ?? me.username;
  const expand = (path: string): string =>
    expandPath(path, { host, port, user, original: question.host, me });
  const identities = settings.get("identityfile") ?? DEFAULT_IDENTITIES.map((name) => join(directory, name));
  const known =
    words("userknownhostsfile") ?? ["known_hosts", "known_hosts2"].map((name) => join(directory, name));
  const globals = words("globalknownhostsfile") ?? ["/etc/ssh/ssh_known_hosts", "/etc/ssh/ssh_known_hosts2"];
  return {
    host,
    port,
    user,
    keyAlias: one("hostkeyalias"),
    identityFiles: identities.filter((file) => file !== "none").map(expand),
    identitiesOnly: one("identitiesonly") === "yes",
    agent: agentSocket(settings.get("identityagent")?.[0] ?? null, question.environment, expand),
    forwardAgent: one("forwardagent") === "yes",
    certificateFiles: (settings.get("certificatefile") ?? []).map(expand),
    knownHostsFiles: [...known, ...globals].map(expand),
    checking: checkingOf(one("stricthostkeychecking")),
    jumps: parseJumps(one("proxyjump")),
    proxyCommand: one("proxycommand"),
    addressFamily: one("addressfamily") === "inet" ? 4 : one("addressfamily") === "inet6" ? 6 : 0,
  };
};

const agentSocket = (
  configured: string | null,
  environment: SshQuestion["environment"],
  expand: (path: string) => string,
): string | null => {
  if (configured === "none") return null;
  if (configured === null || configured === "SSH_AUTH_SOCK") return environment.SSH_AUTH_SOCK ?? null;
  return configured.startsWith("$") ? (environment[configured.slice(1)] ?? null) : expand(configured);
};

const checkingOf = (value: string | null): HostKeyChecking => {
  if (value === "false" || value === "no" || value === "off") return "off";
  return value === "accept-new" ? "accept-new" : "strict";
};

/** `ssh -G` leaves `~` and the tokens of ssh_config(5) as they are. */
const expandPath = (
  path: string,
  {
    host,
    port,
    user,
    original,
    me,
  }: { host: string; port: number; user: string; original: string; me: CurrentUser },
): string => {
  const home = me.homedir;
  const tokens: Readonly<Record<string, string>> = {
    "%%": "%",
    "%d": home,
    "%h": host,
    "%n": original,
    "%p": String(port),
    "%r": user,
    "%u": me.username,
  };
  return path.replace(/^~(?=\/)/, home).replace(/%[%dhnpru]/g, (token) => tokens[token] ?? token);
};

/** `[user@]host[:port]`, comma separated, also as `ssh://` URIs and with bracketed IPv6 addresses. */
export const parseJumps = (value: string | null): readonly Hop[] =>
  (value ?? "").split(",").flatMap((word) => {
    const found = /^(?:ssh:\/\/)?(?:(.+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?\/?$/.exec(word.trim());
    const host = found?.[2] ?? found?.[3];
    if (found === null || host === undefined) return [];
    return [{ host, user: found[1] ?? null, port: found[4] === undefined ? null : Number(found[4]) }];
  });

/** Lines of a system-wide configuration that change nothing here. */
const IMMATERIAL = /^\s*(#.*|Host \*|(SendEnv|HashKnownHosts|GSSAPI\w+|Include)\s.*|)$/i;

/** Whether any configuration could matter, which saves starting ssh for each host where none does. */
const configured = async (environment: SshQuestion["environment"]): Promise<boolean> => {
  const text = async (file: string): Promise<string> => readFile(file, "utf8").catch(() => "");
  for (const home of [environment.HOME ?? "/", currentUser(environment).homedir])
    if ((await text(join(home, ".ssh", "config"))).trim() !== "") return true;
  const parts = await readdir("/etc/ssh/ssh_config.d").catch(() => []);
  if (parts.length > 0) return true;
  return (await text("/etc/ssh/ssh_config")).split("\n").some((line) => !IMMATERIAL.test(line));
};
