import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { quote } from "../../../src/core/shell.ts";
import type {
  Connection,
  ExecRequest,
  ExecResult,
  NodeAddress,
  Transport,
} from "../../../src/core/transport.ts";
import { connect } from "../../../src/transport/connect.ts";
import { type StartedNode, testContext, withConnection, withDirectory } from "./nodes.ts";

const shown = (result: ExecResult): { code: number; stdout: string; stderr: string } => ({
  code: result.code,
  stdout: result.stdout.toString("latin1"),
  stderr: result.stderr.toString("latin1"),
});

/** What holds for every way to reach a node, whatever it is called and however one is started. */
export const describeContract = (way: string, start: () => Promise<StartedNode>): void => {
  describe(way, () => {
    let node: StartedNode | null = null;
    let shared: Connection | null = null;
    beforeAll(async () => {
      node = await start();
      shared = await connect(node.address, testContext());
    });
    afterAll(async () => {
      await shared?.close();
      await node?.stop();
    });

    const withNode = <T>(use: (address: NodeAddress) => Promise<T>): Promise<T> => {
      if (node === null) throw new Error("the node was not started");
      return use(node.address);
    };

    const withShell = <T>(use: (shell: Transport, connection: Connection) => Promise<T>): Promise<T> =>
      withNode((address) =>
        withConnection(address, async (connection) => use(await connection.shell(null), connection)),
      );

    /** The shell that most tests share, one after another, as tasks do. */
    const sharedShell = (): Promise<Transport> => {
      if (shared === null) throw new Error("the node was not started");
      return shared.shell(null);
    };

    const answersOf = async (
      shell: Transport,
      requests: readonly Omit<ExecRequest, "timeoutMs">[],
    ): Promise<readonly ReturnType<typeof shown>[]> => {
      const results = [];
      for (const request of requests)
        results.push(shown(await shell.exec({ timeoutMs: 20_000, ...request })));
      return results;
    };

    const answers = async (
      ...requests: readonly Omit<ExecRequest, "timeoutMs">[]
    ): Promise<readonly ReturnType<typeof shown>[]> => answersOf(await sharedShell(), requests);

    it("gives a failing command as a value, its streams apart", async () => {
      expect(await answers({ script: "echo out; echo err >&2; exit 3" })).toEqual([
        { code: 3, stdout: "out\n", stderr: "err\n" },
      ]);
    });

    it("keeps output byte for byte: NULs, no line feed at the end, nothing at all", async () => {
      expect(
        await answers(
          { script: "printf 'a\\000b\\377'" },
          { script: "printf '\\n\\n'" },
          { script: "" },
          { script: "# note" },
        ),
      ).toEqual([
        { code: 0, stdout: "a\0b\xff", stderr: "" },
        { code: 0, stdout: "\n\n", stderr: "" },
        { code: 0, stdout: "", stderr: "" },
        { code: 0, stdout: "", stderr: "" },
      ]);
    });

    it("lets no script harm the next one", async () => {
      const next = { code: 0, stdout: "unset\n", stderr: "" };
      const results = await answers(
        { script: "exit 7" },
        { script: "cd / && left=behind && umask 077 && set -f" },
        { script: "echo ${left-unset}" },
        { script: "set -e; false; echo never" },
        { script: "set -u; echo $nothing_is_called_this" },
        { script: "trap 'echo bye' EXIT; exit 4" },
        { script: "kill -9 $(exec sh -c 'echo $PPID')" },
        { script: "exec >/dev/null 2>&1; exec true" },
        { script: "echo ${left-unset}" },
      );
      expect(results.filter((_, index) => index === 2 || index === 8)).toEqual([next, next]);
      expect(results.map((result) => result.code)).toEqual([7, 0, 0, 1, expect.any(Number), 4, 137, 0, 0]);
    });

    it("survives every syntax error", async () => {
      const broken = ['echo "unterminated', "if ( fi", ")", "}; exit 9", "'", "case x in", "$("];
      const results = await answers(...broken.flatMap((script) => [{ script }, { script: "echo alive" }]));
      const codes = results.map((result) => result.code);
      expect(codes.filter((_, index) => index % 2 === 0)).not.toContain(0);
      expect(results.filter((_, index) => index % 2 === 1)).toEqual(
        broken.map(() => ({ code: 0, stdout: "alive\n", stderr: "" })),
      );
    });

    it("gives /dev/null to a script without standard input", async () => {
      expect(await answers({ script: "cat; read x; echo $?" }, { script: "echo alive" })).toEqual([
        { code: 0, stdout: "1\n", stderr: "" },
        { code: 0, stdout: "alive\n", stderr: "" },
      ]);
    });

    it.each([
      ["text", Buffer.from("it's\n\\n $HOME `id` é\n\n")],
      ["no line feed", Buffer.from("x")],
      ["nothing", Buffer.alloc(0)],
      ["every byte", Buffer.from(Array.from({ length: 256 }, (_, byte) => byte))],
      ["every byte but NUL", Buffer.from(Array.from({ length: 255 }, (_, byte) => byte + 1))],
      ["150 kB", randomBytes(150_000)],
      ["a megabyte", randomBytes(1_000_000)],
    ])("carries standard input byte for byte: %s", async (_what, stdin) => {
      const shell = await sharedShell();
      const results = [
        await shell.exec({ script: "cat; exit 5", stdin, timeoutMs: 20_000 }),
        await shell.exec({ script: "echo alive", timeoutMs: 20_000 }),
      ];
      expect(results[0]?.stdout.equals(stdin)).toBe(true);
      expect(results.map((result) => result.code)).toEqual([5, 0]);
    });

    it.each([10, 1_000_000])("does not mind that %i bytes of standard input are not read", async (length) => {
      const stdin = Buffer.alloc(length, "x");
      expect(await answers({ script: "echo done", stdin }, { script: "echo alive" })).toEqual([
        { code: 0, stdout: "done\n", stderr: "" },
        { code: 0, stdout: "alive\n", stderr: "" },
      ]);
    });

    it("runs the same script with large standard input: hostile words, several lines, exit codes", async () => {
      const script = `wc -c | tr -d ' '\nprintf '%s\\n' ${quote("a\\n'b'\\\\ \"c\" $d %s")}\ncat <<'END'\nlast\\t\nEND\nexit 6`;
      expect(await answers({ script, stdin: Buffer.alloc(300_000) })).toEqual([
        { code: 6, stdout: "300000\na\\n'b'\\\\ \"c\" $d %s\nlast\\t\n", stderr: "" },
      ]);
    });

    it("passes hostile words through quoting", async () => {
      const words = [
        "'",
        '"',
        "\\",
        "$HOME",
        "`id`",
        "a\nb",
        "",
        "-n",
        "%s",
        "*",
        "\t",
        "é",
        "!x",
        "\\'",
        "''",
      ];
      const script = `printf '%s|' ${words.map(quote).join(" ")}`;
      expect(await answers({ script })).toEqual([
        { code: 0, stdout: Buffer.from(`${words.join("|")}|`).toString("latin1"), stderr: "" },
      ]);
    });

    it("does not wait for what a script leaves running", async () => {
      const started = Date.now();
      await answers({ script: "sleep 5 & echo started" }, { script: "echo next" });
      expect(Date.now() - started).toBeLessThan(4_000);
    });

    it("answers in order, also when everything is asked at once", async () => {
      const order: number[] = [];
      const shell = await sharedShell();
      const results = await Promise.all(
        Array.from({ length: 50 }, async (_, index) => {
          const stdin = index % 10 === 3 ? { stdin: Buffer.alloc(250_000) } : {};
          const result = await shell.exec({ script: `echo ${index}`, timeoutMs: 20_000, ...stdin });
          order.push(index);
          return result.stdout.toString();
        }),
      );
      expect(results).toEqual(Array.from({ length: 50 }, (_, index) => `${index}\n`));
      expect(order).toEqual(Array.from({ length: 50 }, (_, index) => index));
    });

    it("runs a thousand commands and counts them", async () => {
      const figures = await withShell(async (shell, connection) => {
        for (let index = 0; index < 1000; index += 1) await shell.exec({ script: ":", timeoutMs: null });
        return connection.traffic();
      });
      expect(figures.roundTrips).toBe(1000);
      expect(figures.bytesSent).toBeGreaterThan(10_000);
      expect(figures.bytesReceived).toBeGreaterThan(10_000);
    });

    it("keeps what a persistent script opens until it is closed, and hides it from all others", async () => {
      await withDirectory(async (directory) => {
        const lock = quote(join(directory, "lock"));
        const taken = `flock -n ${lock} true || echo taken`;
        const results = await withShell((shell) =>
          answersOf(shell, [
            { script: `exec 9>${lock}; flock -n 9; trap 'sleep 0.2' EXIT`, persistent: true },
            { script: taken },
            { script: "(: >&9) 2>/dev/null || echo closed" },
            { script: "(: >&9) 2>/dev/null || echo closed", stdin: Buffer.from("x") },
          ]),
        );
        expect(results).toEqual(
          ["", "taken\n", "closed\n", "closed\n"].map((stdout) => ({ code: 0, stdout, stderr: "" })),
        );
        await expect(
          promisify(execFile)("flock", ["-n", join(directory, "lock"), "true"]),
        ).resolves.toBeDefined();
      });
    });

    it("shares one shell per user, and the login user needs none to become himself", async () => {
      const same = await withNode((address) =>
        withConnection(address, async (connection) => {
          const [first, second] = await Promise.all([connection.shell(null), connection.shell(null)]);
          const user = (await first.exec({ script: "id -un", timeoutMs: null })).stdout.toString().trim();
          const become = { method: "sudo", user, password: null, exe: null, flags: [] } as const;
          return first === second && first === (await connection.shell(become));
        }),
      );
      expect(same).toBe(true);
    });

    it("gives up a node whose command takes too long, and ends the command", async () => {
      const mark = `3${Math.floor(Math.random() * 1e6)}`;
      const failure = await withShell((shell) =>
        Promise.all([
          shell.exec({ script: `sleep ${mark}`, timeoutMs: 300 }).catch((error: unknown) => error),
          shell.exec({ script: "echo never", timeoutMs: null }).catch((error: unknown) => error),
        ]),
      );
      expect(failure).toEqual([
        expect.objectContaining({
          fault: "timeout",
          message: expect.stringContaining("no answer within 300 ms"),
        }),
        expect.objectContaining({ fault: "timeout" }),
      ]);
      await expect.poll(() => processesWith(mark), { timeout: 5_000 }).toEqual([]);
    });

    it.each([null, Buffer.alloc(300_000)])("ends what runs when it is closed", async (stdin) => {
      const mark = `4${Math.floor(Math.random() * 1e6)}`;
      await withNode(async (address) => {
        const running = await withConnection(address, async (connection) => {
          const shell = await connection.shell(null);
          const request = { script: `sleep ${mark}`, timeoutMs: null, ...(stdin === null ? {} : { stdin }) };
          const result = shell.exec(request).catch((error: unknown) => error);
          await expect.poll(() => processesWith(mark), { timeout: 5_000 }).not.toEqual([]);
          return { result };
        });
        expect(await running.result).toMatchObject({ fault: "lost" });
        await expect.poll(() => processesWith(mark), { timeout: 5_000 }).toEqual([]);
      });
    });

    it("says lost when the shell dies, and when it is used after closing", async () => {
      const shell = await withShell(async (open) => {
        const failure = await open
          .exec({ script: "kill -9 $$", timeoutMs: 20_000 })
          .catch((error: unknown) => error);
        expect(failure).toMatchObject({ name: "TransportError", fault: "lost" });
        return open;
      });
      await expect(shell.exec({ script: "true", timeoutMs: null })).rejects.toMatchObject({ fault: "lost" });
    });

    it("shows no script and no standard input in any process's arguments", async () => {
      const secret = randomBytes(9).toString("hex");
      const seen = await withShell(async (shell) => {
        const read = `: ${secret}; sleep 0.1`;
        const runs = [
          shell.exec({ script: read, timeoutMs: null }),
          shell.exec({ script: `${read}; cat >/dev/null`, stdin: Buffer.from(secret), timeoutMs: null }),
          shell.exec({
            script: `${read}; cat >/dev/null`,
            stdin: Buffer.from(`\0${secret}`),
            timeoutMs: null,
          }),
          shell.exec({
            script: `${read}; cat >/dev/null`,
            stdin: Buffer.alloc(300_000, secret),
            timeoutMs: null,
          }),
        ];
        const found: string[] = [];
        let over = false;
        const watch = (async () => {
          while (!over) found.push(...(await processesWith(secret)));
        })();
        await Promise.all(runs);
        over = true;
        await watch;
        return found;
      });
      expect(seen).toEqual([]);
    });
  });
};

/** Command lines of all processes that hold a text, our own and ended ones left out. */
const processesWith = async (text: string): Promise<readonly string[]> => {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name) && name !== String(process.pid));
  const lines = await Promise.all(
    pids.map((pid) => readFile(`/proc/${pid}/cmdline`, "latin1").catch(() => "")),
  );
  return lines.filter((line) => line.includes(text));
};
