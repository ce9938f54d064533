import { ParticipantError, Refusal } from '../src/participant';
import { SetupError } from '../src/worker';
import type { ProvisionErrorCode, ShopErrorCode, ShopRefusalCode } from './error-codes';

/** A service of the shop says no: see {@link Refusal}. */
export class ShopRefusal extends Refusal {
  constructor(code: ShopRefusalCode, message: string) {
    super(code, message);
  }
}

/** What was asked does not fit what a service's records say: see {@link ParticipantError}. */
export class ShopError extends ParticipantError {
  constructor(code: ShopErrorCode, message: string) {
    super(code, message);
  }
}

/** The services' databases cannot be set up as they are. Nothing was changed. */
export class ProvisionError extends SetupError<ProvisionErrorCode> {}
