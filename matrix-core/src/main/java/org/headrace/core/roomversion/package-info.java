/** Room versions as data, each derived from the one before (spec, "Room Versions"). */
@NullMarked
package org.headrace.core.roomversion;

import org.jspecify.annotations.NullMarked;
