import { LbplayError } from "../core/error.ts";
import type { Keywords } from "../core/play.ts";
import { type Secret, secret } from "../core/secret.ts";
import type { Become, HostKeyChecking, NodeAddress } from "../core/transport.ts";
import type { Source, Value } from "../core/value.ts";
import { asBoolean } from "./templar.ts";

/** What the command line says about connections; null where it is silent. */
export interface ConnectionOptions {
  readonly connection: string | null;
  readonly user: string | null;
  readonly password: Secret | null;
  readonly privateKeyFile: string | null;
  readonly sshCommonArgs: string | null;
  readonly connectTimeoutMs: number;
  readonly hostKeyChecking: HostKeyChecking | null;
  /** Where neither the command line nor a variable says it. */
  readonly hostKeysOtherwise: HostKeyChecking;
  /** Where neither a variable nor a keyword says it; null: the way's own. */
  readonly port: number | null;
  readonly become: boolean;
  readonly becomeUser: string | null;
  readonly becomeMethod: string | null;
  readonly becomePassword: Secret | null;
}

/** Looks up a variable of the host, rendered. */
type Lookup = (name: string) => Value | undefined;

/** How to reach a host, from its variables, the play's keywords and the command line. Variables win, as in Ansible. */
export const nodeAddress = (
  name: string,
  variable: Lookup,
  keyword: { readonly connection: Value; readonly remoteUser: Value; readonly port: Value },
  options: ConnectionOptions,
): NodeAddress => {
  const first = (...names: readonly string[]): string | null => firstText(variable, names);
  const sshArgs = ["ansible_ssh_common_args", "ansible_ssh_extra_args"].flatMap((key) =>
    words(first(key) ?? ""),
  );
  const port = first("ansible_port", "ansible_ssh_port") ?? textOf(keyword.port) ?? textOf(options.port);
  return {
    name,
    connection: connectionKind(
      name,
      first("ansible_connection") ?? textOf(keyword.connection) ?? options.connection ?? "ssh",
    ),
    host: first("ansible_host", "ansible_ssh_host") ?? name,
    port: port === null ? null : Number.parseInt(port, 10),
    user: first("ansible_user", "ansible_ssh_user") ?? textOf(keyword.remoteUser) ?? options.user,
    password:
      secretOf(first("ansible_password", "ansible_ssh_pass", "ansible_ssh_password")) ?? options.password,
    privateKeyFile:
      first("ansible_ssh_private_key_file", "ansible_private_key_file") ?? options.privateKeyFile,
    passphrase: secretOf(first("ansible_ssh_private_key_passphrase", "ansible_private_key_passphrase")),
    knownHostsFiles: null,
    hostKeyChecking: hostKeyChecking(
      first("ansible_ssh_host_key_checking", "ansible_host_key_checking"),
      options,
    ),
    sshArgs: [...sshArgs, ...words(options.sshCommonArgs ?? "")],
    connectTimeoutMs: options.connectTimeoutMs,
  };
};

const hostKeyChecking = (value: string | null, options: ConnectionOptions): HostKeyChecking => {
  if (options.hostKeyChecking !== null) return options.hostKeyChecking;
  if (value === null) return options.hostKeysOtherwise;
  if (value === "accept-new") return "accept-new";
  return asBoolean(value, "ansible_host_key_checking") === false ? "off" : "strict";
};

const connectionKind = (name: string, kind: string): NodeAddress["connection"] => {
  const short = kind.replace(/^(ansible\.builtin|community\.general|ansible\.netcommon)\./, "");
  if (short === "ssh" || short === "smart" || short === "paramiko" || short === "libssh") return "ssh";
  if (short === "openssh" || short === "local") return short;
  throw new LbplayError({
    code: "E_CONNECTION",
    message: `${name}: the connection ${kind} is unknown`,
    hint: "use ssh, openssh (the system's ssh client) or local",
  });
};

/** What a task's or play's keywords say about becoming another user, rendered. */
interface BecomeKeywords {
  readonly become: Value;
  readonly user: Value;
  readonly method: Value;
  readonly flags: Value;
  readonly exe: Value;
}

/** The user to become for a task, or null. Task and play keywords are given rendered; variables of the host win. */
export const becomeSettings = (
  name: string,
  variable: Lookup,
  keyword: BecomeKeywords,
  options: ConnectionOptions,
): Become | null => {
  const wanted =
    asBoolean(variable("ansible_become") ?? null, "ansible_become") ??
    asBoolean(keyword.become, "become") ??
    options.become;
  if (!wanted) return null;
  const first = (...names: readonly string[]): string | null => firstText(variable, names);
  const method = first("ansible_become_method") ?? textOf(keyword.method) ?? options.becomeMethod ?? "sudo";
  const short = method.replace(/^(ansible\.builtin|community\.general)\./, "");
  if (short !== "sudo" && short !== "su") {
    throw new LbplayError({
      code: "E_BECOME",
      message: `${name}: the become method ${method} is unknown`,
      hint: "use sudo or su",
    });
  }
  return {
    method: short,
    user: first("ansible_become_user") ?? textOf(keyword.user) ?? options.becomeUser ?? "root",
    password:
      secretOf(first("ansible_become_password", "ansible_become_pass", "ansible_sudo_pass")) ??
      options.becomePassword,
    exe: first("ansible_become_exe", `ansible_${short}_exe`) ?? textOf(keyword.exe),
    flags: words(first("ansible_become_flags") ?? textOf(keyword.flags) ?? ""),
  };
};

/** The become keywords of a task, to be rendered. */
export const becomeKeywords = (keywords: Keywords, render: (source: Source) => Value): BecomeKeywords => ({
  become: render(keywords.become),
  user: render(keywords.becomeUser),
  method: render(keywords.becomeMethod),
  flags: render(keywords.becomeFlags),
  exe: render(keywords.becomeExe),
});

const firstText = (variable: Lookup, names: readonly string[]): string | null => {
  for (const name of names) {
    const text = textOf(variable(name) ?? null);
    if (text !== null && text !== "") return text;
  }
  return null;
};

const textOf = (value: Value): string | null =>
  typeof value === "string"
    ? value
    : typeof value === "number" || typeof value === "boolean"
      ? String(value)
      : null;

const secretOf = (text: string | null): Secret | null => (text === null ? null : secret(text));

/** The words of a command line, with quotes as a shell reads them. */
const words = (line: string): readonly string[] =>
  [...line.matchAll(/(?:[^\s"']+|"(?:[^"\\]|\\.)*"|'[^']*')+/g)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'/g,
      (_, double: string | undefined, single: string | undefined) =>
        double === undefined ? (single ?? "") : double.replace(/\\(.)/g, "$1"),
    ),
  );
