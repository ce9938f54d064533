import type { BulkVerb } from '../../../client';
import type { ListFilter, NewBatch } from '../../contract';
import { fieldText, readSignature, SignatureFields, TextField } from '../parts/fields';
import {
  type AskedBatch,
  bulkVerbs,
  bulkVerbTexts,
  DEFAULT_MAX,
  DEFAULT_RATE,
  isAboutSteps,
} from './asked-batch';
import { FilterText } from './filter-text';

interface Props {
  readonly asked: AskedBatch;
  readonly verb: BulkVerb;
  readonly onVerb: (verb: BulkVerb) => void;
  /** Called for each change: an estimate is outdated then. */
  readonly onChange: () => void;
}

/** What to do to which sagas, and who decides it. */
export function BatchForm({ asked: { filter, step }, verb, onVerb, onChange }: Props) {
  return (
    <div onInput={onChange}>
      <p>
        For <FilterText filter={filter} />.{' '}
        {filter.state === undefined && 'A saga that the action does not fit is left as it is.'}
      </p>
      <div class="field">
        <label for="field-verb">What to do</label>
        <select
          id="field-verb"
          autofocus
          value={verb}
          aria-describedby="verb-hint"
          onInput={(event) => onVerb(event.currentTarget.value as BulkVerb)}
        >
          {bulkVerbs.map((each) => (
            <option key={each} value={each}>
              {each}
            </option>
          ))}
        </select>
        <p class="hint" id="verb-hint">
          {bulkVerbTexts[verb]}
        </p>
      </div>
      {isAboutSteps(verb) && (
        <TextField
          name="step"
          label="Only this step"
          value={step ?? ''}
          hint="Empty: every stuck step."
          mono
        />
      )}
      <SignatureFields />
      <div class="pair">
        <NumberField name="perSecond" label="Sagas a second at most" value={DEFAULT_RATE} max={1_000} />
        <NumberField name="max" label="Sagas at most" value={DEFAULT_MAX} max={1_000_000} />
      </div>
    </div>
  );
}

interface NumberProps {
  readonly name: string;
  readonly label: string;
  readonly value: number;
  readonly max: number;
}

function NumberField({ name, label, value, max }: NumberProps) {
  return (
    <div class="field">
      <label for={`field-${name}`}>{label}</label>
      <input
        id={`field-${name}`}
        name={name}
        type="number"
        min={1}
        max={max}
        required
        defaultValue={String(value)}
      />
    </div>
  );
}

/** The batch as the form describes it. */
export function readBatch(form: HTMLFormElement, verb: BulkVerb, filter: ListFilter): NewBatch {
  const step = isAboutSteps(verb) ? fieldText(form, 'step') : '';
  return {
    verb,
    filter,
    ...readSignature(form),
    ...(step !== '' && { step }),
    perSecond: Number(fieldText(form, 'perSecond')),
    max: Number(fieldText(form, 'max')),
  };
}
