/** What the write side's Resources share: submitting commands, entropy, sizes. */
@NullMarked
package org.headrace.ingest.client;

import org.jspecify.annotations.NullMarked;
