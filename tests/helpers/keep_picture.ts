/**
 * Pictures of what a test saw, for a person to look at.
 *
 * @module
 */
import { join } from "node:path";
import type { Page } from "playwright-core";

const FOLDER = Deno.env.get("SAMOCODE_TEST_PICTURES");

/** Keeps one in the folder that `SAMOCODE_TEST_PICTURES` names; without it, none. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  if (FOLDER === undefined) return;
  await page.screenshot({ path: join(FOLDER, `${name.replace(/[^\w.-]+/g, "-")}.png`), fullPage: true });
}
