import type { CallOptions, Calls, ListOptions } from '../calls';
import type { List } from '../list';
import type { AccountingTransaction, AccountingUser } from '../types/wire';

/** Whose account at which accounting service. */
export interface ServiceAccount {
  /** The address of the service. */
  readonly url: string;
  /** The account's address, which is the user name there. */
  readonly email: string;
  /** The password there. */
  readonly password: string;
}

/** A payment at an accounting service. */
export interface ServicePayment {
  /** Whom to pay: an e-mail address. */
  readonly recipient: string;
  /** How much, in the service's unit. */
  readonly amount: number;
  /** The program it is made for. */
  readonly appName?: string | undefined;
  /** The endpoint it is made for. */
  readonly appEpPath?: string | undefined;
}

/**
 * An accounting service, with an account's own credentials there; from {@link SyftHubClient.accounting}. Payments at the
 * hub's own ledger need none: see {@link SyftHubClient.ledger}.
 */
export class AccountingService {
  readonly #calls: Calls;
  readonly #account: ServiceAccount;

  /** @internal */
  constructor(calls: Calls, account: ServiceAccount) {
    this.#calls = calls;
    this.#account = account;
  }

  /** The account. */
  async user(options?: CallOptions): Promise<AccountingUser> {
    return this.#calls.call('accounting.user', this.#with({}), options);
  }

  /** Sets a new password. This object goes on with the old one: make another. */
  async changePassword(current: string, next: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('accounting.change_password', this.#with({ current, new: next }), options);
  }

  /** Names the organization of the account. */
  async setOrganization(organization: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('accounting.set_organization', this.#with({ organization }), options);
  }

  /** The account's transactions, newest first. */
  transactions(options?: ListOptions): List<AccountingTransaction> {
    return this.#calls.list('accounting.transactions', this.#with({ ...options }));
  }

  /** The transaction with this id, if the account is a party to it. */
  async transaction(id: string, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('accounting.transaction', this.#with({ transaction: id }), options);
  }

  /** Sets money aside for somebody. It moves when either of the two confirms. */
  async pay(payment: ServicePayment, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('accounting.create', this.#with(payment), options);
  }

  /** Confirms a pending transaction: the money moves. */
  async confirm(id: string, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('accounting.confirm', this.#with({ transaction: id }), options);
  }

  /** Cancels a pending transaction: the money goes back. */
  async cancel(id: string, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('accounting.cancel', this.#with({ transaction: id }), options);
  }

  /** A token with which somebody may charge the account. */
  async token(recipient: string, options?: CallOptions): Promise<string> {
    return this.#calls.call('accounting.token', this.#with({ recipient }), options);
  }

  /** Charges somebody who gave leave with a token. */
  async charge(
    charge: { readonly sender: string; readonly amount: number; readonly token: string },
    options?: CallOptions,
  ): Promise<AccountingTransaction> {
    return this.#calls.call('accounting.charge', this.#with(charge), options);
  }

  #with<Args extends object>(args: Args): Args & { account: ServiceAccount } {
    return { ...args, account: this.#account };
  }
}
