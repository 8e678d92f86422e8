import type { Schema } from "../../core/schema.ts";
import { argv, quote } from "../../core/shell.ts";
import { defineOrder } from "../../core/task.ts";

/** Parameters of reboot, under ansible.builtin.reboot's names; times in seconds. */
interface RebootParams {
  readonly pre_reboot_delay: number;
  readonly post_reboot_delay: number;
  readonly reboot_timeout: number;
  readonly connect_timeout: number | null;
  readonly test_command: string;
  readonly msg: string;
  readonly search_paths: readonly string[];
  readonly boot_time_command: string;
  readonly reboot_command: string | null;
}

const delay = (name: string, description: string): Schema => ({
  type: "integer",
  minimum: 0,
  default: 0,
  "x-aliases": [`${name}_sec`],
  description,
});

const command = (description: string): Schema => ({ type: "string", minLength: 1, description });

const schema: Schema = {
  type: "object",
  additionalProperties: false,
  properties: {
    pre_reboot_delay: delay("pre_reboot_delay", "Seconds until the node goes down, in whole minutes."),
    post_reboot_delay: delay("post_reboot_delay", "Seconds until it is looked for again."),
    reboot_timeout: {
      type: "integer",
      minimum: 0,
      default: 600,
      "x-aliases": ["reboot_timeout_sec"],
      description: "Seconds to wait for the node, and once more for the test command.",
    },
    connect_timeout: {
      type: "integer",
      minimum: 1,
      "x-aliases": ["connect_timeout_sec"],
      description: "Seconds that one try to reach it may take; absent leaves that to the connection.",
    },
    test_command: { ...command("What has to succeed before the play goes on."), default: "whoami" },
    msg: {
      type: "string",
      default: "Reboot initiated by lbplay",
      description: "What users of the node are told.",
    },
    search_paths: {
      type: "array",
      items: { type: "string" },
      minItems: 1,
      default: ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"],
      description: "Where the command that boots is looked for.",
    },
    boot_time_command: {
      ...command("What prints something else after each boot."),
      default: "cat /proc/sys/kernel/random/boot_id",
    },
    reboot_command: command(
      "What boots the node, instead of shutdown -r; delays and msg are not given to it.",
    ),
  },
};

/** Boots a node and waits until it can be worked with again. */
export const reboot = defineOrder<RebootParams>({
  kind: "engine",
  name: "reboot",
  aliases: ["ansible.builtin.reboot"],
  summary: "Boots a node and waits until it can be worked with again.",
  schema,
  example: `- ansible.builtin.reboot:
    reboot_timeout: 300
`,
  order: (params) => ({
    kind: "reboot",
    script: rebootScript(params),
    bootId: params.boot_time_command,
    test: params.test_command,
    delayMs: params.post_reboot_delay * 1000,
    timeoutMs: params.reboot_timeout * 1000,
    connectTimeoutMs: params.connect_timeout === null ? null : params.connect_timeout * 1000,
  }),
});

/** Where there is no shutdown (busybox), reboot does it at once. */
const rebootScript = ({ reboot_command, search_paths, pre_reboot_delay, msg }: RebootParams): string => {
  const [program = "", rest = ""] = (reboot_command ?? "shutdown").trim().split(/\s+(.*)/s);
  const missing = `Unable to find command "${program}" in search paths: ${search_paths.join(", ")}`;
  const words = reboot_command === null ? argv("-r", String(Math.floor(pre_reboot_delay / 60)), msg) : rest;
  const fails = `{ printf '%s\\n' ${quote(missing)} >&2; exit 1; }`;
  if (program.startsWith("/")) return `${quote(program)} ${words}`.trim();
  return [
    `look() { for d in ${search_paths.map(quote).join(" ")}; do if [ -x "$d/$1" ]; then p=$d/$1; return; fi; done; return 1; }`,
    `if look ${quote(program)}; then "$p" ${words}`,
    ...(reboot_command === null ? ['elif look reboot; then "$p"'] : []),
    `else ${fails}; fi`,
  ].join("\n");
};
