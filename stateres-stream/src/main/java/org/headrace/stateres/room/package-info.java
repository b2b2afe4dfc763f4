/** The room's state machine: decide and apply, pure (design D1, D2, D5). */
@NullMarked
package org.headrace.stateres.room;

import org.jspecify.annotations.NullMarked;
