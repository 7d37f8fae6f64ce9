/**
 * Something in front of the page, closed by Escape, by a press beside it or by its button.
 *
 * @module
 */
import type { ComponentChildren, JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

interface DialogProps {
  readonly title: string;
  readonly close: () => void;
  readonly children: ComponentChildren;
  readonly kind?: string;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
}

/** Shows it as long as it is in the page. The browser keeps the focus inside and gives it back. */
export function Dialog({ title, close, children, kind = "", onKeyDown }: DialogProps): JSX.Element {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const { current } = element;
    current?.showModal();
    return () => current?.close();
  }, []);
  return (
    <dialog
      ref={element}
      class={`panel-dialog ${kind}`}
      aria-label={title}
      onClose={close}
      onKeyDown={onKeyDown}
      onClick={({ target, currentTarget }) => target === currentTarget && close()}
    >
      <div class="dialog-body">
        <header>
          <h2>{title}</h2>
          <button type="button" class="close" aria-label="Close" onClick={close}>×</button>
        </header>
        {children}
      </div>
    </dialog>
  );
}
