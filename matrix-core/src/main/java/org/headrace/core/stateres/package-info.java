/** State resolution, versions 1, 2 and 2.1 (spec, room versions). */
@NullMarked
package org.headrace.core.stateres;

import org.jspecify.annotations.NullMarked;
