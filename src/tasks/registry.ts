import type { Task } from "../core/task.ts";
import { apt } from "./apt/apt.ts";
import { copy } from "./copy/copy.ts";
import { dnf } from "./dnf/dnf.ts";
import { file } from "./file/file.ts";
import { haproxyConfig } from "./haproxy-config/haproxy-config.ts";
import { keepalivedConfig } from "./keepalived-config/keepalived-config.ts";
import { packageTask } from "./package/package.ts";
import { service } from "./service/service.ts";
import { sysctl } from "./sysctl/sysctl.ts";
import { systemd } from "./systemd/systemd.ts";
import { template } from "./template/template.ts";
import { yum } from "./yum/yum.ts";

/** Every module there is, in alphabetical order. */
export const tasks: readonly Task[] = [
  apt,
  copy,
  dnf,
  file,
  haproxyConfig,
  keepalivedConfig,
  packageTask,
  service,
  sysctl,
  systemd,
  template,
  yum,
];
