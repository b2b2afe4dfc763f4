/** Reads of accounts: profile, devices, keys, account data, filters, push rules. */
@NullMarked
package org.headrace.api.user;

import org.jspecify.annotations.NullMarked;
