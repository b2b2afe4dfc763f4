/** Rooms: creation, membership, events, receipts, typing and aliases. */
@NullMarked
package org.headrace.ingest.room;

import org.jspecify.annotations.NullMarked;
