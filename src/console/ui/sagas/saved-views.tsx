import { useState } from 'preact/hooks';
import type { ListFilter } from '../../contract';
import { recall, remember } from '../memory';
import { fieldText } from '../parts/fields';
import { Words } from '../parts/words';
import { listHref, queryOf } from '../addresses';

/** A filter with a name. The browser keeps it as the address of a list. */
interface SavedView {
  readonly name: string;
  readonly href: string;
}

/** Filters that were given a name in this browser, and a way to name the one that is open. */
export function SavedViews({ filter }: { readonly filter: ListFilter }) {
  const [views, setViews] = useState(() => recall('views', areViews) ?? []);
  const keep = (next: readonly SavedView[]) => {
    setViews(next);
    remember('views', next);
  };
  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const form = event.currentTarget as HTMLFormElement;
    const name = fieldText(form, 'view-name');
    keep([...views.filter((view) => view.name !== name), { name, href: listHref(filter) }]);
    form.reset();
  };
  return (
    <section class="views" aria-label="Saved views">
      <ul>
        {views.map((view) => (
          <li key={view.name}>
            <a href={view.href} aria-current={view.href === listHref(filter) ? 'page' : undefined}>
              <Words text={view.name} />
            </a>
            <button
              type="button"
              class="quiet"
              aria-label={`Remove the view ${view.name}`}
              onClick={() => keep(views.filter((other) => other !== view))}
            >
              <span aria-hidden="true">✕</span>
            </button>
          </li>
        ))}
      </ul>
      {queryOf(filter) !== '' && (
        <details>
          <summary>Save this view</summary>
          <form class="actions" onSubmit={save}>
            <label for="view-name">Name</label>
            <input id="view-name" name="view-name" required maxLength={60} autocomplete="off" />
            <button type="submit">Save</button>
          </form>
        </details>
      )}
    </section>
  );
}

function areViews(value: unknown): value is readonly SavedView[] {
  return Array.isArray(value) && value.every(isView);
}

/** Only an address of a list: a link to anything else is not followed. */
function isView(value: unknown): value is SavedView {
  if (typeof value !== 'object' || value === null || !('name' in value) || !('href' in value)) return false;
  return typeof value.name === 'string' && typeof value.href === 'string' && value.href.startsWith('#/sagas');
}
