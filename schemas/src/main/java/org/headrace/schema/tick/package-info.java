/** Ticks: tens of bytes that say a command was decided, or is visible. */
@NullMarked
package org.headrace.schema.tick;

import org.jspecify.annotations.NullMarked;
