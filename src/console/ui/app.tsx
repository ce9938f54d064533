import { useEffect, useRef } from 'preact/hooks';
import { needsLogin } from './api';
import { askedBatch } from './batches/asked-batch';
import { BatchView } from './batches/batch-view';
import { BatchesView } from './batches/batches-view';
import { BulkDialog } from './batches/bulk-dialog';
import { connectionLost, followChanges } from './live';
import { LoginView } from './login-view';
import { DefinitionView } from './maps/definition-view';
import { OverviewView } from './overview/overview-view';
import { Heading } from './parts/page';
import type { Route } from './addresses';
import { route } from './route';
import { SagaView } from './saga/saga-view';
import { ListView } from './sagas/list-view';
import { shortcutsShown } from './shortcuts';
import { ShortcutsDialog } from './shortcuts-dialog';

const places = [
  { href: '#/', name: 'Overview', views: ['overview', 'map'] },
  { href: '#/sagas', name: 'Sagas', views: ['sagas', 'saga'] },
  { href: '#/batches', name: 'Batches', views: ['batches', 'batch'] },
] as const satisfies readonly { href: string; name: string; views: readonly Route['view'][] }[];

/** The console: navigation, and the view that the address names. */
export function App() {
  const now = route.value;
  const isIn = !needsLogin.value;
  const sagaId = now.view === 'saga' ? now.sagaId : undefined;
  useEffect(() => (isIn ? followChanges(sagaId) : undefined), [isIn, sagaId]);
  useHeadingFocus(isIn ? keyOf(now) : 'login');
  return (
    <>
      <a class="skip" href="#main" onClick={skipToMain}>
        Skip to the content
      </a>
      <header class="top">
        <a class="brand" href="#/">
          Unwind
        </a>
        {isIn && <Places view={now.view} />}
        <button type="button" class="quiet" onClick={() => (shortcutsShown.value = true)}>
          Shortcuts <kbd>?</kbd>
        </button>
      </header>
      <div role="status" class="connection">
        {isIn && connectionLost.value && (
          <p class="note warn">Connection lost, trying again. What is shown may be old.</p>
        )}
      </div>
      <main id="main" tabIndex={-1}>
        {isIn ? <View key={keyOf(now)} route={now} /> : <LoginView />}
      </main>
      {isIn && askedBatch.value && <BulkDialog asked={askedBatch.value} />}
      {shortcutsShown.value && <ShortcutsDialog />}
    </>
  );
}

function Places({ view }: { readonly view: Route['view'] }) {
  return (
    <nav aria-label="Main">
      <ul>
        {places.map(({ href, name, views }) => (
          <li key={href}>
            <a href={href} aria-current={views.some((each) => each === view) ? 'page' : undefined}>
              {name}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

function View({ route: now }: { readonly route: Route }) {
  switch (now.view) {
    case 'overview':
      return <OverviewView />;
    case 'sagas':
      return <ListView filter={now.filter} />;
    case 'saga':
      return <SagaView sagaId={now.sagaId} />;
    case 'map':
      return <DefinitionView workflow={now.workflow} />;
    case 'batches':
      return <BatchesView />;
    case 'batch':
      return <BatchView id={now.id} />;
    case 'unknown':
      return <Heading title="There is no such page" />;
  }
}

/** What makes it another view: a list with another filter is the same one. */
function keyOf(now: Route): string {
  if (now.view === 'saga') return `saga ${now.sagaId}`;
  if (now.view === 'map') return `map ${now.workflow}`;
  return now.view === 'batch' ? `batch ${now.id}` : now.view;
}

/** Another view takes the focus, so that a screen reader says which one; the first one does not. */
function useHeadingFocus(key: string): void {
  const last = useRef(key);
  useEffect(() => {
    if (last.current === key) return;
    last.current = key;
    window.scrollTo(0, 0);
    document.getElementById('heading')?.focus();
  }, [key]);
}

/** The address names the view, so the link cannot. */
function skipToMain(event: Event): void {
  event.preventDefault();
  document.getElementById('main')?.focus();
}
