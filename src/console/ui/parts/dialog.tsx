import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';

interface Props {
  readonly title: string;
  /** The id of what says what will happen. */
  readonly describedBy?: string;
  readonly onClose: () => void;
  readonly children: ComponentChildren;
}

/** A modal dialog. When it closes, what opened it gets the focus back, or the heading if that is gone. */
export function Dialog({ title, describedBy, onClose, children }: Props) {
  const ref = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => {
    const opener = document.activeElement;
    const dialog = ref.current;
    dialog?.showModal();
    return () => {
      // While it is open, nothing behind it can have the focus.
      dialog?.close();
      const back = opener instanceof HTMLElement && opener.isConnected ? opener : undefined;
      (back ?? document.getElementById('heading'))?.focus();
    };
  }, []);
  return (
    <dialog ref={ref} aria-labelledby="dialog-title" aria-describedby={describedBy} onClose={onClose}>
      <header>
        <h2 id="dialog-title">{title}</h2>
        <button type="button" class="quiet" aria-label="Close" onClick={() => ref.current?.close()}>
          <span aria-hidden="true">✕</span>
        </button>
      </header>
      {children}
    </dialog>
  );
}
