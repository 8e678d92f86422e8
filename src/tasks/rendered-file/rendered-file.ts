import type { Schema } from "../../core/schema.ts";
import { REDACTED } from "../../core/secret.ts";
import type { Plan } from "../../core/task.ts";
import { markedVersion, type Rendered } from "../../lb/document.ts";
import { faultError } from "../../lb/fault.ts";
import { parseVersion, type Version } from "../../lb/version.ts";
import type { ModeParameter } from "../file-attributes/mode.ts";
import { modeSchema, pathSchema } from "../file-attributes/schema.ts";
import { type LandingFacts, landingPlan } from "../file-content/land-file.ts";
import type { PlannedChange } from "../planned-change.ts";

/** What a configuration file of a daemon has besides its content. */
export interface RenderedFileParams {
  readonly dest: string;
  /** The daemon's program, by name or path. */
  readonly program: string;
  /** The version that the program will have, where it is not there yet. */
  readonly version: string | null;
  readonly mode: ModeParameter;
  readonly owner: string;
  readonly group: string;
  readonly validate: boolean;
  readonly backup: boolean;
}

/** What differs between the configuration files of daemons. */
export interface RenderedFileDefaults {
  readonly dest: string;
  readonly program: string;
  readonly mode: string;
}

/** Schema properties of RenderedFileParams. */
export const renderedFileProperties = ({
  dest,
  program,
  mode,
}: RenderedFileDefaults): Readonly<Record<string, Schema>> => ({
  dest: { ...pathSchema("The file."), default: dest },
  program: {
    type: "string",
    pattern: "^(/|[A-Za-z0-9])[^\\s]*$",
    default: program,
    description:
      "The program on the node that the file is for, by path or by name: it is rendered for its version, and judged by it.",
  },
  version: {
    type: "string",
    pattern: "^\\d+(\\.\\d+)+",
    description:
      "The version that the program will have, for check mode where it is yet to be built; without it the one that the present file names.",
  },
  mode: { ...modeSchema('Permissions, octal ("0640").'), default: mode },
  owner: { type: "string", minLength: 1, default: "root", description: "Name or number of its owner." },
  group: { type: "string", minLength: 1, default: "root", description: "Name or number of its group." },
  validate: {
    type: "boolean",
    default: true,
    description: "Let the daemon judge the new file before it lands; one that it refuses never does.",
  },
  backup: {
    type: "boolean",
    default: false,
    description: "Keep the present file beside it, with the time in its name.",
  },
});

/** The plan that puts a rendered text in place; a model that cannot be rendered throws LbplayErrors. */
export const renderedFilePlan = (
  params: RenderedFileParams,
  rendered: Rendered,
  landing: LandingFacts,
  validate: string,
): Plan<PlannedChange> => {
  if (rendered.kind === "refused") throw faultError(rendered.faults);
  const plan = landingPlan(
    {
      path: params.dest,
      content: Buffer.from(rendered.text),
      into: null,
      follow: false,
      force: true,
      backup: params.backup,
      validate: params.validate ? validate : null,
      parents: "required",
      secret: false,
      mode: params.mode,
      owner: params.owner,
      group: params.group,
    },
    landing,
  );
  if (plan.kind !== "changes") return plan;
  const [first, ...rest] = plan.changes;
  return { kind: "changes", changes: [masked(first), ...rest.map(masked)] };
};

/**
 * The plan where the daemon is missing. Unless the version that will come is said, it is taken to be the one that the
 * present file names, as when a package comes back: a file that is what would be rendered for it needs nothing.
 * Everything else has to wait for the daemon.
 */
export const planWithoutDaemon = (
  params: RenderedFileParams,
  landing: LandingFacts,
  reason: string,
  render: (version: Version) => Rendered,
): Plan<PlannedChange> => {
  const blocked = { kind: "blocked", reason } as const;
  const present = landing.at.state?.content?.toString("utf8") ?? null;
  const version =
    present === null ? null : params.version === null ? markedVersion(present) : parseVersion(params.version);
  if (version === null) return blocked;
  const rendered = render(version);
  const same = rendered.kind === "rendered" && rendered.text === present;
  return same ? renderedFilePlan({ ...params, validate: false }, rendered, landing, "") : blocked;
};

/** Only the secrets of the text are hidden, so that the rest of a change can still be judged. */
const masked = (change: PlannedChange): PlannedChange => {
  const { before, after } = change.view;
  const [old, next] = [maskSecrets(before), maskSecrets(after)];
  const secretOnly = before !== after && old === next && next !== null;
  const shown = secretOnly ? `${next}# (a secret will change)\n` : next;
  return { ...change, view: { ...change.view, before: old, after: shown } };
};

/** Also as people write them, whose files are shown when they are replaced. */
const SECRETS = [
  /^(\s*stats\s+auth\s+[^:\s]+:).+$/gm,
  /^(\s*dynamic-cookie-key\s+).+$/gm,
  /^(\s*auth_pass\s+).+$/gm,
  // The groups that may follow are no secret.
  /^(\s*user\s+\S+\s+(?:insecure-)?password\s+)(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s\\"'])+/gm,
  /^(.*\bauthorization["']?\s+).+$/gim,
];

/** A configuration without its passwords. */
export const maskSecrets = (text: string | null): string | null =>
  text === null ? null : SECRETS.reduce((shown, secret) => shown.replace(secret, `$1${REDACTED}`), text);
