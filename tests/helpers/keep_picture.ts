/**
 * Pictures of what a test saw, for a person to look at.
 *
 * @module
 */
import { join } from "node:path";
import type { Page } from "playwright-core";

const FOLDER = join(import.meta.dirname ?? ".", "..", "..", "dist", "pictures");

/** A longer one says nothing more. In pixels. */
const MOST = 2_400;

/** Keeps one in `dist/pictures/`, in place of the last one of that name. */
export async function keepPicture(page: Page, name: string): Promise<void> {
  const { width, height }: { readonly width: number; readonly height: number } = await page.evaluate(
    "({ width: innerWidth, height: document.documentElement.scrollHeight })",
  );
  const clip = { x: 0, y: 0, width, height: Math.min(height, MOST) };
  await page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true, clip });
}
