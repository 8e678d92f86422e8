import { StringDecoder } from "node:string_decoder";
import { argv, quote } from "../core/shell.ts";
import { type Become, TransportError } from "../core/transport.ts";
import type { Channel, Link } from "./channel.ts";

/** Starts `sh` (or, with a script, `sh -c`) as the login user (null) or another one. */
export interface ShellRequest {
  readonly become: Become | null;
  /** Fixed text for `sh -c`, seen in process lists; null for a shell that reads its standard input. */
  readonly script: string | null;
  readonly nonce: () => string;
  readonly timeoutMs: number;
}

/**
 * Opens a shell on a link. Where a password is needed it is answered here, once: the prompt carries a token of ours,
 * a second prompt means that the password was wrong, and nothing but the password is written before the shell has
 * said that it is awake. Otherwise the shell's readiness shows with its first answer.
 */
export const openShell = async (link: Link, request: ShellRequest): Promise<Channel> => {
  const { become, script } = request;
  const inner = script === null ? ["sh"] : ["sh", "-c", script];
  if (become === null) return await link.open(`exec ${argv(...inner)}`);
  if (become.method === "sudo" && become.password === null) {
    return await link.open(
      `exec ${argv(programOf(become), "-n", ...sudoFlags(become), "-u", become.user, ...inner)}`,
    );
  }
  return await openWithPrompt(link, request, become);
};

const openWithPrompt = async (link: Link, request: ShellRequest, become: Become): Promise<Channel> => {
  const awake = request.nonce();
  const prompt = become.method === "sudo" ? request.nonce() : SU_PROMPT;
  const script = `printf %s ${awake}; ${request.script === null ? "exec sh" : request.script}`;
  const command =
    become.method === "sudo"
      ? argv(
          programOf(become),
          "-k",
          "-S",
          "-p",
          prompt,
          ...sudoFlags(become),
          "-u",
          become.user,
          "sh",
          "-c",
          script,
        )
      : argv(programOf(become), ...become.flags, become.user, "-c", script);
  const channel = await link.open(`LC_ALL=C; export LC_ALL; exec ${command}`);
  await answerPrompt({ channel, label: link.label, become, prompt, awake, timeoutMs: request.timeoutMs });
  return channel;
};

const programOf = ({ exe, method }: Become): string => exe ?? method;

/** What `su` asks in the C locale; PAM reads the answer from standard input when that is not a terminal. */
const SU_PROMPT = "assword:";

/** sudo's flags without those that say where a password comes from, always with the target user's HOME. */
const sudoFlags = (become: Become): readonly string[] => [
  "-H",
  ...become.flags.filter((flag) => !["-H", "-n", "-S", "-k"].includes(flag)),
];

interface Prompting {
  readonly channel: Channel;
  readonly label: string;
  readonly become: Become;
  readonly prompt: string;
  readonly awake: string;
  readonly timeoutMs: number;
}

const answerPrompt = ({ channel, label, become, prompt, awake, timeoutMs }: Prompting): Promise<void> =>
  new Promise((resolve, reject) => {
    let out = "";
    let err = "";
    let prompts = 0;
    const stop = (): void => {
      clearTimeout(timer);
      channel.stdout.off("data", onStdout);
      channel.stderr.off("data", onStderr);
    };
    const fail = (error: TransportError): void => {
      stop();
      channel.destroy();
      reject(error);
    };
    const timer = setTimeout(
      () =>
        fail(becomeError({ label, become, stderr: err.replaceAll(prompt, ""), code: null, timedOut: true })),
      timeoutMs,
    );
    const decoder = new StringDecoder("latin1");
    const onStdout = (bytes: Buffer): void => {
      out += decoder.write(bytes);
      if (!out.includes(awake)) return;
      stop();
      resolve();
    };
    const onStderr = (bytes: Buffer): void => {
      err += bytes.toString("utf8");
      const seen = err.split(prompt).length - 1;
      if (seen === prompts) return;
      prompts = seen;
      if (seen > 1) fail(wrongPassword(label, become));
      else if (become.password === null) fail(passwordNeeded(label, become));
      else channel.stdin.write(`${become.password.reveal()}\n`);
    };
    channel.stdout.on("data", onStdout);
    channel.stderr.on("data", onStderr);
    void channel.ended.then((code) =>
      fail(becomeError({ label, become, stderr: err.replaceAll(prompt, ""), code, timedOut: false })),
    );
  });

const wrongPassword = (label: string, become: Become): TransportError =>
  new TransportError({
    fault: "become-password",
    message: `${label}: the ${become.method} password is wrong`,
    hint: "give the right one with --ask-become-pass (-K) or ansible_become_password",
  });

const passwordNeeded = (label: string, become: Become): TransportError =>
  new TransportError({
    fault: "become-password",
    message: `${label}: ${become.method} to ${become.user} needs a password and none was given`,
    hint: "give it with --ask-become-pass (-K) or ansible_become_password, or allow the user NOPASSWD in sudoers",
  });

/** The sentence for a `sudo` or `su` that gave no shell, from what it wrote to standard error. */
export const becomeError = (end: {
  readonly label: string;
  readonly become: Become;
  readonly stderr: string;
  readonly code: number | null;
  readonly timedOut: boolean;
}): TransportError => {
  const { label, become, stderr } = end;
  const said = stderr.trim().split("\n").at(-1)?.trim() ?? "";
  const what = `${label}: ${become.method} to ${become.user}`;
  const denied = (message: string, hint: string): TransportError =>
    new TransportError({ fault: "become-denied", message: `${what}: ${message}`, hint });

  if (/password is required|no tty present and no askpass|terminal is required to read/i.test(stderr)) {
    return passwordNeeded(label, become);
  }
  if (/Sorry, try again|incorrect password|Authentication failure|incorrect authentication/i.test(stderr)) {
    return wrongPassword(label, become);
  }
  if (/not in the sudoers file|is not allowed to|may not run sudo|Permission denied/i.test(stderr)) {
    return denied(
      said,
      `allow the login user to become ${quote(become.user)} in /etc/sudoers.d, or log in as another user`,
    );
  }
  if (/must have a tty/i.test(stderr)) {
    return denied(
      "sudoers demands a terminal (requiretty)",
      "add `Defaults:USER !requiretty` for the login user",
    );
  }
  if (/unknown user|does not exist|no passwd entry/i.test(stderr)) {
    return denied(`there is no user ${become.user}`, "mend become_user, or create the user first");
  }
  if (end.code === 127 || /not found/i.test(stderr)) {
    return denied(
      `${programOf(become)} is not installed there`,
      `install ${programOf(become)}, or log in as root with become: false`,
    );
  }
  if (end.timedOut) {
    return denied(
      `no answer${said === "" ? "" : `: ${said}`}`,
      "it may ask for more than a password; try it by hand",
    );
  }
  return new TransportError({
    fault: "lost",
    message: `${what}: the shell ended before it was ready${said === "" ? "" : `: ${said}`}`,
    hint: null,
  });
};
