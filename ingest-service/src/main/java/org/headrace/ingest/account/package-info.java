/** Accounts: passwords, registration, sessions, devices, keys and account data. */
@NullMarked
package org.headrace.ingest.account;

import org.jspecify.annotations.NullMarked;
