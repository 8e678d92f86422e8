import { stat } from "node:fs/promises";
import type { AnyAuthMethod, AuthHandlerMiddleware, BaseAgent } from "ssh2";
import type { Secret } from "../core/secret.ts";
import { openAgent } from "./agent.ts";
import type { Identity, KeyRing } from "./identity.ts";

/** What there is to log in with, in the order of the tries. */
export interface Authentication {
  readonly methods: readonly AuthMethod[];
  /** The methods in words, for the message when all were refused. */
  readonly offered: readonly string[];
  /** Why something was not offered. */
  readonly remarks: readonly string[];
  /** True where something was left out that only the system's ssh can offer. */
  readonly unsupported: boolean;
}

/** One try. */
export type AuthMethod =
  | { readonly kind: "key"; readonly identity: Identity & { readonly kind: "key" } }
  | { readonly kind: "agent"; readonly agent: BaseAgent }
  | { readonly kind: "password"; readonly password: Secret }
  | { readonly kind: "keyboard-interactive"; readonly password: Secret };

/** Where keys and passwords come from. */
export interface Credentials {
  /** A key that the inventory names: then no other file is tried. */
  readonly privateKeyFile: string | null;
  readonly passphrase: Secret | null;
  readonly password: Secret | null;
  readonly identityFiles: readonly string[];
  readonly certificateFiles: readonly string[];
  readonly agent: string | null;
  readonly identitiesOnly: boolean;
}

/** Loads what can be offered: the key that was named, the agent's keys, the default keys, the password. */
export const collectAuthentication = async (given: Credentials, keys: KeyRing): Promise<Authentication> => {
  const files = given.privateKeyFile === null ? given.identityFiles : [given.privateKeyFile];
  const identities = await Promise.all(files.map((file) => keys.load(file, given.passphrase)));
  const found = identities.filter((identity) => identity.kind === "key");
  const agent =
    given.agent === null ? null : await openAgent(given.agent, given.identitiesOnly ? files : null);
  const agentMethods: AuthMethod[] = agent === null ? [] : [{ kind: "agent", agent }];
  const keyMethods: AuthMethod[] = found.map((identity) => ({ kind: "key", identity }));
  const { password } = given;
  const passwordMethods: AuthMethod[] =
    password === null
      ? []
      : [
          { kind: "password", password },
          { kind: "keyboard-interactive", password },
        ];
  const methods =
    given.privateKeyFile === null
      ? [...agentMethods, ...keyMethods, ...passwordMethods]
      : [...keyMethods, ...agentMethods, ...passwordMethods];
  const certificates = await certificatesOf(given.certificateFiles, files);
  const wanted = (identity: Identity): boolean =>
    identity.kind !== "missing" || given.privateKeyFile !== null;
  return {
    methods,
    offered: [
      ...found.map((identity) => `the key ${identity.path}`),
      ...(agent === null ? [] : ["the keys of ssh-agent"]),
      ...(password === null ? [] : ["the password"]),
    ],
    remarks: [
      ...identities.filter(wanted).flatMap(remark),
      ...certificates.map((file) => `the certificate ${file} cannot be offered over this connection`),
    ],
    unsupported: certificates.length > 0 || identities.some((identity) => identity.kind === "unsupported"),
  };
};

const remark = (identity: Identity): readonly string[] => {
  switch (identity.kind) {
    case "key":
      return [];
    case "missing":
      return [`the key cannot be read: ${identity.reason}`];
    case "encrypted":
      return [`the key ${identity.path} is encrypted and no passphrase was given`];
    case "wrong-passphrase":
      return [`the passphrase of the key ${identity.path} is wrong`];
    case "unsupported":
      return [`the key ${identity.path} cannot be used over this connection: ${identity.reason}`];
  }
};

/** ssh offers `KEY-cert.pub` by itself; a server that trusts only the certificate refuses the bare key. */
const certificatesOf = async (
  named: readonly string[],
  keyFiles: readonly string[],
): Promise<readonly string[]> => {
  const files = [...named, ...keyFiles.map((file) => `${file}-cert.pub`)];
  const present = await Promise.all(
    files.map((file) =>
      stat(file).then(
        () => true,
        () => false,
      ),
    ),
  );
  return files.filter((_, index) => present[index] === true);
};

/**
 * Tries the methods in order, leaving out what the server does not take; also several in a row, if it asks for that.
 * A password is not tried twice: where `password` failed, `keyboard-interactive` would ask PAM the same again.
 */
export const createAuthHandler = (user: string, { methods }: Authentication): AuthHandlerMiddleware => {
  let next = 0;
  let passwordTried = false;
  return (left, partial, callback) => {
    for (;;) {
      const method = methods[next++];
      // `false` ends the tries, which the types of ssh2 do not know.
      if (method === undefined) return callback(false as never);
      const accepted = left === null || left.length === 0 || left.includes(protocolName(method));
      const refused = passwordTried && partial !== true && left?.includes("password") === true;
      const repeated = method.kind === "keyboard-interactive" && refused;
      if (!accepted || repeated) continue;
      passwordTried ||= method.kind === "password";
      return callback(toSsh2(user, method));
    }
  };
};

const protocolName = (method: AuthMethod): "publickey" | "password" | "keyboard-interactive" =>
  method.kind === "key" || method.kind === "agent" ? "publickey" : method.kind;

const toSsh2 = (username: string, method: AuthMethod): AnyAuthMethod => {
  switch (method.kind) {
    case "key":
      return { type: "publickey", username, key: method.identity.key };
    case "agent":
      return { type: "agent", username, agent: method.agent };
    case "password":
      return { type: "password", username, password: method.password.reveal() };
    case "keyboard-interactive":
      return {
        type: "keyboard-interactive",
        username,
        prompt: (_name, _instructions, _language, prompts, finish) =>
          finish(prompts.map((prompt) => (prompt.echo === true ? "" : method.password.reveal()))),
      };
  }
};
