import type { ListFilter } from '../../contract';
import { Code, Words } from '../parts/words';

/** A filter in words. */
export function FilterText({ filter: { workflow, state, where } }: { readonly filter: ListFilter }) {
  if (workflow === undefined && state === undefined && where === undefined) return <>all sagas</>;
  return (
    <>
      sagas{' '}
      {workflow !== undefined && (
        <>
          of <Words text={workflow} />{' '}
        </>
      )}
      {state !== undefined && <>in state {state} </>}
      {where !== undefined && (
        <>
          where <Code text={where} />
        </>
      )}
    </>
  );
}
