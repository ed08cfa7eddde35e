import type { CallOptions, Calls } from '../calls';
import type { AuthConfig, PasswordChange, Registered, Registration, Tokens, User } from '../types/wire';

/** Who signs in: by e-mail address or by username. */
export type Login =
  | { readonly email: string; readonly password: string }
  | { readonly username: string; readonly password: string };

/** Signing up, in and out, and the caller's own account; from {@link SyftHubClient.auth}. */
export class Auth {
  readonly #calls: Calls;

  /** @internal */
  constructor(calls: Calls) {
    this.#calls = calls;
  }

  /** What the hub asks of those who sign up. */
  async config(options?: CallOptions): Promise<AuthConfig> {
    return this.#calls.call('auth.config', {}, options);
  }

  /**
   * Makes an account and signs in with it, unless the hub wants its address to be verified first.
   *
   * @throws {UserAlreadyExistsError} when the name or the address is taken.
   */
  async register(registration: Registration, options?: CallOptions): Promise<Registered> {
    return this.#calls.call('auth.register', { body: registration }, options);
  }

  /**
   * Signs in, and tells who that is.
   *
   * @throws {AuthenticationError} when the password does not match.
   */
  async login(login: Login, options?: CallOptions): Promise<User> {
    const { email, username = email, ...rest } = login as { email?: string; username?: string; password: string };
    return this.#calls.call('auth.login', { username, ...rest }, options);
  }

  /** Ends the session at the hub and forgets its tokens. Nobody being signed in is a success. */
  async logout(options?: CallOptions): Promise<void> {
    await this.#calls.call('auth.logout', {}, options);
  }

  /**
   * The signed-in user, as the hub knows them now.
   *
   * @throws {AuthenticationError} when nobody is signed in.
   */
  async me(options?: CallOptions): Promise<User> {
    return this.#calls.call('auth.me', {}, options);
  }

  /** Exchanges the session's tokens for new ones, which calls also do by themselves when they must. */
  async refresh(options?: CallOptions): Promise<Tokens> {
    return this.#calls.call('auth.refresh', {}, options);
  }

  /** Sets a new password. This session goes on, the user's other sessions end. */
  async changePassword(change: PasswordChange, options?: CallOptions): Promise<void> {
    await this.#calls.call('auth.change_password', { body: change }, options);
  }

  /** Proves a mailed code, which verifies the address, and signs in. */
  async verifyOtp(proof: { email: string; code: string }, options?: CallOptions): Promise<User> {
    return this.#calls.call('auth.verify_otp', proof, options);
  }

  /** Has a new code mailed. Whether the address is known is not told. */
  async resendOtp(email: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('auth.resend_otp', { email }, options);
  }

  /** Has a code mailed with which a new password can be set. Whether the address is known is not told. */
  async requestPasswordReset(email: string, options?: CallOptions): Promise<void> {
    await this.#calls.call('auth.request_password_reset', { email }, options);
  }

  /** Sets a new password with a mailed code. */
  async confirmPasswordReset(
    reset: { email: string; code: string; newPassword: string },
    options?: CallOptions,
  ): Promise<void> {
    await this.#calls.call('auth.confirm_password_reset', reset, options);
  }

  /** The session's tokens, to go on with later; null when nobody is signed in. Nothing is sent. */
  async tokens(): Promise<Tokens | null> {
    return this.#calls.call('session.tokens', {});
  }

  /** Whether calls are made in somebody's name. Nothing is sent. */
  async isSignedIn(): Promise<boolean> {
    return this.#calls.call('session.is_signed_in', {});
  }

  /** Goes on with the session of these tokens, or without one. Nothing is sent. */
  async resume(tokens: Tokens | null): Promise<void> {
    await this.#calls.call('session.set', { tokens });
  }
}
