/**
 * The page itself: a shell with nothing of any session, its program and its look.
 *
 * @module
 */
import { join } from "node:path";
import { readTextIfExists } from "../system/files/files.ts";
import { HEADERS, plain } from "./answers.ts";

const SHELL = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<meta name="color-scheme" content="light dark">
<title>samocode</title>
<link rel="icon" href="/icon.svg">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<div id="page"></div>
<noscript>This page needs JavaScript.</noscript>
</body>
</html>
`;

const ICON =
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#3b5bdb"/>` +
  `<path d="M10 9l7 7-7 7M18 23h6" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`;

/** Where the bundle is. */
export interface PageFiles {
  /** The folder with `page.js` and `page.css`. */
  readonly folder: string;
}

/** Answers with a file of the page; `undefined` for any other path. */
export function staticFile({ folder }: PageFiles, path: string): Response | undefined {
  switch (path) {
    case "/":
      return file(SHELL, "text/html; charset=utf-8");
    case "/icon.svg":
      return file(ICON, "image/svg+xml");
    case "/page.js":
      return file(readTextIfExists(join(folder, "page.js")), "text/javascript; charset=utf-8");
    case "/page.css":
      return file(readTextIfExists(join(folder, "page.css")), "text/css; charset=utf-8");
    default:
      return undefined;
  }
}

function file(text: string | undefined, type: string): Response {
  if (text === undefined) return plain(404, "This part of the page is missing. Reinstall samocode");
  return new Response(text, { headers: { ...HEADERS, "content-type": type } });
}
