import type { ListFilter, Overview } from '../../contract';
import { pushedOverview } from '../live';
import { fieldText } from '../parts/fields';
import { isSagaState, sagaStates } from '../parts/states';
import { listHref } from '../addresses';
import { useLoaded } from '../use-loaded';

/** Which sagas: it changes the address. */
export function FilterForm({ filter }: { readonly filter: ListFilter }) {
  const { data } = useLoaded<Overview>('/api/overview', pushedOverview.value);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    location.hash = listHref(readFilter(event.currentTarget as HTMLFormElement));
  };
  return (
    <form class="filter" role="search" aria-label="Filter sagas" onSubmit={submit}>
      <div class="field">
        <label for="filter-workflow">Workflow</label>
        <input
          id="filter-workflow"
          name="workflow"
          list="workflows"
          defaultValue={filter.workflow ?? ''}
          autocomplete="off"
          spellcheck={false}
          data-first-filter
        />
        <datalist id="workflows">
          {data?.workflows.map((workflow) => (
            <option key={workflow} value={workflow} />
          ))}
        </datalist>
      </div>
      <div class="field">
        <label for="filter-state">State</label>
        <select id="filter-state" name="state">
          <option value="">any</option>
          {sagaStates.map((state) => (
            <option key={state} value={state} selected={state === filter.state}>
              {state}
            </option>
          ))}
        </select>
      </div>
      <div class="field grow">
        <label for="filter-where">Temporal list filter</label>
        <input
          id="filter-where"
          name="where"
          class="mono"
          defaultValue={filter.where ?? ''}
          placeholder="SagaStuckStep = 'capture-payment'"
          autocomplete="off"
          spellcheck={false}
        />
      </div>
      <p class="actions">
        <button type="submit" class="primary">
          Filter
        </button>
        <a href="#/sagas">Clear</a>
      </p>
    </form>
  );
}

function readFilter(form: HTMLFormElement): ListFilter {
  const [workflow, state, where] = ['workflow', 'state', 'where'].map((name) => fieldText(form, name));
  return {
    ...(workflow && { workflow }),
    ...(state && isSagaState(state) && { state }),
    ...(where && { where }),
  };
}
