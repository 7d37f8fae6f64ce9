/**
 * A home folder to install in, and shipped files that differ between versions.
 *
 * @module
 */
import { join } from "node:path";
import { installFiles, planSteps, type Step } from "../../../src/project/install/install_files.ts";
import { NO_MANIFEST, readManifest } from "../../../src/project/install/manifest.ts";
import type { Place } from "../../../src/project/install/place.ts";
import { shippedFiles } from "../../../src/prompt/shipped_files.ts";
import { TempFolder } from "../../helpers/temp_folder.ts";

const NOW = new Date("2026-11-20T05:00:00Z");

/** A home folder with a place to install in. */
export class InstallStage extends TempFolder {
  readonly home: string = this.folder("home");
  readonly shipped: string = this.folder("shipped");
  readonly place: Place = {
    label: "a place",
    root: join(this.home, ".claude"),
    boundary: this.home,
    parts: ["skills", "commands"],
  };

  constructor() {
    super();
    this.ship({ "skills/plan/SKILL.md": "plan 1", "skills/plan/more.md": "more 1", "commands/do.md": "do 1" });
  }

  /** Replaces the shipped files. */
  ship(files: Readonly<Record<string, string>>): void {
    Deno.removeSync(this.shipped, { recursive: true });
    this.folder("shipped");
    for (const [path, text] of Object.entries(files)) this.file(`shipped/${path}`, text);
  }

  install(force = false): readonly string[] {
    return described(installFiles(this.place, { files: this.files(), force, now: NOW }));
  }

  uninstall(force = false): readonly string[] {
    return described(installFiles(this.place, { files: [], force, now: NOW }));
  }

  preview(force = false): readonly string[] {
    return described(
      planSteps(this.place, { files: this.files(), force, now: NOW }, readManifest(this.place) ?? NO_MANIFEST),
    );
  }

  /** Writes a file in the place, as the user does. */
  own(path: string, text: string): void {
    this.file(`home/.claude/${path}`, text);
  }

  read(path: string): string {
    return Deno.readTextFileSync(join(this.place.root, path));
  }

  /** Everything in the home folder, with contents. */
  listing(): readonly string[] {
    return listingOf(this.home);
  }

  private files(): ReturnType<typeof shippedFiles> {
    return this.place.parts.flatMap((part) => shippedFiles(this.shipped, part));
  }
}

/** Every path below a folder, with the content of each file and the target of each link. */
export function listingOf(root: string, below = ""): readonly string[] {
  return [...Deno.readDirSync(join(root, below))].sort((a, b) => a.name < b.name ? -1 : 1).flatMap((entry) => {
    const path = join(below, entry.name);
    if (entry.isSymlink) return [`${path} -> ${Deno.readLinkSync(join(root, path))}`];
    if (entry.isDirectory) return [`${path}/`, ...listingOf(root, path)];
    return [`${path}: ${Deno.readTextFileSync(join(root, path))}`];
  });
}

function described(steps: readonly Step[]): readonly string[] {
  return steps.map((step) => {
    const because = "because" in step ? `, ${step.because}` : "";
    const backup = "backup" in step ? ` -> ${step.backup}` : "";
    return `${step.kind} ${step.path}${because}${backup}`;
  });
}
