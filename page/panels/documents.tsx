/**
 * The documents of a session, and its screenshots as a gallery.
 *
 * @module
 */
import type { JSX } from "preact";
import { formatBytes } from "../../src/text/format.ts";
import type { DocumentAnswer, DocumentRow } from "../../src/view/contract.ts";
import { Dialog } from "../dialog.tsx";
import { Html } from "../html.tsx";
import type { PanelApi, PanelProps } from "../panel.ts";
import { Moment } from "./moment.tsx";
import { Problem } from "./problem.tsx";
import { useAnswer } from "./use_answer.ts";

/** Shows a document, by default the newest one. */
export function Documents({ facts, api, place, go }: PanelProps): JSX.Element {
  // Agents write their documents before an iteration ends.
  const version = facts.storyVersion;
  const { answer: all, failure } = useAnswer<readonly DocumentRow[]>({ api }, { path: "documents", version });
  if (failure !== undefined) return <Problem failure={failure} />;
  if (all === undefined) return <p class="empty">Loading…</p>;
  const texts = all.filter(({ kind }) => kind !== "image");
  const images = all.filter(({ kind }) => kind === "image");
  if (all.length === 0) return <p class="empty">No documents yet</p>;
  const image = images.find(({ name }) => name === place);
  const shown = texts.find(({ name }) => name === place) ?? texts[0];
  return (
    <div class="lists-and-one">
      <nav class="document-list" aria-label="Documents">
        <ul>
          {texts.map((row) => (
            <li key={row.name}>
              <button
                type="button"
                aria-current={row.name === shown?.name ? "page" : undefined}
                onClick={() => go(row.name)}
              >
                <span class="name">{row.name}</span>
                <small>
                  <Moment at={row.at} /> · {formatBytes(row.bytes)}
                </small>
              </button>
            </li>
          ))}
        </ul>
      </nav>
      <div class="document-main">
        {images.length > 0 && <Gallery images={images} api={api} open={go} />}
        {shown !== undefined && <Text key={shown.name} row={shown} api={api} />}
      </div>
      {image !== undefined && <Large image={image} images={images} api={api} go={go} />}
    </div>
  );
}

function Text({ row, api }: { readonly row: DocumentRow; readonly api: PanelApi }): JSX.Element {
  const path = `documents/${encodeURIComponent(row.name)}`;
  const { answer, failure } = useAnswer<DocumentAnswer>({ api }, { path, version: Date.parse(row.at) });
  if (failure !== undefined) return <Problem failure={failure} />;
  return (
    <article class="card" aria-label={row.name} aria-busy={answer === undefined}>
      <h2 class="document-name">{row.name}</h2>
      {answer === undefined
        ? <p class="empty">Loading…</p>
        : <Html key={answer.at} class="document" html={answer.html} />}
    </article>
  );
}

interface GalleryProps {
  readonly images: readonly DocumentRow[];
  readonly api: PanelApi;
  readonly open: (name: string) => void;
}

function Gallery({ images, api, open }: GalleryProps): JSX.Element {
  return (
    <ul class="gallery" aria-label="Screenshots">
      {images.map(({ name }) => (
        <li key={name}>
          <button type="button" onClick={() => open(name)}>
            <img src={addressOf(api, name)} alt={name} loading="lazy" decoding="async" />
            <span class="name" aria-hidden="true">{name}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface LargeProps extends Pick<PanelProps, "api" | "go"> {
  readonly image: DocumentRow;
  readonly images: readonly DocumentRow[];
}

function Large({ image: { name, at, bytes }, images, api, go }: LargeProps): JSX.Element {
  const index = images.findIndex((image) => image.name === name);
  const before = images[index - 1]?.name;
  const after = images[index + 1]?.name;
  const move = (to: string | undefined): void => {
    if (to !== undefined) go(to);
  };
  return (
    <Dialog title={name} onClose={() => go("")}>
      <div
        class="large-image"
        onKeyDown={({ key }) => move(key === "ArrowLeft" ? before : key === "ArrowRight" ? after : undefined)}
      >
        <img src={addressOf(api, name)} alt={name} />
        <div class="actions">
          <button type="button" disabled={before === undefined} onClick={() => move(before)}>Before</button>
          <span class="image-facts">
            {index + 1} of {images.length} · <Moment at={at} /> · {formatBytes(bytes)}
          </span>
          <button type="button" disabled={after === undefined} onClick={() => move(after)}>After</button>
          <button type="button" onClick={() => go("")}>Close</button>
        </div>
      </div>
    </Dialog>
  );
}

function addressOf(api: PanelApi, name: string): string {
  return api.address(`images/${encodeURIComponent(name)}`);
}
