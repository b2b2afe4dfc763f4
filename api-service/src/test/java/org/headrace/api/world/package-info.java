/** Test support: logs made by hand, folded into the real views. */
@NullMarked
package org.headrace.api.world;

import org.jspecify.annotations.NullMarked;
