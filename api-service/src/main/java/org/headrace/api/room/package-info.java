/** Reads of rooms: state, events, pages, members, aliases. */
@NullMarked
package org.headrace.api.room;

import org.jspecify.annotations.NullMarked;
