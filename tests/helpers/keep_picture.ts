/**
 * Pictures of what a test saw, for a person to look at.
 *
 * @module
 */
import { join } from "node:path";
import type { Page } from "playwright-core";

const FOLDER = join(import.meta.dirname ?? ".", "..", "..", "dist", "pictures");

/** Keeps one in `dist/pictures/`, in place of the last one of that name. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true });
}
