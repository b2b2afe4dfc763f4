/** Sends what is queued: transactions, retries, backoff. */
@NullMarked
package org.headrace.sender.delivery;

import org.jspecify.annotations.NullMarked;
