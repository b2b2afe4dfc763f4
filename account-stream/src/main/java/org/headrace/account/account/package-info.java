/** The account state machine: decide and apply, pure (design D1, D2, D12). */
@NullMarked
package org.headrace.account.account;

import org.jspecify.annotations.NullMarked;
