import type { CallOptions, Calls, ListOptions } from '../calls';
import type { List } from '../list';
import type {
  AccountingTransaction,
  AccountingUser,
  DepositDraft,
  Entry,
  Grant,
  GrantDraft,
  NewGrant,
  TransactionTokens,
  TrialBalance,
} from '../types/wire';

/** A payment. */
export interface Payment {
  /** Whom to pay: an e-mail address, or the name of a user or an organization. */
  readonly recipient: string;
  /** How much, in the ledger's unit, with at most six places. */
  readonly amount: number;
  /** The program it is made for. */
  readonly appName?: string | undefined;
  /** The endpoint it is made for. */
  readonly appEpPath?: string | undefined;
  /** What makes two calls one payment; made anew for each call unless given. */
  readonly idempotencyKey?: string | undefined;
}

/** Money: the account, payments, and who may charge; from {@link SyftHubClient.ledger}. */
export class Ledger {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** The signed-in user's account: what is left to spend, and what is set aside. */
  async balance(options?: CallOptions): Promise<AccountingUser> {
    return this.#calls.call('ledger.balance', {}, options);
  }

  /** The signed-in user's transactions, newest first. */
  history(options?: ListOptions): List<AccountingTransaction> {
    return this.#calls.list('ledger.history', options);
  }

  /** The transaction with this id, if the signed-in user is a party to it; else null. */
  async find(id: string, options?: CallOptions): Promise<AccountingTransaction | null> {
    return this.#calls.call('ledger.find', { transaction: id }, options);
  }

  /** Sets money aside for somebody. It moves when either of the two confirms. */
  async pay(payment: Payment, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('ledger.pay', payment, options);
  }

  /** Confirms a pending transaction: the money moves. */
  async confirm(id: string, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('ledger.confirm', { transaction: id }, options);
  }

  /** Cancels a pending transaction: the money goes back. */
  async cancel(id: string, options?: CallOptions): Promise<AccountingTransaction> {
    return this.#calls.call('ledger.cancel', { transaction: id }, options);
  }

  /** Tokens with which each of the owners may charge the signed-in user; what fails for one is said beside the others. */
  async transactionTokens(owners: string[], options?: CallOptions): Promise<TransactionTokens> {
    return this.#calls.call('ledger.transaction_tokens', { owners }, options);
  }

  /** The grants that the signed-in user gave, newest first. */
  grants(options?: ListOptions): List<Grant> {
    return this.#calls.list('ledger.grants', options);
  }

  /** Gives somebody leave to charge the signed-in user. The answer is the only one with the token. */
  async grant(draft: GrantDraft, options?: CallOptions): Promise<NewGrant> {
    return this.#calls.call('ledger.grant', { body: draft }, options);
  }

  /** Takes a grant back at once. What was charged stays charged. */
  async revoke(id: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('ledger.revoke', { grant: id }, options);
  }

  /** The lines of the signed-in user's account, newest first. */
  entries(options?: ListOptions): List<Entry> {
    return this.#calls.list('ledger.entries', options);
  }

  /** Brings money in, which administrators of the hub may do; the account after it. */
  async deposit(
    draft: DepositDraft,
    { idempotencyKey, signal }: CallOptions & { readonly idempotencyKey?: string | undefined } = {},
  ): Promise<AccountingUser> {
    return this.#calls.call('ledger.deposit', { body: draft, idempotencyKey }, { signal });
  }

  /** Whether the books of the hub are right, for its administrators. */
  async trialBalance(options?: CallOptions): Promise<TrialBalance> {
    return this.#calls.call('ledger.trial_balance', {}, options);
  }

  /**
   * All entries of the signed-in user's account as one text, oldest first.
   *
   * @param format `csv`, or `jsonl`: one JSON object a line.
   */
  async export(format: 'csv' | 'jsonl' = 'csv', options?: CallOptions): Promise<string> {
    return this.#calls.call('ledger.export', { format }, options);
  }
}
