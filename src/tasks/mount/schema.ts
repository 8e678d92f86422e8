import type { Schema } from "../../core/schema.ts";

/** Parameters of mount, under ansible.posix.mount's names. */
export interface MountParams {
  readonly path: string;
  readonly src: string | null;
  readonly fstype: string | null;
  readonly opts: string | null;
  readonly dump: string;
  readonly passno: string;
  readonly state:
    | "absent"
    | "absent_from_fstab"
    | "mounted"
    | "present"
    | "unmounted"
    | "remounted"
    | "ephemeral";
  readonly fstab: string;
  readonly boot: boolean;
  readonly backup: boolean;
}

/** A space is written as fstab(5) wants it; a tab or line feed in a field has no use but to break the file. */
const field = (description: string): Schema => ({
  type: "string",
  pattern: "^[^\\t\\r\\n]+$",
  description,
});

export const schema: Schema = {
  type: "object",
  additionalProperties: false,
  required: ["path", "state"],
  properties: {
    path: {
      type: "string",
      pattern: "^(/[^\\t\\r\\n]*|none|swap)$",
      "x-aliases": ["name"],
      description: "The mount point; none or swap for swap space.",
    },
    src: field("What is mounted: a device, UUID=…, LABEL=…, server:/export, or a directory with opts bind."),
    fstype: field("The type of its file system."),
    opts: field("Options as in fstab(5); absent means defaults."),
    dump: { ...field("For dump(8), see fstab(5)."), default: "0" },
    passno: { ...field("When fsck looks at it at boot, see fstab(5)."), default: "0" },
    state: {
      type: "string",
      enum: ["absent", "absent_from_fstab", "mounted", "present", "unmounted", "remounted", "ephemeral"],
      description:
        "mounted: in fstab and mounted; present: in fstab; ephemeral: mounted only; unmounted: still in fstab; absent: neither, and its directory goes; absent_from_fstab: may stay mounted; remounted: mounted anew, each time.",
    },
    fstab: { type: "string", pattern: "^/", default: "/etc/fstab", description: "The file to keep it in." },
    boot: {
      type: "boolean",
      default: true,
      description: "false adds noauto to opts, if opts are given.",
    },
    backup: {
      type: "boolean",
      default: false,
      description: "Keep the file as it was, with the time in its name.",
    },
  },
};
