import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { Connection } from "../../../src/core/transport.ts";
import { createSession, type NodeSession, type SessionContext } from "../../../src/engine/session.ts";
import { connect } from "../../../src/transport/connect.ts";
import { createKeyRing } from "../../../src/transport/identity.ts";

/** A fresh directory that goes with the test. */
export const temporaryDirectory = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "lbplay-test-"));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
};

export const nonce = (): string => randomBytes(16).toString("hex");

/** A connection to this machine whose shells have the given variables. */
export const connectHere = (environment: Readonly<Record<string, string | undefined>>): Promise<Connection> =>
  connect(
    {
      name: "here",
      connection: "local",
      host: "localhost",
      port: null,
      user: null,
      password: null,
      privateKeyFile: null,
      passphrase: null,
      knownHostsFiles: null,
      hostKeyChecking: "strict",
      sshArgs: [],
      connectTimeoutMs: 5000,
    },
    { nonce, environment, keys: createKeyRing() },
  );

/** A session with this machine through a real shell whose state directory is a temporary one. */
export const localSession = (
  home: string,
  over: Partial<SessionContext> = {},
  state = `${home}/state`,
): NodeSession => {
  const session = createSession("here", {
    connect: () => connectHere({ ...process.env, LBPLAY_STATE_DIR: state }),
    nonce,
    mode: "apply",
    owner: "test",
    run: nonce(),
    breakLock: false,
    locks: true,
    local: true,
    stopped: () => false,
    rolling: () => null,
    onShared: () => undefined,
    onChange: () => undefined,
    ...over,
  });
  onTestFinished(() => session.close());
  return session;
};
