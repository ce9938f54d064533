import { Dialog } from './parts/dialog';
import { shortcuts, shortcutsOn, shortcutsShown, switchShortcuts } from './shortcuts';

/** Lists the keyboard shortcuts, and switches them off. */
export function ShortcutsDialog() {
  return (
    <Dialog title="Keyboard shortcuts" onClose={() => (shortcutsShown.value = false)}>
      <dl class="keys">
        {shortcuts.map(([keys, what]) => (
          <div key={what}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="confirm">
        <input
          type="checkbox"
          checked={shortcutsOn.value}
          onInput={(event) => switchShortcuts(event.currentTarget.checked)}
        />{' '}
        Shortcuts are on
      </label>
    </Dialog>
  );
}
